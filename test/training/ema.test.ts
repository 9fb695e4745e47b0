// Moving averages of weights against the recurrence written out.

import { describe, expect, test } from 'vitest';
import { deviceFailure, Tensor } from '#runtime';
import { Ema } from '../../services/training/step/ema';

const parameters = [
  { name: 'a', dims: [2], decay: false, rate: 1 },
  { name: 'b', dims: [], decay: false, rate: 1 },
];
const start = new Map([
  ['a', Float32Array.of(1, -2)],
  ['b', Float32Array.of(0.5)],
]);

describe.each(['cpu', 'webgpu'] as const)('on %s', (device) => {
  test('the average follows the weights, and comes back from its own values', async (context) => {
    if ((await deviceFailure(device)) !== null) context.skip('no WebGPU adapter answers');
    const options = { device, threads: 1, prefix: 'ema.' };
    const steps = [
      [3, 4, 5],
      [-1, 0, 2],
      [0.25, 9, -7],
    ];
    const weights = ([x, y, z]: number[]) => ({
      a: new Tensor('float32', Float32Array.of(x!, y!), [2]),
      b: new Tensor('float32', Float32Array.of(z!), []),
    });
    let expected = [1, -2, 0.5];
    let ema = await Ema.open(parameters, start, options);
    for (const step of steps) {
      await ema.update(weights(step), 0.9);
      expected = expected.map((value, index) => 0.9 * value + 0.1 * step[index]!);
      const values = await ema.read();
      await ema.release();
      expect([...values.keys()]).toEqual(['ema.a', 'ema.b']);
      const actual = [...values.get('ema.a')!, ...values.get('ema.b')!];
      actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 5));
      ema = await Ema.open(parameters, new Map([...start, ...values]), options);
    }
    await ema.release();
    expect([...start.get('a')!]).toEqual([1, -2]);
  });
});
