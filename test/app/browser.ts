// A headless Chromium for the tests, wherever the system keeps it.
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The browser's program: BIFOCAL_CHROMIUM, or where systems put it; undefined where there is none. */
export const chromiumPath = [process.env.BIFOCAL_CHROMIUM, ...usualPaths].find(
  (candidate) => candidate !== undefined && existsSync(candidate),
);

if (chromiumPath === undefined) {
  process.stderr.write(
    'bifocal: no Chromium here, so the browser tests are skipped; install it or set BIFOCAL_CHROMIUM\n',
  );
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath!,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
