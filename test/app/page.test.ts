// The search page, used as a person would, in a real browser over a real library.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { smallTargets, violations } from './accessibility';
import { chromiumPath, launchBrowser } from './browser';
import { PICTURES } from './library';
import { SLOWEST_START, startEmptySite, startSite, until, type Site } from './site';
import { Visits } from './visits';

describe.skipIf(chromiumPath === undefined)('the search page', () => {
  let site: Site;
  let browser: Browser;
  const visits = new Visits();

  beforeAll(async () => {
    [site, browser] = await Promise.all([startSite(), launchBrowser()]);
  }, SLOWEST_START);
  afterEach(() => visits.end(browser));
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  const open = (address: string, options: BrowserContextOptions = {}) =>
    visits.open(browser, site.url + address, options);
  const tiles = (page: Page) => page.locator('main li img');
  /** All that one sees on the way down a list, and where one then is. */
  const passed = (page: Page) =>
    page.evaluate(async () => {
      const seen = new Set<string>();
      for (let top = 0; top < document.documentElement.scrollHeight; top += window.innerHeight) {
        window.scrollTo(0, top);
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        for (const image of document.querySelectorAll('main li img')) {
          seen.add(image.getAttribute('src')!);
        }
      }
      return [...seen];
    });
  const terms = (page: Page) => page.getByRole('list', { name: 'Terms of the search' });
  const words = (page: Page) => page.getByRole('searchbox');
  const title = (page: Page) => page.getByRole('heading', { level: 1 });
  const picture = (name: string) => path.join(site.folder, `${name}.webp`);

  it('starts with pictures of the library and the cursor in the box', async () => {
    const page = await open('/');
    expect(await words(page).evaluate((input) => input === document.activeElement)).toBe(true);
    expect(await tiles(page).count()).toBe(60);
    expect(await page.getByText(`${PICTURES} pictures`).isVisible()).toBe(true);
    await page.getByRole('link', { name: 'red fruit', exact: true }).click();
    await title(page).getByText('Pictures for “red fruit”').waitFor();
  });

  it('finds pictures for typed words, and all of them load', async () => {
    const page = await open('/');
    await page.keyboard.type('a guitar');
    await page.keyboard.press('Enter');
    await title(page).getByText('Pictures for “a guitar”').waitFor();
    expect(new URL(page.url()).search).toBe('?q=a+guitar');
    await page.locator('main li:nth-child(-n + 6) img[alt=guitar]').waitFor();
    const shown = await tiles(page)
      .first()
      .evaluate(async (image: HTMLImageElement) => {
        await image.decode();
        return image.naturalWidth;
      });
    expect(shown).toBeGreaterThan(100);
  });

  it('finds texts, and a text that is the query itself first', async () => {
    const page = await open('/?q=guitar');
    await page.getByRole('link', { name: 'Texts' }).click();
    await title(page).getByText('Texts for “guitar”').waitFor();
    expect(new URL(page.url()).searchParams.get('in')).toBe('text');
    expect(await page.locator('main li[data-hit]').first().innerText()).toBe('guitar');
  });

  it('searches by a picked picture: itself first, then texts, and Back', async () => {
    const page = await open('/');
    await page.setInputFiles('input[type=file]', picture('guitar'));
    await title(page).getByText('Pictures like this one').waitFor();
    expect(await tiles(page).first().getAttribute('alt')).toBe('guitar');
    await page.getByRole('link', { name: 'Texts' }).click();
    await title(page).getByText('Texts that fit this picture').waitFor();
    expect(await page.locator('main li[data-hit]').count()).toBeGreaterThan(10);
    await page.goBack();
    await title(page).getByText('Pictures like this one').waitFor();
    await page.getByRole('link', { name: 'Remove the picture' }).click();
    await title(page).getByText('Words find pictures').waitFor();
  });

  it('takes dropped and pasted pictures, and refuses what is none', async () => {
    const page = await open('/');
    await give(page, 'drop', 'bicycle.webp', 'image/webp', readFileSync(picture('bicycle')));
    await title(page).getByText('Pictures like this one').waitFor();
    expect(await tiles(page).first().getAttribute('alt')).toBe('bicycle');
    await give(page, 'paste', 'guitar.webp', 'image/webp', readFileSync(picture('guitar')));
    await page.locator('main li:first-child img[alt=guitar]').waitFor();
    await give(page, 'drop', 'notes.txt', 'text/plain', Buffer.from('hello'));
    await page.getByText('notes.txt is not a picture.').waitFor();
  });

  it('is steered by a hit, live: more like it, less like it, each with a weight', async () => {
    const page = await open('/?q=bicycle');
    const tile = page.locator('main li').first();
    const label = (await tile.locator('img').getAttribute('alt')) ?? '';
    await tile.hover();
    await tile.getByRole('link', { name: 'More like' }).click();
    await title(page).getByText('Pictures like this one, with “bicycle”').waitFor();
    expect(new URL(page.url()).searchParams.get('like')).toMatch(/^\d+$/);
    expect(await terms(page).locator('img').getAttribute('alt')).toBe(label);
    expect(await page.locator(`main li img[alt="${label}"]`).count()).toBe(0);
    await page.locator('main li').first().getByRole('link', { name: 'Less like' }).click();
    await page.waitForURL(/unlike=\d+(&|$)/);
    await terms(page).getByRole('slider').nth(1).press('ArrowRight');
    await page.waitForURL(/unlike=\d+%5E0\.6/);
    await page.goBack();
    await page.waitForURL(/unlike=\d+(&|$)/);
  });

  it('takes words behind a minus as terms, which can be removed', async () => {
    const page = await open('/');
    await page.keyboard.type('apple -"red apple" -tree');
    await page.keyboard.press('Enter');
    await title(page).getByText('without “red apple”, without “tree”').waitFor();
    expect(await words(page).inputValue()).toBe('apple');
    const { searchParams } = new URL(page.url());
    expect([searchParams.get('q'), searchParams.getAll('not')]).toEqual([
      'apple',
      ['red apple', 'tree'],
    ]);
    await terms(page).getByRole('link', { name: 'Remove: without “tree”' }).click();
    await page.waitForURL((url) => url.searchParams.getAll('not').join() === 'red apple');
  });

  it('marks where results stop being related, and says what brought them', async () => {
    const page = await open('/?q=guitar');
    const boundary = page.getByRole('heading', { name: 'Below here, probably unrelated' });
    expect(await boundary.count()).toBe(1);
    const related = page.locator('main section').first().locator('li');
    expect(await related.count()).toBeLessThan(PICTURES / 2);
    const guitar = related.filter({ has: page.locator('img[alt=guitar]') });
    expect(await guitar.getByText('Caption', { exact: true }).count()).toBe(1);
  });

  it('narrows results by facets with their counts, and widens them again', async () => {
    const page = await open('/?q=drawing');
    await page.getByRole('button', { name: 'Filters' }).click();
    const svg = page.getByRole('link', { name: 'svg 1', exact: true });
    await svg.click();
    await page.waitForURL(/format=svg/);
    await until(async () => (await tiles(page).count()) === 1, 'the one SVG');
    // What else there is stays in sight.
    await page.getByRole('link', { name: `webp ${PICTURES - 2}`, exact: true }).waitFor();
    await page.getByRole('link', { name: 'Remove: svg' }).click();
    await until(async () => (await passed(page)).length >= 60, 'all pictures');
    const month = page.getByRole('link', { name: 'June 2021 1', exact: true });
    await month.click();
    await page.getByRole('link', { name: 'Remove: June 2021' }).waitFor();
    expect(await month.getAttribute('aria-current')).toBe('true');
    // Dates as one writes them: no such month, then two years.
    await page.getByLabel('From').fill('2021-13');
    await page.getByLabel('To (not included)').fill('2022');
    await page.keyboard.press('Enter');
    expect(
      await page.getByLabel('From').evaluate((it: HTMLInputElement) => it.validity.valid),
    ).toBe(false);
    await page.getByLabel('From').fill('2021');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Remove: 1 Jan 2021 – 1 Jan 2022' }).waitFor();
    expect(await tiles(page).count()).toBe(1);
  });

  it('shows a picture over the page: by keys, by its address, with its neighbours', async () => {
    const page = await open('/?q=guitar');
    await page.keyboard.press('ArrowDown');
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-tile'));
    const first = await focused();
    await page.keyboard.press('ArrowRight');
    const second = await focused();
    expect(second).not.toBe(first);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Picture details' });
    await dialog.getByRole('heading', { level: 2 }).waitFor();
    expect(new URL(page.url()).searchParams.get('item')).toBe(second);
    await page.keyboard.press('ArrowLeft');
    await page.waitForURL((url) => url.searchParams.get('item') === first);
    expect(await dialog.getByRole('button', { name: 'Next picture' }).isVisible()).toBe(true);
    // There is none before the first.
    expect(await dialog.getByRole('button', { name: 'Previous picture' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await until(async () => (await dialog.count()) === 0, 'the dialog to close');
    await page.waitForURL((url) => url.search === '?q=guitar');
    expect(await focused()).toBe(first);

    const shared = await open(`/?q=guitar&item=${first}`);
    const picture = shared.getByRole('dialog').locator('img').first();
    await until(
      () => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0),
      'the picture',
    );
    expect(await shared.getByRole('dialog').getByRole('link').count()).toBeGreaterThan(12);
  });

  it('goes to the next picture and back by a finger', async () => {
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
    const page = await open('/?q=guitar', phone);
    const tile = page.locator('[data-tile]');
    // In the address and on the page: a finger that comes between the two would still be over the one before.
    const shows = async (at: number, timeout: number) => {
      const item = await tile.nth(at).getAttribute('data-tile');
      await page.waitForURL((url) => url.searchParams.get('item') === item, { timeout });
      const picture = page.getByRole('dialog').locator(`img[src*="/items/${item}/"]`);
      await picture.first().waitFor();
    };
    await tile.first().tap();
    await page.getByRole('dialog').getByRole('heading', { level: 2 }).waitFor();
    await shows(0, 10_000);
    const fingers = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: object[]) =>
      fingers.send('Input.dispatchTouchEvent', { type, touchPoints: touchPoints as never });
    for (const [from, to, at] of [
      [300, 100, 1],
      [100, 300, 0],
    ] as const) {
      const swipe = async () => {
        await touch('touchStart', { x: from, y: 250 });
        await touch('touchMove', { x: to, y: 260 });
        await touch('touchEnd');
        await shows(at, 5_000);
      };
      // A browser without time for a touch cancels it; then a finger tries again.
      await swipe().catch(swipe);
    }
  });

  it('shows where in a picture the match lies', async () => {
    const page = await open('/?q=guitar');
    await page.locator('main img[alt=guitar]').click();
    await page.getByRole('button', { name: 'Where it shows: guitar' }).click();
    await page.getByText('Brighter where the picture speaks').waitFor({ timeout: 60_000 });
    const layer = page.getByRole('dialog').locator('img[src*="/why?words=guitar"]');
    const size = await layer.evaluate((image: HTMLImageElement) => image.naturalWidth);
    expect(size).toBe(320);
  });

  it('shows a collection by date, and searches within it by relevance', async () => {
    const page = await open('/library');
    await page.getByRole('link', { name: 'gallery' }).click();
    await title(page).getByText('gallery', { exact: true }).waitFor();
    expect(await page.getByText(`${PICTURES} pictures`, { exact: true }).isVisible()).toBe(true);
    const months = page.getByRole('heading', { level: 2 });
    expect(await months.allTextContents()).toEqual(['June 2021', 'Without a date']);
    expect(await tiles(page).first().getAttribute('alt')).toBe('wide sky.jpg');
    await until(async () => (await passed(page)).length === PICTURES, 'all pictures');
    await words(page).fill('guitar');
    await page.keyboard.press('Enter');
    await title(page).getByText('Pictures for “guitar”').waitFor();
    expect(new URL(page.url()).search).toBe('?q=guitar&collection=gallery');
    const first = page.locator('main li:first-child img').first();
    expect(await first.getAttribute('alt')).toBe('guitar');
  });

  it('loads more as one scrolls, each picture once', async () => {
    const page = await open('/?q=food');
    await until(async () => (await passed(page)).length === PICTURES, 'all pictures');
    expect(await page.getByRole('link', { name: 'Show more' }).count()).toBe(0);
    // Back leads to where one was: to all pictures, and to the place among them.
    const last = page.locator('main li').last();
    await last.scrollIntoViewIfNeeded();
    const top = await page.evaluate(() => window.scrollY);
    expect(top).toBeGreaterThan(1000);
    await last.hover();
    await last.getByRole('link', { name: 'More like' }).click();
    await title(page).getByText('Pictures like this one, with “food”').waitFor();
    expect(await page.evaluate(() => window.scrollY)).toBe(0);
    await page.goBack();
    await title(page).getByText('Pictures for “food”').waitFor();
    await until(() => page.evaluate((top) => window.scrollY === top, top), 'the same place');
    expect(await passed(page)).toHaveLength(PICTURES);
  });

  it('is painted when all of it is there, so that rows do not move as more of them come in', async () => {
    const html = await (await fetch(`${site.url}/?q=tree`)).text();
    const [head, body] = html.split('</head>');
    expect(head).toContain('<link rel="expect" href="#end" blocking="render"');
    expect(body!.indexOf('<span id="end"')).toBeGreaterThan(body!.indexOf('</main>'));
  });

  it('speaks the language of the browser, and the other one when asked', async () => {
    const page = await open('/?q=guitar', { locale: 'zh-CN' });
    await title(page).getByText('“guitar”的图片').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh');
    await page.getByRole('button', { name: 'English' }).click();
    await title(page).getByText('Pictures for “guitar”').waitFor();
  });

  it('gives the same results to whoever opens the address, and follows Back', async () => {
    const [one, two] = await Promise.all([open('/?q=tree'), open('/?q=tree')]);
    expect(await passed(two)).toEqual(await passed(one));
    await words(one).fill('boat');
    await one.keyboard.press('Enter');
    await title(one).getByText('“boat”').waitFor();
    await one.goBack();
    await title(one).getByText('“tree”').waitFor();
    expect(await words(one).inputValue()).toBe('tree');
  });

  it('says what keys do at "?", and puts the cursor into the box at "/", except while typing', async () => {
    const page = await open('/?q=tree');
    await words(page).blur();
    await page.keyboard.press('?');
    const keys = page.getByRole('dialog', { name: 'Keys' });
    await keys.getByText('To the search box').waitFor();
    await page.keyboard.press('Escape');
    await keys.waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    expect(await words(page).evaluate((input) => input === document.activeElement)).toBe(true);
    await page.keyboard.type('and/or');
    expect(await words(page).inputValue()).toBe('and/or');
  });

  it('can be used from the keyboard alone', async () => {
    const page = await open('/?q=tree');
    const focused = () =>
      page.evaluate(() => {
        const it = document.activeElement!;
        return it.getAttribute('aria-label') ?? it.textContent;
      });
    const order = [];
    for (let press = 0; press < 8; press++) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    const pages = ['Search', 'Library', 'Models', 'Training', 'Map'];
    expect(order).toEqual(['Skip to the content', 'Bifocal, to the start', ...pages, '中文']);
    await page.getByRole('link', { name: 'Skip to the content' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('Filters');
    await page.keyboard.press('ArrowDown');
    await words(page).focus();
    await page.keyboard.press('ArrowDown');
    // Plus steers from the tile itself.
    await page.keyboard.press('+');
    await title(page).getByText('Pictures like this one, with “tree”').waitFor();
  });

  it('searches by words without JavaScript', async () => {
    const page = await open('/', { javaScriptEnabled: false });
    await words(page).fill('tree');
    await page.getByRole('button', { name: 'Search' }).click();
    await title(page).getByText('Pictures for “tree”').waitFor();
    await until(async () => (await tiles(page).count()) === 60, 'a page of pictures');
    await page.getByRole('link', { name: 'Show more' }).click();
    await page.waitForURL(/offset=60/);
    await until(async () => (await tiles(page).count()) === PICTURES - 60, 'the rest');
    await page.getByRole('link', { name: 'Texts' }).click();
    await title(page).getByText('Texts for “tree”').waitFor();
  });

  it('says so when a picture is not part of a link', async () => {
    const page = await open('/?picture=abc');
    expect(await page.getByText('The picture is not part of the link').isVisible()).toBe(true);
  });

  it('says what is wrong with an address', async () => {
    const page = await open('/?q=tree&collection=nowhere');
    expect(await page.getByText('no collection is named nowhere').isVisible()).toBe(true);
  });

  it('draws dark on dark systems and fits a phone', async () => {
    const phone = { viewport: { width: 360, height: 740 } };
    const ground = (page: Page) =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await open('/?q=tree', { ...phone, colorScheme: 'light' });
    const dark = await open('/?q=tree', { ...phone, colorScheme: 'dark' });
    expect(await ground(light)).toBe('rgb(251, 250, 248)');
    expect(await ground(dark)).toBe('rgb(20, 19, 17)');
    for (const page of [light, dark, await open('/', phone)]) {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    }
  });

  it('has every page in reach on a phone, without JavaScript too', async () => {
    const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
    const page = await open('/', { ...phone, javaScriptEnabled: false });
    const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
    expect(await links.count()).toBe(5);
    for (const link of await links.all()) {
      const { x, y, width, height } = (await link.boundingBox())!;
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
      expect([x >= 0, x + width <= 360, y + height <= 740]).toEqual([true, true, true]);
    }
    await links.last().tap();
    await page.waitForURL('**/map');
  });

  it('passes the rules of WCAG AA, light and dark, wide and on a phone', async () => {
    const states = [
      '/',
      '/?q=tree&not=green&like=1&facets=1',
      '/?q=tree&in=text',
      '/?collection=gallery',
      '/?q=guitar&item=1',
      '/api/docs',
      '/nowhere',
    ];
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
    const calm = { reducedMotion: 'reduce' } as const;
    for (const address of states) {
      const [wide, narrow] = await Promise.all([
        open(address, { ...calm, colorScheme: 'light' }),
        open(address, { ...calm, ...phone, colorScheme: 'dark', locale: 'zh-CN' }),
      ]);
      expect([address, await violations(wide)]).toEqual([address, []]);
      expect([address, await violations(narrow)]).toEqual([address, []]);
      if (address !== '/nowhere') {
        expect([address, await smallTargets(narrow)]).toEqual([address, []]);
        // Nothing hovers there: what steers is in sight on every picture, however narrow.
        const steers = narrow.locator('[data-steer=like]');
        expect(await steers.count()).toBe(
          await narrow.locator('[data-steer=like]:visible').count(),
        );
        expect(await narrow.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
        expect(await narrow.evaluate(() => document.getAnimations().length)).toBe(0);
      }
      await Promise.all([wide.context().close(), narrow.context().close()]);
    }
    visits.errors.splice(0).forEach((error) => expect(error).toContain('404'));
  });

  it('waits for an engine that died, and then shows the results by itself, more of them too', async () => {
    const before = await open('/?q=tree');
    process.kill(enginePid(site), 'SIGKILL');
    await before.mouse.wheel(0, 9000);
    const page = await open('/?q=boat');
    await until(async () => (await passed(before)).length === PICTURES, 'the rest');
    await title(page).getByText('Pictures for “boat”').waitFor({ timeout: 60_000 });
    visits.errors.length = 0;
  });
});

describe.skipIf(chromiumPath === undefined)('the page of an empty library', () => {
  it('says how to bring pictures in', async () => {
    const [site, browser] = await Promise.all([startEmptySite(), launchBrowser()]);
    try {
      const page = await browser.newPage();
      await page.goto(site.url);
      await page.getByText('No pictures yet').waitFor();
      expect(await page.getByText('npx bifocal ingest').isVisible()).toBe(true);
    } finally {
      await browser.close();
      await site.close();
    }
  });
});

/** Drops or pastes a file onto the page, as the browser would report it. */
async function give(page: Page, how: 'drop' | 'paste', name: string, type: string, bytes: Buffer) {
  await page.evaluate(
    ({ how, name, type, base64 }) => {
      const data = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([data], name, { type }));
      const options = { bubbles: true, cancelable: true };
      window.dispatchEvent(
        how === 'drop'
          ? new DragEvent('drop', { ...options, dataTransfer: transfer })
          : new ClipboardEvent('paste', { ...options, clipboardData: transfer }),
      );
    },
    { how, name, type, base64: bytes.toString('base64') },
  );
}

/** The engine is the server's one descendant that runs child.ts. */
function enginePid({ server }: Site): number {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)!)
    .map(([, pid, parent, command]) => ({ pid: Number(pid), parent: Number(parent), command }));
  const family = new Set([server.pid]);
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const { pid, parent } of rows) if (family.has(parent)) family.add(pid);
  }
  return rows.find(({ pid, command }) => family.has(pid) && command!.includes('engine/child.ts'))!
    .pid;
}
