// The library page, used as a person would: a folder of the server, uploads, what is left out, duplicates, forgetting.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { createClient } from '#client';
import { smallTargets, violations } from './accessibility';
import { chromiumPath, launchBrowser } from './browser';
import { SLOWEST_START, startEmptySite, until, type Site } from './site';
import { Visits } from './visits';

const PATIENCE = { timeout: 120_000 };

describe.skipIf(chromiumPath === undefined)('the library page', () => {
  let site: Site;
  let browser: Browser;
  const visits = new Visits();

  beforeAll(async () => {
    [site, browser] = await Promise.all([startEmptySite(), launchBrowser()]);
    const folder = path.join(site.folder, 'trip');
    await mkdir(folder);
    for (const [name, hue] of Object.entries({ red: 0, green: 120, blue: 240 })) {
      await stripes(path.join(folder, `${name}.jpg`), hue);
    }
    await copyFile(path.join(folder, 'red.jpg'), path.join(folder, 'red again.jpg'));
    await writeFile(path.join(folder, 'broken.jpg'), 'not a picture');
  }, SLOWEST_START);
  afterEach(() => visits.end(browser));
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  async function open(options = {}): Promise<Page> {
    const page = await visits.open(browser, `${site.url}/library`, options);
    page.setDefaultTimeout(PATIENCE.timeout);
    return page;
  }
  const card = (page: Page, name: string) =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });

  it('says how to begin, and takes in a folder of the server with what it leaves out', async () => {
    const page = await open();
    await page.getByText('No collections yet').waitFor();
    await page.getByRole('button', { name: 'Add a folder' }).click();
    await page.getByRole('textbox', { name: 'Folder' }).fill(path.join(site.folder, 'trip'));
    await page.getByRole('combobox', { name: 'Collection' }).fill('trip');
    await page.keyboard.press('Enter');
    await page.getByText('4 added, 0 known, 1 left out').waitFor(PATIENCE);
    await card(page, 'trip').getByText('3 pictures').waitFor(PATIENCE);
    await until(
      () =>
        card(page, 'trip')
          .locator('img')
          .evaluateAll((all) => all.every((each) => (each as HTMLImageElement).naturalWidth > 0)),
      'the covers',
    );
    // At the head of the page, and it opens them.
    await page.getByRole('link', { name: '1 left out' }).click();
    await page.getByText(path.join(site.folder, 'trip', 'broken.jpg')).waitFor();
    expect(await violations(page)).toEqual([]);
    await stripes(path.join(site.folder, 'trip', 'broken.jpg'), 60);
    await page.getByRole('button', { name: 'Try all again' }).click();
    await page.getByText('1 added, 0 known, 0 left out').waitFor(PATIENCE);
    await page.getByText('Left out', { exact: true }).waitFor({ state: 'detached', ...PATIENCE });
    await card(page, 'trip').getByText('4 pictures').waitFor(PATIENCE);
  });

  it('says why a folder cannot be taken in', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Add a folder' }).click();
    await page.getByRole('textbox', { name: 'Folder' }).fill('pictures');
    await page.keyboard.press('Enter');
    await page.getByText('paths.0: must be an absolute path').waitFor();
    expect(visits.errors.splice(0)).toEqual([expect.stringContaining('400')]);
    await page.getByRole('button', { name: 'Add a folder' }).click();
    await page.getByRole('textbox', { name: 'Folder' }).fill('/nowhere/at all');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('/nowhere/at all: no such file').waitFor(PATIENCE);
  });

  it('uploads what is dropped, and says of each file what became of it', async () => {
    const page = await open();
    const files = [
      { name: 'tall.svg', text: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="30"/>' },
      { name: 'lie.png', text: 'not a picture' },
      { name: 'notes.txt', text: 'passed over' },
    ];
    await page.evaluate((dropped) => {
      const transfer = new DataTransfer();
      for (const { name, text } of dropped) transfer.items.add(new File([text], name));
      const options = { bubbles: true, cancelable: true, dataTransfer: transfer };
      window.dispatchEvent(new DragEvent('drop', options));
    }, files);
    await page.getByRole('heading', { name: 'Upload 2 pictures' }).waitFor();
    await page.getByRole('combobox', { name: 'Collection' }).fill('sent');
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByText('lie.png cannot be read: ').waitFor(PATIENCE);
    expect(visits.errors.splice(0)).toEqual([expect.stringContaining('422')]);
    await page.getByText('1 not uploaded').waitFor();
    await card(page, 'sent').getByText('1 picture').waitFor(PATIENCE);
  });

  it('finds what is there twice', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Look for duplicates' }).click();
    await page.getByText('2 files with the same content').waitFor(PATIENCE);
    expect(await page.getByText('red again.jpg').isVisible()).toBe(true);
  });

  it('forgets a collection only when asked twice, and its pictures only when told to', async () => {
    const page = await open();
    const api = createClient({ url: site.url });
    const forget = page.getByRole('button', { name: 'Forget trip' });
    await forget.click();
    await page.keyboard.press('Escape');
    expect(await card(page, 'trip').isVisible()).toBe(true);
    await forget.click();
    await page.getByLabel('Forget its 4 pictures too').check();
    await page.getByRole('button', { name: 'Forget', exact: true }).last().click();
    await card(page, 'trip').waitFor({ state: 'detached', ...PATIENCE });
    const left = (await api.items()).items.map(({ label }) => label);
    expect(left.sort()).toEqual(['tall.svg']);
  });

  it('fits a phone, dark and light, in Chinese too', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
      const page = await open({ ...phone, colorScheme, locale: 'zh-CN' });
      await page.getByRole('heading', { level: 1, name: '图库' }).waitFor();
      expect(await violations(page)).toEqual([]);
      expect(await smallTargets(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    }
  });
});

/** A picture with enough in it to tell it from others. */
async function stripes(file: string, hue: number): Promise<void> {
  const bars = Array.from({ length: 8 }, (_, n) => {
    const height = 40 + ((n * 53 + hue) % 140);
    return `<rect x="${n * 32}" y="${200 - height}" width="30" height="${height}" fill="hsl(${hue + n * 9} 70% 45%)"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="200">${bars.join('')}</svg>`;
  await sharp(Buffer.from(svg)).flatten({ background: '#fff' }).jpeg().toFile(file);
}
