// Augmentation, word dropout, padding and the decision to mirror, against what they promise.

import { describe, expect, test } from 'vitest';
import { Random } from '#random';
import { augment } from '../../services/training/data/augment';
import { AUGMENTATIONS, type Augmentation } from '../../services/training/data/augmentations';
import { decideFlip, namesSide } from '../../services/training/data/sides';
import { textTensors } from '../../services/training/data/text-inputs';
import { chooseLengths, fitLength } from '../../services/training/data/tokens';
import { randomWarp } from '../../services/training/data/warp';
import { vary } from '../../services/training/data/words';

const view = {
  width: 8,
  height: 8,
  rescale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
  cover: 1,
  stretch: false,
};

const noisy = {
  data: Uint8Array.from({ length: 40 * 30 * 3 }, (_, index) => (index * 7919) % 256),
  width: 40,
  height: 30,
};

function viewOf(picture: typeof noisy, changed: Partial<Augmentation>, seed = 1, of = view) {
  const out = new Float32Array(3 * of.width * of.height);
  augment(picture, of, { ...AUGMENTATIONS.none, ...changed }, new Random(seed), out);
  return out;
}

describe('augmentation', () => {
  test('"none" is the centre square, normalised', () => {
    const picture = { ...noisy, data: noisy.data.map(() => 128) };
    for (let row = 0; row < 30; row++) picture.data.fill(255, row * 120, row * 120 + 15);
    for (const value of viewOf(picture, {})) expect(value).toBeCloseTo((128 / 255 - 0.5) / 0.25, 5);
  });

  test('is the same for a seed and differs between seeds', () => {
    const [one, same, other] = [4, 4, 5].map((seed) => viewOf(noisy, AUGMENTATIONS.strong, seed));
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  test('mirrors rows, and nothing else', () => {
    const plain = viewOf(noisy, {});
    const mirrored = viewOf(noisy, { flip: 1 });
    for (let row = 0; row < 24; row++) {
      const line = [...plain.subarray(row * 8, row * 8 + 8)].reverse();
      line.forEach((value, at) => expect(mirrored[row * 8 + at]).toBeCloseTo(value, 4));
    }
  });

  test('blurs by a Gaussian: a point spreads as the formula says, and keeps its sum', () => {
    const size = 448;
    const picture = { data: new Uint8Array(size * size * 3), width: size, height: size };
    picture.data.fill(255, 3 * (224 * size + 224), 3 * (224 * size + 225));
    const wide = { ...view, width: size, height: size, mean: [0, 0, 0], std: [1, 1, 1] };
    const out = viewOf(picture, { blur: 1 }, 3, wide).subarray(0, size * size);
    expect(out.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 3);
    const [centre, beside, above] = [0, 1, size].map((by) => out[224 * size + 224 + by]!);
    expect(beside).toBeCloseTo(above!, 6);
    // exp(−1 / 2σ²) between neighbours, its fourth power at twice the distance.
    const ratio = beside! / centre!;
    expect(out[224 * size + 226]! / centre!).toBeCloseTo(ratio ** 4, 4);
    expect(ratio).toBeGreaterThan(0);
    expect(ratio).toBeLessThan(1);
  });

  test('takes the colour away: the channels become one', () => {
    const out = viewOf(noisy, { grayscale: 1 });
    for (let at = 0; at < 64; at++) expect(out[at]).toBeCloseTo(out[128 + at]!, 4);
  });

  test('restyles: other colours for each seed, edges where they were', () => {
    const halves = { data: new Uint8Array(32 * 32 * 3).fill(180), width: 32, height: 32 };
    for (let row = 0; row < 32; row++) halves.data.fill(70, row * 96, row * 96 + 48);
    const column = (out: Float32Array, channel: number, at: number) =>
      Array.from({ length: 8 }, (_, row) => out[channel * 64 + row * 8 + at]!);
    const seen = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const out = viewOf(halves, { style: 1 }, seed);
      for (let channel = 0; channel < 3; channel++) {
        const [left, right] = [column(out, channel, 0)[0]!, column(out, channel, 7)[0]!];
        // A kernel of three reaches one pixel past the edge in the middle.
        for (const at of [0, 1, 2])
          for (const value of column(out, channel, at)) expect(value).toBeCloseTo(left, 3);
        for (const at of [5, 6, 7])
          for (const value of column(out, channel, at)) expect(value).toBeCloseTo(right, 3);
        seen.add(`${left.toFixed(2)} ${right.toFixed(2)}`);
      }
    }
    expect(seen.size).toBeGreaterThan(40);
    expect(viewOf(halves, { style: 0 })).toEqual(viewOf(halves, {}));
  });

  test('bends shapes: smoothly, about the middle, as far as it is told', () => {
    const side = 96;
    const large = { ...view, width: side, height: side };
    const warps = Array.from({ length: 100 }, (_, seed) =>
      randomWarp(large, 0.1, new Random(seed)),
    );
    // Every eighth row.
    const all = warps.flatMap(({ across, down }) =>
      [...across, ...down].filter((_, at) => Math.floor(at / side) % 8 === 0),
    );
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    const deviation = Math.sqrt(all.reduce((sum, value) => sum + value ** 2, 0) / all.length);
    expect(Math.abs(mean)).toBeLessThan(0.3);
    // The grid's mean square is (0.1 · 96)² / 3, a cubic B-spline keeps 151/315 of it along each axis.
    const expected = Math.sqrt((9.6 ** 2 / 3) * (151 / 315) ** 2);
    expect(deviation / expected).toBeGreaterThan(0.85);
    expect(deviation / expected).toBeLessThan(1.15);
    const bends = warps.flatMap(({ across }) =>
      Array.from({ length: side - 2 }, (_, at) => {
        const [before, here, after] = [at, at + 1, at + 2].map((row) => across[row * side + 40]!);
        return Math.abs(before! - 2 * here! + after!);
      }),
    );
    expect(Math.max(...bends)).toBeLessThan(0.3);
  });

  test('bends a picture, and nothing where there is nothing', () => {
    expect(viewOf(noisy, { warp: 0 })).toEqual(viewOf(noisy, {}));
    expect(viewOf(noisy, { warp: 0.1 })).not.toEqual(viewOf(noisy, {}));
    const plain = { ...noisy, data: noisy.data.map(() => 70) };
    expect(viewOf(plain, { warp: 0.1 })).toEqual(viewOf(plain, {}));
  });
});

describe('words', () => {
  test('are lost at the given rate, never all of them, in any script', () => {
    const words = Array.from({ length: 20 }, (_, index) => `word${index}`);
    const lost = Array.from({ length: 200 }, (_, seed) =>
      vary(words.join(' '), { templates: [], dropout: 0.25 }, new Random(seed)),
    ).map((said) => 20 - said.split(' ').length);
    const mean = lost.reduce((sum, count) => sum + count, 0) / lost.length;
    expect(mean).toBeGreaterThan(4.5);
    expect(mean).toBeLessThan(5.5);
    const harsh = { templates: [], dropout: 0.9 };
    for (let seed = 0; seed < 50; seed++) {
      expect(vary('red car', harsh, new Random(seed))).toMatch(/^(red|car|red car)$/);
      expect(vary('红色的汽车', harsh, new Random(seed)).length).toBeGreaterThan(0);
    }
  });

  test('stand in each of the templates, as they are', () => {
    const words = { templates: ['a {}.', '{} and {}'], dropout: 0 };
    const said = new Set(
      Array.from({ length: 30 }, (_, seed) => vary('$& cat', words, new Random(seed))),
    );
    expect([...said].sort()).toEqual(['$& cat and $& cat', 'a $& cat.']);
  });
});

describe('mirroring', () => {
  test.each([
    'a man on the LEFT.',
    'right-hand drive',
    'une flèche vers la droite',
    'Pfeil nach rechts',
    'стрелка влево слева',
    '左の猫',
    '왼쪽에 있는 개',
    'a sign with the word STOP',
  ])('is off where a caption says %j', (caption) => {
    expect(namesSide(caption)).toBe(true);
    expect(decideFlip(['a cat', caption], undefined).flip).toBe(false);
    expect(decideFlip([caption], true).flip).toBe(true);
  });

  test.each(['a bright cat', 'copyright-free cleft rock', 'ein Linkshänder', 'ein Hund', '一只猫'])(
    'is on where captions say things like %j',
    (caption) => {
      expect(decideFlip([caption], undefined)).toEqual({
        flip: true,
        reason: 'no caption names a side or letters',
      });
      expect(decideFlip([caption], false).flip).toBe(false);
    },
  );
});

describe('padding', () => {
  test('comes in few lengths, each where it saves enough', () => {
    // Nine of ten captions have 6 tokens, the others 60: batches of two are rarely short.
    const counts = Int32Array.from({ length: 100 }, (_, index) => (index % 10 ? 6 : 60));
    expect(chooseLengths(counts, 2, 77)).toEqual([8, 64]);
    expect(chooseLengths(counts, 64, 77)).toEqual([64]);
    expect(chooseLengths(Int32Array.from([70, 76, 77]), 1, 77)).toEqual([77]);
    expect(chooseLengths(new Int32Array(0), 8, 77)).toEqual([8]);
    expect([5, 8, 9, 70].map((tokens) => fitLength([8, 64], tokens, 77))).toEqual([8, 8, 64, 77]);
  });

  test('fills every input that a tower may have', () => {
    const inputs = [
      { name: 'input_ids', dataType: 'int64' },
      { name: 'attention_mask', dataType: 'int32' },
      { name: 'token_type_ids', dataType: 'int64' },
      { name: 'position_ids', dataType: 'int64' },
    ] as const;
    const fed = textTensors([Int32Array.of(5, 6), Int32Array.of(7)], 3, 9, inputs);
    const data = (name: string) => [...(fed[name]!.data as Int32Array)].map(Number);
    expect(data('input_ids')).toEqual([5, 6, 9, 7, 9, 9]);
    expect(data('attention_mask')).toEqual([1, 1, 0, 1, 0, 0]);
    expect(data('token_type_ids')).toEqual([0, 0, 0, 0, 0, 0]);
    expect(data('position_ids')).toEqual([0, 1, 2, 0, 1, 2]);
    expect(fed['attention_mask']!.type).toBe('int32');
    expect(fed['input_ids']!.dims).toEqual([2, 3]);
  });
});
