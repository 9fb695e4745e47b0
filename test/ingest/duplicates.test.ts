// Duplicates: similar hashes against comparing all with all, groups of pictures, and the command.

import { copyFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { Random } from '#random';
import { HashIndex, MOST_BITS } from '../../services/ingest/similar-hashes';
import { createTinyModel } from '../engine/tiny-model';
import { bifocal, lastLine } from '../scripts/command';
import { temporaryFolder } from './fixtures';

test('similar hashes are those that comparing all with all finds', () => {
  const random = new Random(3);
  const hashes = new Set<string>();
  for (let n = 0; n < 20; n++) {
    const hash = BigInt(random.below(2 ** 32)) * 2n ** 32n + BigInt(random.below(2 ** 32));
    for (let changed = 0; changed < 12; changed++) {
      let other = hash;
      for (let bit = 0; bit < changed; bit++) other ^= 1n << BigInt(random.below(64));
      hashes.add(other.toString(16).padStart(16, '0'));
    }
  }
  const all = [...hashes];
  const index = new HashIndex(all);
  for (const bits of [0, 3, MOST_BITS]) {
    for (const [place, hash] of all.entries()) {
      const expected = [...all.keys()].filter(
        (other) => other !== place && ones(BigInt(`0x${hash}`) ^ BigInt(`0x${all[other]}`)) <= bits,
      );
      expect(index.near(place, bits).sort((a, b) => a - b)).toEqual(expected);
    }
  }
  expect(() => index.near(0, MOST_BITS + 1)).toThrow('at most 7 bits, not 8');
});

function ones(bits: bigint): number {
  return bits.toString(2).replaceAll('0', '').length;
}

/** Soft shapes that depend on the seed. */
function shapes(seed: number) {
  const random = new Random(seed);
  const cells = Uint8Array.from({ length: 8 * 6 * 3 }, () => random.below(256));
  return sharp(cells, { raw: { width: 8, height: 6, channels: 3 } }).resize(320, 240);
}

test('`duplicates` lists copies, and what was saved again, beside its original', async () => {
  const home = temporaryFolder();
  const folder = temporaryFolder();
  const at = (name: string) => path.join(folder, name);
  const model = path.join(temporaryFolder(), 'tiny');
  await createTinyModel(model);
  for (const seed of [1, 2, 3, 4])
    await shapes(seed)
      .png()
      .toFile(at(`${seed}.png`));
  copyFileSync(at('2.png'), at('copy of 2.png'));
  const large = await shapes(3).png().toBuffer();
  await sharp(large).resize(160).jpeg({ quality: 70 }).toFile(at('3 small.jpg'));
  await sharp(large).modulate({ brightness: 1.05 }).webp().toFile(at('3 brighter.webp'));
  await sharp({ create: { width: 9, height: 9, channels: 3, background: '#fff' } }).toFile(
    at('w.png'),
  );
  await sharp({ create: { width: 9, height: 8, channels: 3, background: '#000' } }).toFile(
    at('b.png'),
  );
  await bifocal(['ingest', folder, '--model', model, '--collection', 'all'], { home });

  const found = lastLine<Found>(await bifocal(['duplicates', '--json'], { home }));
  expect(found.exact.map(({ paths }) => paths)).toEqual([[at('2.png'), at('copy of 2.png')]]);
  expect(found.similar).toHaveLength(1);
  const [group] = found.similar;
  expect(group!.map((one) => path.basename(one.path)).sort()).toEqual([
    '3 brighter.webp',
    '3 small.jpg',
    '3.png',
  ]);
  expect(group!.at(-1)).toMatchObject({ path: at('3 small.jpg'), width: 160, height: 120 });
  expect(group!.every(({ similarity }) => similarity > 0.9)).toBe(true);

  const exact = await bifocal(['duplicates', '--exact', '--collection', 'all'], { home });
  expect(exact.stdout).toContain(`2 files with the same content`);
  expect(exact.stdout).toContain('1 contents in several files');
  expect(exact.stdout).toContain('0 groups that look alike');
  const none = await bifocal(['duplicates', '--collection', 'none'], { home });
  expect(none.code).toBe(1);
  expect(none.stderr).toMatch(/^bifocal: .*none.*\n$/);
}, 120_000);

interface Found {
  exact: { paths: string[] }[];
  similar: { path: string; width: number; height: number; similarity: number }[][];
}
