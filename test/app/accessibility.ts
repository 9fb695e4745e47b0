// What axe finds wrong with a page under WCAG 2.2, level AA.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { root } from './library';

const source = readFileSync(path.join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

const LEVEL_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** One line for each element that breaks a rule: the rule, the element, what is wrong. */
export async function violations(page: Page): Promise<string[]> {
  // Not as a script element, which the page's own policy would refuse.
  await page.evaluate(source);
  const results = await page.evaluate(
    (tags) =>
      (window as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
        runOnly: tags,
        resultTypes: ['violations'],
      }),
    LEVEL_AA,
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}

/** What can be clicked, so that a finger may miss it: smaller than 44 pixels, and not a link within a text. */
export async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('a, button, summary, select, input')].flatMap(
      (it) => {
        const { width, height } = it.getBoundingClientRect();
        const hidden =
          it.closest('.visuallyHidden') ?? (it.matches('[type=hidden]') || !it.checkVisibility());
        const inLabel = it.closest('label');
        const inText = it.matches('td a, th a, p a, dd a');
        if (hidden || inText || inLabel || (width >= 44 && height >= 44)) return [];
        return [`${Math.round(width)} × ${Math.round(height)}: ${it.outerHTML.slice(0, 120)}`];
      },
    ),
  );
}
