// What one does with the pictures of a list, in a real browser: looks at one from nearer, takes several at once.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchBrowser } from './browser';
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
});
