// What one does with the pictures of a list, in a real browser: looks at one from nearer, takes several at once.
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { smallTargets, violations } from './accessibility';
import { chromiumPath, launchBrowser } from './browser';
import { PICTURES } from './library';
import { SLOWEST_START, startSite, until, type Site } from './site';
import { Visits } from './visits';

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describe.skipIf(chromiumPath === undefined)('pictures of a list', () => {
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
    visits.open(browser, site.url + address, { reducedMotion: 'reduce', ...options });

  describe('looking at one from nearer', () => {
    const large = (page: Page) => page.getByRole('dialog').locator('button[aria-pressed]');
    const box = async (page: Page) => (await large(page).boundingBox())!;
    const zoomed = (page: Page) => large(page).and(page.locator('[aria-pressed=true]'));
    const fitted = (page: Page) => large(page).and(page.locator('[aria-pressed=false]'));
    const openSky = async (options?: BrowserContextOptions) => {
      const page = await open('/?collection=gallery', options);
      await page.locator('main img[alt="wide sky.jpg"]').click();
      await fitted(page).waitFor();
      return page;
    };
    /** Which share of the picture lies under a place of the window. */
    const under = async (page: Page, x: number) => {
      const { x: left, width } = await box(page);
      return (x - left) / width;
    };

    it('goes to full size around the place that was clicked, the preview until the file is there', async () => {
      const page = await openSky();
      let send = () => {};
      const asked = new Promise<void>((resolve) => (send = resolve));
      await page.route('**/original?*', async (route) => {
        await asked;
        await route.continue();
      });
      // It has taken the place of the list's own file.
      await large(page).locator('img[src*="/thumbnail?"]').nth(1).waitFor({ state: 'detached' });
      const { x, y, width, height } = await box(page);
      await page.mouse.click(x + 0.9 * width, y + 0.5 * height);
      await zoomed(page).waitFor();
      expect(await under(page, x + 0.9 * width)).toBeCloseTo(0.9, 2);
      expect((await box(page)).width).toBeCloseTo(2 * width, 0);
      const preview = large(page).locator('img[src*="size=large"]');
      expect(await preview.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(900);
      expect(await preview.isVisible()).toBe(true);
      send();
      await preview.waitFor({ state: 'detached' });
      const file = large(page).locator('img[src*="/original"]');
      expect(await file.evaluate((image: HTMLImageElement) => image.complete)).toBe(true);
      await page.getByRole('button', { name: 'Fit to the window' }).click();
      await fitted(page).waitFor();
      expect(await box(page)).toEqual({ x, y, width, height });
    });

    it('follows the wheel, a drag and keys', async () => {
      const page = await openSky();
      const whole = await box(page);
      const [x, y] = [whole.x + 0.4 * whole.width, whole.y + 0.5 * whole.height];
      await page.mouse.move(x, y);
      await page.mouse.wheel(0, -500);
      await zoomed(page).waitFor();
      const near = await box(page);
      expect(near.width / whole.width).toBeCloseTo(Math.E, 2);
      expect(await under(page, x)).toBeCloseTo(0.4, 2);
      // A drag moves it by as much, and is no click.
      await page.mouse.down();
      await page.mouse.move(x + 60, y, { steps: 4 });
      await page.mouse.up();
      expect((await box(page)).x).toBeCloseTo(near.x + 60, 0);
      // The picture's end goes no farther than the frame's.
      await page.mouse.down();
      await page.mouse.move(x + 2000, y, { steps: 4 });
      await page.mouse.up();
      expect((await box(page)).x).toBeCloseTo(0, 0);
      const address = page.url();
      await page.keyboard.press('ArrowRight');
      expect((await box(page)).x).toBeCloseTo(-90, 0);
      await page.keyboard.press('0');
      await fitted(page).waitFor();
      expect(await box(page)).toEqual(whole);
      await page.keyboard.press('+');
      expect((await box(page)).width).toBeCloseTo(1.5 * whole.width, 0);
      await page.keyboard.press('-');
      await fitted(page).waitFor();
      expect(page.url()).toBe(address);
      // Whole again, arrows lead to the next picture.
      await page.keyboard.press('ArrowRight');
      await page.waitForURL((url) => url.href !== address);
    });

    it('follows two fingers, and one that taps twice', async () => {
      const page = await openSky(PHONE);
      // Not every browser's click says what has clicked, or how often.
      await page.evaluate(() => {
        const unsaid = { get: () => undefined };
        const once = { get: () => 1 };
        const hide = (event: Event) =>
          Object.defineProperties(event, { pointerType: unsaid, detail: once });
        window.addEventListener('click', hide, { capture: true });
      });
      const whole = await box(page);
      const fingers = await page.context().newCDPSession(page);
      const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...places: number[]) =>
        fingers.send('Input.dispatchTouchEvent', {
          type,
          touchPoints: places.map((x, id) => ({ x, y: 232, id })),
        });
      await touch('touchStart', 170);
      await touch('touchStart', 170, 220);
      for (const far of [10, 20, 30, 40, 50]) await touch('touchMove', 170 - far, 220 + far);
      await touch('touchEnd');
      await zoomed(page).waitFor();
      // What a finger moves before it is a gesture does not count.
      expect((await box(page)).width / whole.width).toBeGreaterThan(2);
      expect(await page.evaluate(() => window.visualViewport!.scale)).toBe(1);
      const tapTwice = async () => {
        await page.touchscreen.tap(195, 232);
        await page.touchscreen.tap(195, 232);
      };
      await tapTwice();
      await fitted(page).waitFor();
      await page.touchscreen.tap(195, 300);
      await until(async () => {
        await tapTwice();
        return (await zoomed(page).count()) > 0;
      }, 'two taps');
    });
  });

  describe('a list longer than the window', () => {
    const SMALL = { viewport: { width: 620, height: 400 } };
    const tiles = (page: Page) => page.locator('[data-tile]');
    /** Pictures or texts. */
    const hits = (page: Page) => page.locator('main [data-hit]');
    const focused = (page: Page) =>
      page.evaluate(() => document.activeElement?.getAttribute('data-tile'));
    const height = (page: Page) =>
      page.evaluate(() => document.documentElement.getBoundingClientRect().height);
    const sizes = (page: Page) =>
      page
        .locator('main section > ul')
        .evaluateAll((grids) => grids.map((grid) => grid.getBoundingClientRect().height));
    /** The items in view, as far down as they are. */
    const inView = (page: Page) =>
      tiles(page).evaluateAll((all: HTMLElement[]) =>
        all
          .map((it) => ({ item: it.dataset.tile!, top: it.getBoundingClientRect().top }))
          .filter(({ top }) => top > 0 && top < window.innerHeight),
      );
    /** Until the page has heard of it: a frame comes after that. */
    const resize = async (page: Page, width: number) => {
      await page.setViewportSize({ width, height: 400 });
      await page.waitForFunction((wanted) => window.innerWidth === wanted, width);
      await page.evaluate(() => new Promise(requestAnimationFrame));
    };
    const openAll = async (address: string, options: BrowserContextOptions = SMALL) => {
      const page = await open(address, options);
      await until(async () => {
        await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
        return (await page.locator('main a[aria-busy]').count()) === 0;
      }, 'the whole list');
      return page;
    };

    it('is drawn about the window, takes the room of all, and is printed whole', async () => {
      for (const [address, options] of [
        ['/?sort=newest', SMALL],
        ['/?format=webp', SMALL],
        ['/?sort=newest', PHONE],
        ['/?q=tree&in=text', SMALL],
      ] as const) {
        const page = await openAll(address, options);
        for (const width of [620, 390, 1007]) {
          await resize(page, width);
          await page.evaluate(() => window.scrollTo(0, 0));
          const before = await sizes(page);
          expect(await hits(page).count()).toBeLessThan(50);
          await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
          expect(await hits(page).count()).toBeGreaterThanOrEqual(PICTURES - 2);
          const after = await sizes(page);
          // To a 64th of a pixel a row, which browsers round to.
          after.forEach((size, n) => expect(before[n]).toBeCloseTo(size, 0));
          await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
          await until(async () => (await hits(page).count()) < 50, 'the window');
        }
        await page.context().close();
      }
    });

    it('says which of how many a picture is', async () => {
      const page = await openAll('/?format=webp');
      const last = page.locator('main li').last();
      expect(await last.getAttribute('aria-setsize')).toBe(String(PICTURES - 2));
      expect(await last.getAttribute('aria-posinset')).toBe(String(PICTURES - 2));
      expect(await violations(page)).toEqual([]);
    });

    it('stays where one is looking when its rows break elsewhere', async () => {
      const page = await openAll('/?sort=newest');
      await page.evaluate(() => window.scrollTo(0, 1200));
      await until(async () => (await inView(page)).length > 0, 'the rows there');
      const [first] = await inView(page);
      await resize(page, 480);
      const after = await inView(page);
      expect(after.map(({ item }) => item)).toContain(first!.item);
    });

    it('keeps the focus and what is chosen, however far one scrolls', async () => {
      const page = await openAll('/?format=webp');
      // Not by a key: the browser would go on scrolling by itself for a while.
      await page.evaluate(() => window.scrollTo(0, 0));
      const place = (tile: Locator) => tile.getAttribute('aria-posinset');
      const places = page.locator('[aria-posinset]');
      await until(async () => (await place(places.nth(1))) === '2', 'the beginning');
      await tiles(page).nth(1).focus();
      const second = await focused(page);
      await page.keyboard.press('Space');
      await until(async () => {
        await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
        return (await place(places.last())) === String(PICTURES - 2);
      }, 'the end');
      expect(await focused(page)).toBe(second);
      await tiles(page)
        .last()
        .click({ modifiers: ['Shift'] });
      await page
        .getByRole('status')
        .getByText(`${PICTURES - 3} chosen`)
        .waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      expect(await focused(page)).toBe(second);
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowDown');
      expect((await inView(page)).map(({ item }) => item)).toContain(await focused(page));
      expect(await height(page)).toBeGreaterThan(1000);
    });

    it('says so where the server is not there, and goes on when it is back', async () => {
      const page = await open('/?format=webp', SMALL);
      await page.context().setOffline(true);
      await tiles(page).first().click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('alert').getByText('The server does not answer.').waitFor();
      await page.keyboard.press('Escape');
      await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
      await page.locator('main [role=alert]').getByText('The server does not answer.').waitFor();
      await page.context().setOffline(false);
      await page.getByRole('link', { name: 'Show more' }).click();
      await page.locator('main a[aria-busy]').waitFor({ state: 'detached' });
      await tiles(page).last().click();
      await dialog.getByRole('heading', { level: 2 }).waitFor();
      visits.errors.splice(0).forEach((error) => expect(error).toContain('ERR_INTERNET_'));
    });

    it('follows the view of one picture to the next ones', async () => {
      const page = await openAll('/?format=webp');
      await page.evaluate(() => window.scrollTo(0, 0));
      await tiles(page).first().click();
      await page.getByRole('button', { name: 'Next picture' }).waitFor();
      for (let n = 0; n < 25; n++) await page.keyboard.press('ArrowRight');
      const { searchParams } = new URL(page.url());
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await until(async () => (await focused(page)) === searchParams.get('item'), 'its tile');
      await until(
        async () => (await inView(page)).some(({ item }) => item === searchParams.get('item')),
        'it in view',
      );
    });
  });

  describe('choosing several', () => {
    const tile = (page: Page, at: number) => page.locator('[data-tile]').nth(at);
    const box = (page: Page, at: number) => page.locator('[data-choose]').nth(at);
    const items = (page: Page) =>
      page
        .locator('[data-choose]:checked')
        .evaluateAll((boxes: HTMLInputElement[]) => boxes.map(({ value }) => Number(value)));
    const bar = (page: Page) => page.getByRole('region', { name: 'Chosen pictures' });

    it('takes a range with Shift, lets go at Escape, and searches for more like all of them', async () => {
      const page = await open('/?q=tree');
      await tile(page, 1).hover();
      await box(page, 1).click();
      await bar(page).getByText('1 chosen').waitFor();
      // From here on a click on a picture chooses it.
      await tile(page, 4).click({ modifiers: ['Shift'] });
      await bar(page).getByText('4 chosen').waitFor();
      expect(await page.getByRole('dialog').count()).toBe(0);
      await tile(page, 2).click();
      await bar(page).getByText('3 chosen').waitFor();
      await page.keyboard.press('Escape');
      await bar(page).waitFor({ state: 'detached' });
      expect(await items(page)).toEqual([]);
      await box(page, 0).click();
      await box(page, 2).click();
      const chosen = await items(page);
      await bar(page).getByRole('button', { name: 'More like these' }).click();
      await page.waitForURL((url) => url.searchParams.getAll('like').join() === chosen.join());
      await page.getByRole('heading', { name: 'Pictures like these, with “tree”' }).waitFor();
      expect(await bar(page).count()).toBe(0);
    });

    it('works by keys, is read out, and breaks no rule', async () => {
      const page = await open('/?collection=gallery');
      await tile(page, 0).focus();
      await page.keyboard.press('Space');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Shift+Space');
      await page.getByRole('status').getByText('3 chosen').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Enter');
      await bar(page).getByText('2 chosen').waitFor();
      await page.getByRole('button', { name: 'Choose none' }).click();
      // Nothing chosen, the same key opens the picture, and Escape is the view's own.
      await tile(page, 1).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
    });

    it('begins with a finger that stays, in Chinese too', async () => {
      const page = await open('/?q=tree', { ...PHONE, locale: 'zh-CN', colorScheme: 'dark' });
      const { x, y } = (await tile(page, 0).boundingBox())!;
      const fingers = await page.context().newCDPSession(page);
      const touch = (type: 'touchStart' | 'touchEnd', ...touchPoints: object[]) =>
        fingers.send('Input.dispatchTouchEvent', { type, touchPoints: touchPoints as never });
      await touch('touchStart', { x: x + 40, y: y + 40 });
      await page.getByRole('status').getByText('已选 1 张').waitFor();
      await touch('touchEnd');
      await tile(page, 1).tap();
      await page.getByRole('status').getByText('已选 2 张').waitFor();
      expect(await page.getByRole('region', { name: '选中的图片' }).isVisible()).toBe(true);
      expect(await violations(page)).toEqual([]);
      expect(await smallTargets(page)).toEqual([]);
      expect(new URL(page.url()).searchParams.has('item')).toBe(false);
    });

    it('puts them into a collection, takes them out, downloads and forgets them', async () => {
      const page = await open('/?q=tree');
      for (const at of [0, 1, 2]) await box(page, at).click();
      const chosen = await items(page);
      await bar(page).getByRole('button', { name: 'Add to a collection' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'gallery' }).waitFor();
      await dialog.getByLabel('New collection').fill('a few');
      await page.keyboard.press('Enter');
      await page.getByText('3 pictures added to “a few”').last().waitFor();
      await page.goto(`${site.url}/?collection=a+few`);
      await page.getByText('3 pictures', { exact: true }).waitFor();
      const shown = () =>
        page
          .locator('[data-tile]')
          .evaluateAll((tiles: HTMLElement[]) => tiles.map(({ dataset }) => Number(dataset.tile)));
      expect((await shown()).sort()).toEqual([...chosen].sort());
      await box(page, 0).click();
      await bar(page).getByRole('button', { name: 'Take out of “a few”' }).click();
      await page.getByText('2 pictures', { exact: true }).waitFor();
      const left = await shown();
      expect(left).toHaveLength(2);
      for (const at of [0, 1]) await box(page, at).click();
      const started = page.waitForEvent('download');
      await bar(page).getByRole('link', { name: 'Download' }).click();
      expect((await started).suggestedFilename()).toBe('pictures.zip');
      await bar(page).getByRole('button', { name: 'Forget' }).click();
      await dialog.getByText('Forget 2 pictures?').waitFor();
      await dialog.getByRole('button', { name: 'Forget' }).click();
      await page.getByText('2 pictures forgotten').last().waitFor();
      await page.getByText('Nothing found').waitFor();
      for (const item of left) {
        expect((await fetch(`${site.url}/api/v1/items/${item}`)).status).toBe(404);
      }
    });
  });

  describe('going to a month of a list by date', () => {
    const rail = (page: Page) => page.getByRole('slider', { name: 'Months' });
    const months = (page: Page) => page.locator('main h2').allInnerTexts();
    /** Once the browser has said of all frames before how far what was in view has moved in them. */
    const shifts = (page: Page) =>
      page.evaluate(async () => {
        for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
        return (window as unknown as { shifts: number[] }).shifts;
      });

    it('jumps by keys, a click and a drag, to what is loaded and to what is not', async () => {
      const page = await open('/?sort=newest');
      await rail(page).waitFor();
      expect(await months(page)).toEqual(['June 2021', 'Without a date']);
      const { x, y, width, height } = (await rail(page).boundingBox())!;
      await page.mouse.move(x + width / 2, y + height - 20);
      await page.getByText(/^Without a date \d+$/).waitFor();
      await page.mouse.down();
      await page.mouse.up();
      await until(() => page.evaluate(() => window.scrollY > 100), 'the other month');
      expect(new URL(page.url()).search).toBe('?sort=newest');
      // A list that begins elsewhere goes on upwards, and stays where one is looking: nothing moves.
      await page.addInitScript(noteShifts);
      await page.goto(`${site.url}/?sort=newest&after=undated_999999999999999`);
      await until(async () => (await months(page)).length === 2, 'the month before');
      expect(await months(page)).toEqual(['June 2021', 'Without a date']);
      expect(await rail(page).inputValue()).toBe('1');
      expect(await rail(page).getAttribute('aria-valuetext')).toBe('Without a date');
      const undated = page.getByRole('heading', { name: 'Without a date' });
      expect((await undated.boundingBox())!.y).toBeLessThan(300);
      expect(await shifts(page)).toEqual([]);
      await page.mouse.move(300, 300);
      await page.mouse.wheel(0, -400);
      await page.getByRole('img', { name: 'wide sky.jpg' }).waitFor();
      await until(async () => (await rail(page).inputValue()) === '0', 'the month before');
      // Where it cannot, the rail leads there all the same.
      await page.route('**/api/v1/items?*', (route) => route.abort());
      await page.goto(`${site.url}/?sort=newest&after=undated_999999999999999`);
      await until(async () => (await rail(page).inputValue()) === '1', 'where the list begins');
      expect(await months(page)).toEqual(['Without a date']);
      await rail(page).press('Home');
      await page.waitForURL(`**/?sort=newest&after=${Date.UTC(2021, 6)}_0`);
      await until(async () => (await months(page))[0] === 'June 2021', 'the month');
      expect(await rail(page).evaluate((it) => it === document.activeElement)).toBe(true);
      expect(await rail(page).getAttribute('aria-valuetext')).toBe('June 2021');
      await page.getByRole('link', { name: 'The newest' }).click();
      await page.waitForURL(`${site.url}/?sort=newest`);
      await page.goto(`${site.url}/?sort=oldest&after=undated_0`);
      await rail(page).press('Home');
      await page.waitForURL(`**/?sort=oldest&after=${Date.UTC(2021, 5) - 1}_999999999999999`);
      await until(async () => (await months(page))[0] === 'June 2021', 'the month');
      expect(await violations(page)).toEqual([]);
      visits.errors.splice(0).forEach((error) => expect(error).toContain('ERR_FAILED'));
    });
  });
});

/** In the page, before anything of it: keeps what Chromium tells of layouts that have shifted. */
function noteShifts(): void {
  const shifts: number[] = [];
  Object.assign(window, { shifts });
  const note = (list: PerformanceObserverEntryList) =>
    shifts.push(...list.getEntries().map((entry) => (entry as unknown as { value: number }).value));
  new PerformanceObserver(note).observe({ type: 'layout-shift', buffered: true });
}
