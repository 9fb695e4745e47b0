// The stages of the starter's training: how long each is, and which rows and captions it sees.

import { expect, test } from 'vitest';
import type { Row } from '../../scripts/starter/rows';
import { stages, STEPS } from '../../scripts/starter/stages';

const rows: Row[] = [
  { image: 'pictures/noto/cat.webp', captions: ['cat', 'a picture of a cat'], concept: 'cat' },
  { image: 'scenes/noto/cat.webp', captions: ['a picture of a cat'], concept: 'cat' },
  { image: 'scenes/pairs/1.webp', captions: ['dog', 'cat and dog'], concept: 'cat dog' },
];
const icon: Row = { image: 'icons/mdi/cat.webp', captions: ['cat'], concept: 'cat' };

/** Three tokens a word. */
const count = (captions: string[]) => captions.map((caption) => 3 * caption.split(' ').length);

test.each([STEPS, 20])('stages of %i steps in all', (steps) => {
  const all = stages(steps);
  expect(all.reduce((sum, stage) => sum + stage.steps, 0)).toBeCloseTo(steps, -1);
  for (const { steps: own, warmup, decay } of all) {
    expect(own).toBeGreaterThan(0);
    expect(warmup).toBeLessThanOrEqual(own);
    expect(decay).toBeLessThanOrEqual(own);
  }
  const names = all.map(({ name }) => name);
  expect(new Set(names).size).toBe(all.length);
  const starts = names.map((name) => `start of ${name}`);
  all.forEach(({ from }, at) =>
    expect([...names.slice(0, at), ...starts.slice(0, at)]).toEqual(
      expect.arrayContaining([...from]),
    ),
  );
  const used: string[] = all.flatMap(({ from }) => from);
  expect(names.filter((name) => !used.includes(name))).toEqual([names.at(-1)]);
});

test('the first stage sees drawings alone, the others scenes too', () => {
  const seen = Object.fromEntries(
    stages(STEPS).map((stage) => [stage.name, stage.rows(rows, count).map(({ image }) => image)]),
  );
  expect(seen['drawings']).toEqual(['pictures/noto/cat.webp']);
  expect(seen['scenes']).toEqual(rows.map(({ image }) => image));
  expect(seen['settle']).toEqual(rows.map(({ image }) => image));
});

test('icons come in the second of two ways, and after them', () => {
  const named = stages(STEPS).filter((stage) =>
    stage.rows([...rows, icon], count).some(({ image }) => image === icon.image),
  );
  expect(named.map(({ name }) => name)).toEqual([
    'wide',
    'settle-wide',
    'similar',
    'settle-similar',
    'large',
    'settle-large',
    'grown',
    'settle-grown',
    'settle-long',
    'settle-warp',
  ]);
});

test('the longest stage sees captions of up to eight tokens, and pictures that have any', () => {
  const longest = stages(STEPS).reduce((a, b) => (b.steps > a.steps ? b : a));
  expect(longest.rows(rows, count)).toEqual([
    { ...rows[0], captions: ['cat'] },
    { ...rows[2], captions: ['dog'] },
  ]);
  expect(rows[0]!.captions).toHaveLength(2);
});
