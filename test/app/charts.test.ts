// The axes of charts: round marks, and all values between their ends.
import { expect, it } from 'vitest';
import { Random } from '#random';
import { along, scaleOf } from '../../app/_components/charts/scale';

it('marks round numbers around the values', () => {
  expect(scaleOf([0.31, 0.87], 4)).toEqual({ from: 0.2, to: 1, ticks: [0.2, 0.4, 0.6, 0.8, 1] });
  expect(scaleOf([3, 41], 5, [0]).ticks).toEqual([0, 10, 20, 30, 40, 50]);
  expect(scaleOf([0.93], 4).ticks.length).toBeGreaterThan(1);
  expect(scaleOf([], 4)).toEqual({ from: 0, to: 1, ticks: [0, 1] });
});

it('holds every value, whatever the size of the numbers', () => {
  const random = new Random(1);
  for (let round = 0; round < 200; round++) {
    const size = 10 ** random.between(-6, 6);
    const values = Array.from({ length: 5 }, () => size * random.normal());
    const scale = scaleOf(values, 4);
    expect(scale.from).toBeLessThanOrEqual(Math.min(...values) + 1e-9 * size);
    expect(scale.to).toBeGreaterThanOrEqual(Math.max(...values) - 1e-9 * size);
    expect(scale.ticks.length).toBeLessThanOrEqual(8);
    expect(along(scale, scale.to, 10, 20)).toBeCloseTo(20, 9);
  }
});
