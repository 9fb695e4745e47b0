// Models, training and the map, used as a person would, in a real browser on one server: a run of training is
// started, stopped, resumed and compared, its model measured, taken into use and given back, the library mapped.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type Client } from '#client';
import { smallTargets, violations } from './accessibility';
import { chromiumPath, launchBrowser } from './browser';
import { SLOWEST_START, startSite, until, type Site } from './site';
import { Visits } from './visits';

/** Pictures of the test library that have captions. */
const CAPTIONED = 68;

describe.skipIf(chromiumPath === undefined)('managing', { timeout: SLOWEST_START }, () => {
  let site: Site;
  let browser: Browser;
  let api: Client;
  /** The run that is started in the page, and the short one whose model is used. */
  let long: string;
  let short: string;
  // The second engine answers 503 until its model is loaded; the page asks again.
  const visits = new Visits((error) => /503 .*\/api\/v1\/models\/\w+\/search\?/.test(error));

  beforeAll(async () => {
    [site, browser] = await Promise.all([startSite(), launchBrowser()]);
    api = createClient({ url: site.url });
  }, SLOWEST_START);
  afterEach(() => visits.end(browser));
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  async function open(address: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await visits.open(browser, site.url + address, options);
    page.setDefaultTimeout(SLOWEST_START / 4);
    return page;
  }
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const stepOf = async (run: string) => (await api.run(run)).step;

  it('shows what is in the data before a run, then starts it', async () => {
    const page = await open('/training');
    await page.getByText('No runs yet').waitFor();
    await page.getByRole('link', { name: 'New run' }).click();
    await page.getByLabel('Epochs').fill('500');
    await button(page, 'Look at the data').click();
    const report = page.getByRole('region', { name: 'What this run would see and take' });
    await report.getByText('Fewer than 200 pictures').waitFor();
    // A tenth of the captioned ones is held out; the two others are left out.
    expect(await report.getByText('61 · 7 · 0').isVisible()).toBe(true);
    expect(await report.getByText('2 pictures have no caption and are left out.').count()).toBe(1);
    expect(await report.getByText(/about .+ for [\d,]+ steps/).count()).toBe(1);
    await button(page, 'Start training').click();
    await page.waitForURL('**/training');
    await page.getByRole('link', { name: 'gallery' }).click();
    await page.waitForURL('**/training/2*');
    long = new URL(page.url()).pathname.split('/').at(-1)!;
    expect((await api.run(long)).settings).toMatchObject({ epochs: 500, seed: 0 });
  });

  it('draws its curves as they grow, with values by the arrow keys, and says the time left', async () => {
    const page = await open(`/training/${long}`);
    await page.getByText(/step \d+ of [\d,]+ · .+ left/).waitFor();
    const chart = page.getByRole('img', { name: 'Loss of the steps' });
    await chart.focus();
    await page.keyboard.press('Home');
    const [first] = (await api.run(long)).curves.metrics;
    await page.getByText('step 1', { exact: true }).waitFor();
    expect(await page.getByText(`Loss${first!.loss.toFixed(2)}`).count()).toBe(1);
    const length = () => chart.locator('path').last().getAttribute('d');
    const before = await length();
    await until(async () => (await length()) !== before, 'the curve to grow');
  });

  it('stops, and goes on from where it stopped', async () => {
    const page = await open(`/training/${long}`);
    await button(page, 'Stop').click();
    await button(page, 'Resume').waitFor();
    const stopped = await stepOf(long);
    expect((await api.run(long)).state).toBe('stopped');
    await button(page, 'Resume').click();
    await button(page, 'Stop').waitFor();
    await until(async () => (await stepOf(long)) > stopped, 'another step');
    await button(page, 'Stop').click();
    await button(page, 'Resume').waitFor();
    const steps = (await api.run(long)).curves.metrics.map(({ step }) => step);
    expect(new Set(steps).size).toBe(steps.length);
  });

  it('compares runs: curves over each other, what differs in front', async () => {
    const parameters = { collection: 'gallery', epochs: 1, holdout: 0, test: 0.2 };
    const { id } = await api.startJob({ kind: 'train', parameters });
    await until(async () => (await api.job(id)).endedAt !== null, 'the short run');
    expect((await api.job(id)).error).toBeNull();
    short = (await api.runs()).runs[0]!.name;
    expect(short).not.toBe(long);
    const page = await open('/training');
    for (const name of [short, long]) await page.getByLabel(`Choose run ${name}`).check();
    await page.getByRole('link', { name: 'Compare 2 runs' }).click();
    await page.getByRole('heading', { name: 'Runs compared' }).waitFor();
    const chart = page.getByRole('img', { name: 'Loss of the steps' });
    expect(await chart.locator('g[data-tone] > path').count()).toBe(2);
    const epochs = page.getByRole('row', { name: 'Epochs' });
    expect(await epochs.getAttribute('data-differs')).toBe('true');
    expect(await epochs.getByRole('cell').allTextContents()).toEqual(['1', '500']);
  });

  it('puts recall before and after in front of the button that lets a model serve', async () => {
    const { report } = await api.run(short);
    const page = await open(`/training/${short}`);
    const table = page.getByRole('table').filter({ hasText: 'Chance' });
    const mean = report!.test!.after.meanRecall.value;
    await table
      .getByText(`${(100 * mean).toFixed(1)} %`)
      .first()
      .waitFor();
    const above = (await table.boundingBox())!;
    const use = (await button(page, 'Use this model').boundingBox())!;
    expect(use.y).toBeGreaterThanOrEqual(above.y + above.height);
    await button(page, 'Use this model').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Use this model' }).click();
    await page.getByText('Searches use this model.').waitFor();
    expect((await api.status()).model).toBe(short);
  });

  it('asks two models side by side, and goes back to the one before', async () => {
    const page = await open('/models');
    await page.getByLabel('Words').fill('guitar');
    await button(page, 'Compare').click();
    const columns = page.locator('ol');
    await columns.nth(1).getByRole('img').first().waitFor();
    for (const column of [0, 1]) {
      expect(await columns.nth(column).getByRole('img').count()).toBe(12);
    }
    const { models, previous } = await api.models();
    expect(models.map(({ name, serves }) => [name, serves])).toContainEqual([short, true]);
    const { hits } = await api.searchModel(models[0]!.fingerprint, { q: 'guitar' });
    const first = columns.first().getByRole('img').first();
    expect(await first.getAttribute('alt')).toBe(hits[0]!.label);
    expect(previous).toBe('starter');
    await button(page, 'Back to starter').click();
    await page.getByRole('listitem').filter({ hasText: 'Serves' }).getByText('starter').waitFor();
    await until(async () => (await api.status()).model === 'starter', 'the way back');
  });

  it('measures recall on captions of the library, and forgets what a model has embedded', async () => {
    const page = await open('/models');
    const card = (name: string) =>
      page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) });
    await card('starter').getByRole('button', { name: 'Measure recall' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Measure recall' }).click();
    await card('starter').getByText(`Recall on ${CAPTIONED} of gallery`).waitFor();
    const recall = (await api.models()).models.find(({ name }) => name === 'starter')!.recall!;
    expect(recall.mean).toBeGreaterThan(0.5);
    expect(
      await card('starter')
        .getByText(`${(100 * recall.mean).toFixed(1)} %`)
        .count(),
    ).toBe(1);
    await card(short).getByRole('button', { name: 'Forget embeddings' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget embeddings' }).click();
    await card(short).getByText('0 pictures embedded').waitFor();
  });

  it('lays the pictures out, shows more of them the nearer one comes, and searches from there', async () => {
    const page = await open('/map');
    await button(page, 'Lay out 70 pictures').click();
    const pictures = page.locator('a[data-item]');
    await until(async () => (await pictures.count()) > 10, 'pictures on the map');
    // By its number: their order in the page becomes that of reading a moment after they have come.
    const id = await pictures.first().getAttribute('data-item');
    const picture = page.locator(`a[data-item="${id}"]`);
    const { x: left, width: side } = (await picture.boundingBox())!;
    await page.getByRole('application').focus();
    await page.keyboard.press('ArrowRight');
    await until(async () => (await picture.boundingBox())!.x < left - 50, 'the map to move');
    await page.keyboard.press('0');
    for (let press = 0; press < 6; press++) await button(page, 'Zoom in').click();
    // The first may be one that is leaving.
    const larger = async () => ((await pictures.first().boundingBox())?.width ?? 0) > side;
    await until(larger, 'larger pictures');
    await page.waitForFunction(() => window.location.hash.split(',').length === 3);
    await button(page, 'Show all').click();
    await picture.click();
    await page.getByRole('link', { name: 'More like this' }).click();
    await page.waitForURL(`**/?like=${id}`);
  });

  it('takes out of the map what has left the library, and works on a phone', async () => {
    const { map } = await api.map();
    const [gone] = new Uint32Array(new Uint8Array(Buffer.from(map!.ids, 'base64')).buffer);
    await api.forgetItems([gone!]);
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    const page = await open('/map', phone);
    await page.getByText('Since it was laid out: 0 added, 1 gone.').waitFor();
    await button(page, 'Update').click();
    await page.getByText('69 pictures: those near each other look alike.').waitFor();
    await until(async () => (await api.map()).gone === 0, 'the map without it');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(390);
  });

  it('speaks Chinese, fits a phone and passes the rules of WCAG AA, light and dark', async () => {
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    for (const [address, title] of [
      ['/training', '训练'],
      [`/training/${short}`, 'gallery'],
      [`/training/compare?runs=${short},${long}`, '训练比较'],
      ['/training/new', '新'],
      ['/models', '模型'],
      ['/map', '地图'],
    ] as const) {
      const chinese = { ...phone, locale: 'zh-CN', colorScheme: 'dark' } as const;
      const [wide, narrow] = await Promise.all([open(address), open(address, chinese)]);
      await narrow.getByRole('heading', { level: 1 }).getByText(title).waitFor();
      expect(await narrow.locator('html').getAttribute('lang')).toBe('zh');
      for (const page of [wide, narrow]) {
        expect([address, await violations(page)]).toEqual([address, []]);
      }
      expect([address, await smallTargets(narrow)]).toEqual([address, []]);
      expect(await narrow.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      await Promise.all([wide.context().close(), narrow.context().close()]);
    }
  });

  it('has no run and no model of a name that is not there', async () => {
    await expect(api.run('20200101-000000-1')).rejects.toMatchObject({ status: 404 });
    await expect(api.searchModel('0'.repeat(64), { q: 'a' })).rejects.toMatchObject({
      status: 404,
    });
    const refused = { kind: 'train' as const, parameters: { collection: 'gallery', epochs: -1 } };
    await expect(api.startJob(refused)).rejects.toMatchObject({ status: 400 });
    const response = await fetch(`${site.url}/api/v1/map/pictures?ids=1,x`);
    expect(response.status).toBe(400);
    const page = await (await browser.newContext()).newPage();
    const answer = await page.goto(`${site.url}/training/nowhere`);
    expect(answer?.status()).toBe(404);
  });
});
