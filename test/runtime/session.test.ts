// Sessions on the CPU and, where an adapter answers, on WebGPU.

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toModelFile, GraphBuilder } from '#onnx';
import {
  deviceFailure,
  devices,
  download,
  fastestDevice,
  openSession,
  resolveDevice,
  Tensor,
  type Device,
} from '#runtime';

/** sum = a + b and product = a · b over [n, 2]. */
function arithmetic(): Uint8Array {
  const builder = new GraphBuilder('arithmetic');
  const a = builder.input('a', 'float32', ['n', 2]);
  const b = builder.input('b', 'float32', ['n', 2]);
  builder.output(builder.op('Add', [a, b]), 'sum', 'float32', ['n', 2]);
  builder.output(builder.op('Mul', [a, b]), 'product', 'float32', ['n', 2]);
  return toModelFile(builder.graph);
}

const model = arithmetic();
const a = new Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]);
const b = new Tensor('float32', Float32Array.of(5, 6, 7, -8), [2, 2]);

const failure = await deviceFailure('webgpu');
const usable: Device[] = failure ? ['cpu'] : ['cpu', 'webgpu'];

describe.each(usable)('a session on %s', (device) => {
  it('computes', async () => {
    const session = await openSession(model, { device, threads: 1 });
    expect(session.inputNames).toEqual(['a', 'b']);
    expect(session.outputNames).toEqual(['sum', 'product']);
    expect(session.inputs[0]).toMatchObject({ name: 'a', type: 'float32', shape: ['n', 2] });
    const { sum, product } = await session.run({ a, b });
    expect(sum!.dims).toEqual([2, 2]);
    expect(sum!.data).toEqual(Float32Array.of(6, 8, 10, -4));
    expect(product!.data).toEqual(Float32Array.of(5, 12, 21, -32));
    expect(Object.keys(await session.run({ a, b }, ['product']))).toEqual(['product']);
    await session.release();
  });

  it('says what is missing', async () => {
    const session = await openSession(model, { device });
    await expect(session.run({ a })).rejects.toThrow(/'b' is missing/);
    const wide = new Tensor('float32', new Float32Array(6), [2, 3]);
    await expect(session.run({ a: wide, b })).rejects.toThrow(/Got: 3 Expected: 2/);
    await session.release();
  });
});

describe('on the CPU', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-runtime-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('fills tensors that are given', async () => {
    const session = await openSession(model);
    const sum: Tensor = new Tensor('float32', new Float32Array(4), [2, 2]);
    await session.run({ a, b }, { sum });
    expect(sum.data).toEqual(Float32Array.of(6, 8, 10, -4));
    await session.release();
  });

  it('fills in place, many times, without a copy', async () => {
    const session = await openSession(model, { inPlace: true, threads: 1 });
    expect(session.outputNames).toEqual(['sum', 'product']);
    const memory = new WebAssembly.Memory({ initial: 1 });
    const outputs: Record<string, Tensor> = {
      sum: new Tensor('float32', new Float32Array(memory.buffer, 0, 4), [2, 2]),
      product: new Tensor('float32', new Float32Array(memory.buffer, 16, 4), [2, 2]),
    };
    for (let time = 0; time < 3; time++) {
      new Uint8Array(memory.buffer).fill(0);
      await session.fill({ a, b }, outputs);
      expect([...new Float32Array(memory.buffer, 0, 8)]).toEqual([6, 8, 10, -4, 5, 12, 21, -32]);
    }
    await expect(session.fill({ a }, outputs)).rejects.toThrow(/'b' is missing/);
    const { sum } = await session.run({ a, b });
    expect(sum!.data).toEqual(Float32Array.of(6, 8, 10, -4));
    await session.release();
  });

  it('fills in place in the memory of one run', async () => {
    const session = await openSession(model, { inPlace: true, threads: 1 });
    const rows = 500_000;
    const large = () => new Tensor('float32', new Float32Array(2 * rows), [rows, 2]);
    const [feeds, outputs] = [
      { a: large(), b: large() },
      { sum: large(), product: large() },
    ];
    for (let time = 0; time < 10; time++) await session.fill(feeds, outputs);
    const before = process.memoryUsage.rss();
    for (let time = 0; time < 60; time++) await session.fill(feeds, outputs);
    // Copies of all outputs would be 480 MB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
    await session.release();
  });

  it('writes a profile on release', async () => {
    const session = await openSession(model, { profile: path.join(folder, 'trace') });
    await session.run({ a, b });
    await session.release();
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^trace.*\.json$/)]);
  });

  it('says which file cannot be opened', async () => {
    const file = path.join(folder, 'page.onnx');
    await writeFile(file, '<html>');
    await expect(openSession(file)).rejects.toThrow(/page\.onnx: cannot be opened on cpu: /);
    await expect(openSession(path.join(folder, 'none.onnx'))).rejects.toThrow(/none\.onnx: cannot/);
  });
});

describe.skipIf(failure)(`on WebGPU ${failure ? `(skipped: ${failure})` : ''}`, () => {
  it('keeps outputs on the device and feeds them again', async () => {
    const session = await openSession(model, { device: 'webgpu', outputsOnDevice: ['sum'] });
    let state: Tensor = a;
    for (let step = 0; step < 3; step++) {
      const { sum, product } = await session.run({ a: state, b });
      expect([sum!.location, product!.location]).toEqual(['gpu-buffer', 'cpu']);
      if (step > 0) state.dispose();
      state = sum!;
    }
    expect((await download(state)).data).toEqual(Float32Array.of(16, 20, 24, -20));
    expect((await download(a)).data).toEqual(a.data);

    const cpu = await openSession(model);
    await expect(cpu.run({ a: state, b })).rejects.toThrow('input a lies on the GPU');
    state.dispose();
    await session.release();
  });
});

describe('devices', () => {
  it('knows what is installed', () => {
    expect(devices().map(({ name }) => name)).toEqual(['cpu', 'webgpu', 'cuda']);
    expect(devices()[0]).toEqual({ name: 'cpu', bundled: true });
    expect(resolveDevice('auto')).toBe('cpu');
  });

  it('trains on the fastest, and says why not on the others', async () => {
    expect(await fastestDevice('cpu', 1)).toEqual({ device: 'cpu', tried: [] });
    const { device, tried } = await fastestDevice('auto', 1);
    expect(tried.at(-1)).toEqual({ device, outcome: 'used' });
    const cuda = devices().find(({ name }) => name === 'cuda')!;
    if (!cuda.bundled) expect(tried[0]).toEqual({ device: 'cuda', outcome: 'not installed' });
    const webgpu = tried.find((one) => one.device === 'webgpu');
    if (webgpu && failure) expect(webgpu.outcome).toBe(failure);
    else if (device === 'cpu') expect(webgpu!.outcome).toMatch(/^answers, but needs [\d.]+ ms/);
  });

  const missing = devices().find(({ bundled }) => !bundled);
  it.skipIf(!missing)('names what there is when a device is not installed', async () => {
    expect(() => resolveDevice(missing!.name)).toThrow(
      new RegExp(`^device ${missing!.name} is not installed here, only cpu`),
    );
    await expect(openSession(model, { device: missing!.name })).rejects.toThrow('not installed');
  });
});
