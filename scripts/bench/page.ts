// `npm run bench:page`: how soon a page is there for someone who has never been here, on a telephone's processor and
// line: largest paint, layout shift, bytes of JavaScript, beside a page of the same server that has next to nothing on it.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { createClient } from '#client';
import { launchBrowser } from '../../test/app/browser';
import { startSite, until, type Site } from '../../test/app/site';
import { table } from '../output';

const VISITS = 5;
/** 9 Mbit/s both ways, and the way there and back. */
const LINE = {
  downloadThroughput: 9e6 / 8,
  uploadThroughput: 9e6 / 8,
  latency: 60,
  offline: false,
};
const SLOWDOWN = 4;
/** Milliseconds after the page has loaded in which it may still move. */
const AFTER = 500;

const PAGES: [name: string, address: string][] = [
  ['floor: nothing here', '/nowhere'],
  ['start', '/'],
  ['search', '/?q=red+apple'],
  ['by date', '/?sort=newest'],
  ['of many shapes', '/?collection=shapes'],
];
/** Width and height; the rest of the library is square. */
const SHAPES = [
  [3, 2],
  [2, 3],
  [16, 9],
  [1, 1],
  [3, 4],
  [9, 16],
  [3, 1],
] as const;
const SHAPED = 90;

const WINDOWS = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

interface Seen {
  paints: { time: number; element: string }[];
  shift: number;
}

interface Visit {
  first: number;
  largest: number;
  element: string;
  shift: number;
  /** Kilobytes as they were sent. */
  scripts: number;
  all: number;
}

const site = await startSite();
const browser = await launchBrowser();
try {
  await addShapes(site);
  const rows = [];
  for (const [window, viewport] of Object.entries(WINDOWS)) {
    for (const [name, address] of PAGES) {
      // The first has the thumbnails made.
      await visit(browser, site.url + address, viewport);
      const visits = [];
      for (let n = 0; n < VISITS; n++) {
        visits.push(await visit(browser, site.url + address, viewport));
      }
      rows.push([window, name, ...figures(visits)]);
    }
  }
  const titles = ['first ms', 'largest ms', 'slowest', 'shift', 'JS kB', 'all kB', 'largest is'];
  console.log(table([['window', 'page', ...titles], ...rows]));
} finally {
  await browser.close();
  await site.close();
}

/** Rows of these fit together otherwise with each one that comes in. */
async function addShapes({ url, folder }: Site): Promise<void> {
  const shapes = path.join(folder, 'shapes');
  await mkdir(shapes);
  for (let n = 0; n < SHAPED; n++) {
    const [width, height] = SHAPES[n % SHAPES.length]!;
    const background = { r: (n * 37) % 256, g: (n * 91) % 256, b: (n * 53) % 256 };
    await sharp({ create: { width: 60 * width, height: 60 * height, channels: 3, background } })
      .jpeg()
      .toFile(path.join(shapes, `${n}.jpg`));
  }
  const api = createClient({ url });
  const parameters = { paths: [shapes], collection: 'shapes' };
  const { id } = await api.startJob({ kind: 'ingest', parameters });
  await until(async () => (await api.job(id)).endedAt !== null, 'the pictures of many shapes');
}

/** Medians, and the largest paint of the slowest visit. */
function figures(visits: Visit[]): string[] {
  const median = (of: keyof Omit<Visit, 'element'>) =>
    visits.map((one) => one[of]).sort((a, b) => a - b)[VISITS >> 1]!;
  return [
    median('first').toFixed(0),
    median('largest').toFixed(0),
    Math.max(...visits.map(({ largest }) => largest)).toFixed(0),
    Math.max(...visits.map(({ shift }) => shift)).toFixed(3),
    median('scripts').toFixed(0),
    median('all').toFixed(0),
    visits[0]!.element,
  ];
}

/** One visit with nothing cached. */
async function visit(
  browser: Browser,
  address: string,
  viewport: { width: number; height: number },
): Promise<Visit> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send('Network.enable');
  await tools.send('Network.emulateNetworkConditions', LINE);
  await tools.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
  await page.addInitScript(watch);
  await page.goto(address, { waitUntil: 'networkidle' });
  // On a busy machine files are there before the browser has painted.
  await until(() => page.evaluate(isPainted), `the largest paint of ${address}`);
  await page.waitForTimeout(AFTER);
  const { files, ...seen } = await page.evaluate(report);
  await context.close();
  const scripts = kilobytes(files.filter(({ name }) => /\.js(\?|$)/.test(name)));
  return { ...seen, scripts, all: kilobytes(files) };
}

/** In the page, before anything of it: notes paints and shifts. */
function watch(): void {
  const seen: Seen = { paints: [], shift: 0 };
  Object.assign(window, { seen });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { element?: Element })[]) {
      const { tagName = '?', textContent } = entry.element ?? {};
      const element = `${tagName.toLowerCase()} ${(textContent ?? '').slice(0, 30)}`.trim();
      seen.paints.push({ time: entry.startTime, element });
    }
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      seen.shift += (entry as never as { value: number }).value;
  }).observe({ type: 'layout-shift', buffered: true });
}

/** In the page: whether both paints that are reported were noted. */
function isPainted(): boolean {
  const { paints } = (window as never as { seen: Seen }).seen;
  return paints.length > 0 && performance.getEntriesByName('first-contentful-paint').length > 0;
}

/** In the page: what was noted, and every file that it fetched. */
function report() {
  const { paints, shift } = (window as never as { seen: Seen }).seen;
  const entries = [
    ...performance.getEntriesByType('navigation'),
    ...performance.getEntriesByType('resource'),
  ] as PerformanceResourceTiming[];
  return {
    first: performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
    largest: paints.at(-1)!.time,
    element: paints.at(-1)!.element,
    shift,
    files: entries.map(({ name, encodedBodySize }) => ({ name, bytes: encodedBodySize })),
  };
}

function kilobytes(files: { bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
}
