// Pages opened in one browser, and what went wrong in them.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

export class Visits {
  readonly errors: string[] = [];

  /** @param expected - of an error in the console, whether it is part of the page's life */
  constructor(private readonly expected: (error: string) => boolean = () => false) {}

  /**
   * A page in a context of its own, when it answers to hands and keys; its errors, thrown or in the console, fail the
   * test. What is pressed before React has taken a page over would be lost.
   */
  async open(
    browser: Browser,
    address: string,
    options: BrowserContextOptions = {},
  ): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const error = `${message.text()} ${message.location().url}`;
      if (!this.expected(error)) this.errors.push(error);
    });
    await page.addInitScript(noteTakeover);
    await page.goto(address);
    if (options.javaScriptEnabled !== false) await page.waitForFunction(isTakenOver);
    return page;
  }

  /** After each test: closes its pages, and fails where one of them had an error. */
  async end(browser: Browser): Promise<void> {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(this.errors.splice(0)).toEqual([]);
  }
}

/** In the page, before anything of it: stands where React looks for its developer tools, and hears when it has drawn. */
function noteTakeover(): void {
  const hook = {
    supportsFiber: true,
    inject: () => 1,
    onCommitFiberRoot: () => undefined,
    onCommitFiberUnmount: () => undefined,
    // After the effects of what was drawn, so that its listeners are there.
    onPostCommitFiberRoot: () => Object.assign(window, { takenOver: true }),
  };
  Object.assign(window, { __REACT_DEVTOOLS_GLOBAL_HOOK__: hook });
}

/** In the page: whether that has happened, or will not because the page has no React. */
function isTakenOver(): boolean {
  return 'takenOver' in window || document.querySelector('script[src*="/_next/"]') === null;
}
