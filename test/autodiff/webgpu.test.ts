// Gradients whose operations differ between devices: the same numbers on WebGPU as on the CPU.

import { describe, expect, test } from 'vitest';
import { differentiate } from '#autodiff';
import { GraphBuilder, size, toModelFile, type AttributeInput } from '#onnx';
import { Random } from '#random';
import { openSession, Tensor, type Device } from '#runtime';
import { softwareWebgpu } from '../webgpu';

interface Case {
  op: string;
  domain?: string;
  dims: number[];
  /** The further inputs. */
  weights?: Record<string, number[]>;
  attributes?: Record<string, AttributeInput>;
}

const CASES: Case[] = [
  {
    op: 'MaxPool',
    dims: [2, 3, 6, 5],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  { op: 'FastGelu', domain: 'com.microsoft', dims: [4, 7] },
  { op: 'Gelu', domain: 'com.microsoft', dims: [4, 7] },
  { op: 'QuickGelu', domain: 'com.microsoft', dims: [4, 7] },
  { op: 'LayerNormalization', dims: [3, 4, 8], weights: { w: [8], bias: [8] } },
  {
    op: 'Conv',
    dims: [2, 3, 5, 4],
    weights: { w: [14, 3, 3, 3], bias: [14] },
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  },
];

/** y and dx for random x and gradient of y. */
async function run({ op, domain = '', dims, weights, attributes }: Case, device: Device) {
  const b = new GraphBuilder('rule');
  const inputs: Record<string, number[]> = { x: dims, ...weights };
  for (const [name, shape] of Object.entries(inputs)) b.input(name, 'float32', shape);
  const y = b.op(op, Object.keys(inputs), attributes, domain);
  inputs['g'] = b.dims(y);
  b.input('g', 'float32', b.dims(y));
  const wrt = Object.keys(inputs).filter((name) => name !== 'g');
  const gradients = differentiate(b, { seeds: new Map([[y, 'g']]), wrt, fused: device === 'cpu' });
  b.output(y, 'y', 'float32', b.dims(y));
  for (const [name, value] of gradients) b.output(value, `d_${name}`, 'float32', b.dims(name));
  const random = new Random(5);
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, shape]) => {
      const data = Float32Array.from({ length: size(shape) }, () => random.normal());
      return [name, new Tensor('float32', data, shape)];
    }),
  );
  const session = await openSession(toModelFile(b.graph), { device, threads: 1 });
  const results = await session.run(feeds);
  await session.release();
  return results;
}

// The software driver is slow beside other work: only a hang should fail.
describe('on WebGPU as on the CPU', { timeout: 600_000 }, () => {
  test.skipIf(Object.keys(softwareWebgpu).length === 0).each(CASES)('$op', async (one) => {
    const [cpu, webgpu] = [await run(one, 'cpu'), await run(one, 'webgpu')];
    expect(Object.keys(webgpu)).toEqual(Object.keys(cpu));
    for (const [name, { data }] of Object.entries(cpu)) {
      (data as Float32Array).forEach((value, index) => {
        const other = Number(webgpu[name]!.data[index]);
        expect(Math.abs(other - value), name).toBeLessThan(1e-4 * (1 + Math.abs(value)));
      });
    }
  });
});
