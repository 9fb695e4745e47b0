// The model card says what was measured, and what falls short.

import { expect, test } from 'vitest';
import { modelCard } from '../../scripts/starter/card';
import type { Figures, Recalls } from '../../scripts/starter/figures';

function recalls(r1: number, r10: number): Recalls {
  const direction = { r1, r5: r10, r10, medianRank: 2, chance10: 0.01 };
  const both = { ...direction, interval10: [r10, r10] as [number, number] };
  return { pictures: 1896, textToImage: both, imageToText: both };
}

const figures: Figures = {
  languages: { en: recalls(0.71, 0.9), zh: recalls(0.6, 0.79) },
  coverage: [{ drawings: '0', pictures: 182, r1: 0.03, r10: 0.2 }],
  outlines: recalls(0.2, 0.4),
  concepts: recalls(0.1, 0.36),
  clipart: recalls(0.1, 0.25),
  stamps: { en: recalls(0.04, 0.13), es: recalls(0.03, 0.12) },
  gallery: {
    en: { queries: 2, first: 1, firstFive: 2, missed: {} },
    zh: { queries: 2, first: 1, firstFive: 1, missed: { 猫: ['dog', 'fox'] } },
  },
  times: { text: 1.24, picture: 16 },
  fineTunes: {
    'heldout-outlines': {
      pairs: 200,
      seconds: 99,
      before: recalls(0.1, 0.4),
      after: recalls(0.2, 0.5),
    },
    'heldout-stamps': {
      pairs: 200,
      seconds: 99,
      before: recalls(0.1, 0.2),
      after: recalls(0.1, 0.21),
    },
  },
  trainedOn: { 'pictures/noto': 12, 'scenes/noto': 11, 'icons/mdi': 5, 'icons/scenes/mdi': 5 },
};

test('each target with what was reached and whether it is met', () => {
  const lines = modelCard(figures).split('\n');
  const line = (name: string) => lines.find((one) => one.startsWith(`| ${name}`));
  expect(line('unseen vendor, words → pictures, recall@1 ')).toContain('| 0.710 | ≥ 0.70 | yes |');
  expect(line('unseen vendor, words → pictures, recall@10')).toContain('| 0.900 | ≥ 0.92 | **no**');
  expect(line('unseen concepts')).toContain('yes');
  expect(line('unseen Openclipart')).toContain('**no**');
  expect(line('the language furthest below English')).toContain('| -0.110 | ≥ −0.10 | **no** |');
  expect(line('gallery, an accepted picture first')).toContain('| 0.500 | ≥ 0.60 | **no** |');
  expect(line('gallery, an accepted picture among')).toContain('| 0.750 | ≥ 0.80 | **no** |');
  expect(line('recall@10 gained by a short fine-tune, OpenMoji')).toContain(
    '| 0.100 | > 0.02 | yes |',
  );
  expect(line('recall@10 gained by a short fine-tune, stamps')).toContain(
    '| 0.010 | > 0.02 | **no** |',
  );
  expect(line('one text')).toContain('| 1.2 ms | ≤ 5 ms | yes |');
  expect(line('one picture')).toContain('**no**');
});

test('what was missed is shown; every vendor with its licence and numbers', () => {
  const card = modelCard(figures);
  expect(card).toContain('| 0 | 182 | 0.030 | 0.200 |');
  expect(card).toContain('- not found: “猫” → dog, fox');
  expect(card).toMatch(/\| noto, Google +\| Apache-2.0 +\| +12 and 11 \|/);
  expect(card).toMatch(/\| mdi, Pictogrammers +\| Apache-2.0 +\| +5 and 5 \|/);
  expect(card).toMatch(/\| twemoji, Twitter +\| CC-BY-4.0 +\| +measured with only \|/);
  expect(card).toMatch(/\| Spanish +\|.* 0.120 \|/);
  expect(card).toContain('| OpenMoji | 200 | 99 | 1896 | 0.100 | 0.200 | 0.400 | 0.500 |');
  expect(card).not.toContain('undefined');
});
