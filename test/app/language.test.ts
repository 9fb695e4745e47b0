// Which language a visitor gets, and that no page has a name in one language only.
import { expect, test } from 'vitest';
import { chooseLanguage, LANGUAGES } from '../../app/_lib/language';
import { PAGES } from '../../app/_lib/pages';

test.each([
  [undefined, null, 'en'],
  [undefined, 'zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
  [undefined, 'de-DE,de;q=0.9,zh-TW;q=0.5,en;q=0.3', 'zh'],
  [undefined, 'en;q=0.2, zh;q=0.7', 'zh'],
  [undefined, 'zho, fr', 'en'],
  ['zh', 'en-GB', 'zh'],
  ['en', 'zh', 'en'],
  ['klingon', 'zh', 'zh'],
])('chosen %s, accepted %s: %s', (chosen, accepted, expected) => {
  expect(chooseLanguage(chosen, accepted)).toBe(expected);
});

test('every page has a name in every language and an address of its own', () => {
  for (const { name } of PAGES) {
    for (const language of LANGUAGES) expect(name[language]).not.toBe('');
  }
  expect(new Set(PAGES.map(({ path }) => path)).size).toBe(PAGES.length);
});
