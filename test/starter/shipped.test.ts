// The model that ships: it answers the gallery's everyday queries, and its card says what was measured.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { config } from '#config';
import { loadDualEncoder } from '#model';
import { modelCard } from '../../scripts/starter/card';
import type { Figures } from '../../scripts/starter/figures';
import { askGallery } from '../../scripts/starter/gallery-figures';

const folder = path.join(config().root, 'models', 'starter');
const figures = JSON.parse(await readFile(path.join(folder, 'evaluation.json'), 'utf8')) as Figures;

test('everyday queries find what a person would accept', async () => {
  const encoder = await loadDualEncoder(folder);
  const gallery = Object.values(await askGallery(encoder));
  await encoder.dispose();
  const sum = (key: 'queries' | 'first' | 'firstFive') =>
    gallery.reduce((total, of) => total + of[key], 0);
  expect(sum('firstFive') / sum('queries')).toBeGreaterThanOrEqual(0.8);
  expect(sum('first') / sum('queries')).toBeGreaterThanOrEqual(0.6);
});

test('the card is the one of its figures', async () => {
  expect(await readFile(path.join(folder, 'README.md'), 'utf8')).toBe(modelCard(figures));
});
