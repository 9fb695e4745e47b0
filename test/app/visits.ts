// Pages opened in one browser, and what went wrong in them.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

export class Visits {
  readonly errors: string[] = [];

  /** @param expected - of an error in the console, whether it is part of the page's life */
  constructor(private readonly expected: (error: string) => boolean = () => false) {}

  /** A new page of its own context; its errors, thrown or in the console, fail the test. */
  async page(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const error = `${message.text()} ${message.location().url}`;
      if (!this.expected(error)) this.errors.push(error);
    });
    return page;
  }

  /** After each test: closes its pages, and fails where one of them had an error. */
  async end(browser: Browser): Promise<void> {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(this.errors.splice(0)).toEqual([]);
  }
}
