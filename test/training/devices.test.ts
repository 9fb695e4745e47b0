// The same training run on CPU and on WebGPU, with weights and moments on the device.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { deviceFailure, openSession, Tensor, type Device } from '#runtime';
import type { Tensors } from '../../services/training/data/batch';
import { buildObjective } from '../../services/training/loss/objective';
import { ADAMW_DEFAULTS, stateNames } from '../../services/training/step/optimizer';
import { buildOptimizerGraph } from '../../services/training/step/optimizer-graph';
import { openGradients } from '../../services/training/step/gradients';
import { buildStepGraph } from '../../services/training/step/step-graph';
import { DeviceState } from '../../services/training/step/state-device';
import { Stepper } from '../../services/training/step/stepper';
import { withLora } from '../../services/training/tower/lora';
import { initialState, randomBatch, SHAPE, stepTowers, TINY, tinyTowers } from './tiny';

const STEPS = 20;

/** What a step on WebGPU leaves to the CPU: a few integers a caption, from its tokens. */
const IDS_ARITHMETIC = ['ArgMax int64', 'Equal bool', 'Expand int64', 'Reshape int64'];

const INFONCE = buildObjective({ loss: 'infonce' });

/** The software driver is slow; beside other work on few cores, very. Only a hang should fail. */
const PATIENCE = 600_000;

interface Run {
  microBatch?: number;
  steps?: number;
  /** Rank of adapters; 0 for a full fine-tune. */
  rank?: number;
  /** Rows of the table of tokens. */
  vocabulary?: number;
  after?: (step: number) => void;
}

async function losses(
  device: Device,
  { microBatch = SHAPE.size, steps = STEPS, rank = 0, vocabulary = 50, after = () => {} }: Run = {},
): Promise<number[]> {
  const text_config = { ...TINY.text_config, vocab_size: vocabulary };
  const graphs = tinyTowers({ ...TINY, text_config });
  const state = initialState(graphs);
  let towers = stepTowers(graphs);
  if (rank > 0) {
    const adapters = { rank, seed: 3 };
    const [text, image] = [withLora(towers.text, adapters), withLora(towers.image, adapters)];
    for (const { graph, prefix, trained } of [text, image]) {
      for (const name of trained) {
        state.set(prefix + name, graph.initializers.get(name)!.data as Float32Array);
      }
    }
    towers = { text, image };
  }
  const gradients = await openGradients({
    ...towers,
    objective: INFONCE,
    batchSize: SHAPE.size,
    microBatch,
    length: SHAPE.length,
    device,
    threads: 1,
  });
  const optimizer = ADAMW_DEFAULTS;
  const stepper = await Stepper.open(gradients, state, { device, threads: 1, optimizer });
  const result: number[] = [];
  for (let index = 0; index < steps; index++) {
    const { loss } = await stepper.step(randomBatch(index % 3), index, 2e-3);
    result.push(loss);
    after(index);
  }
  await stepper.release();
  return result;
}

/** Whether an adapter answers: a GPU, or the software driver that setup points the loader to. */
async function webgpuAnswers(): Promise<boolean> {
  return (await deviceFailure('webgpu')) === null;
}

/** Operations of a session's run on WebGPU that the CPU computed, `op type`, from the profile. */
async function operationsOnCpu(model: Uint8Array, feeds: Tensors): Promise<string[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-profile-'));
  try {
    const profile = path.join(folder, 'trace');
    const session = await openSession(model, { device: 'webgpu', profile });
    await session.run(feeds);
    await session.release();
    const [file] = await readdir(folder);
    const events = JSON.parse(await readFile(path.join(folder, file!), 'utf8')) as {
      cat: string;
      args: {
        op_name?: string;
        provider?: string;
        output_type_shape?: Record<string, number[]>[];
      };
    }[];
    const nodes = events.filter(({ cat, args }) => cat === 'Node' && args.provider !== undefined);
    expect(nodes.some(({ args }) => args.provider === 'WebGpuExecutionProvider')).toBe(true);
    const cpu = nodes.filter(({ args }) => args.provider === 'CPUExecutionProvider');
    return cpu.map(({ args }) => {
      const [type] = Object.keys(args.output_type_shape?.[0] ?? {});
      return `${args.op_name} ${type}`;
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('training on devices', { timeout: PATIENCE }, () => {
  test('the loss falls, and a seed gives the same run', async () => {
    const first = await losses('cpu');
    expect(first.at(-1)!).toBeLessThan(first[0]! * 0.6);
    expect(await losses('cpu')).toEqual(first);
  });

  test('WebGPU follows the CPU within 1e-4 over 20 steps', async (context) => {
    if (!(await webgpuAnswers())) context.skip('no WebGPU adapter answers on this machine');
    const [cpu, webgpu] = [await losses('cpu'), await losses('webgpu')];
    webgpu.forEach((loss, index) => expect(Math.abs(loss - cpu[index]!)).toBeLessThan(1e-4));
  });

  test('WebGPU in micro-batches does too', async (context) => {
    if (!(await webgpuAnswers())) context.skip('no WebGPU adapter answers on this machine');
    const [cpu, webgpu] = [
      await losses('cpu'),
      await losses('webgpu', { microBatch: 4, steps: 4 }),
    ];
    webgpu.forEach((loss, index) => expect(Math.abs(loss - cpu[index]!)).toBeLessThan(1e-4));
  });

  test('WebGPU follows the CPU with adapters', async (context) => {
    if (!(await webgpuAnswers())) context.skip('no WebGPU adapter answers on this machine');
    const run = { rank: 2, steps: 4 };
    const [cpu, webgpu] = [await losses('cpu', run), await losses('webgpu', run)];
    expect(cpu.at(-1)!).not.toBeCloseTo(cpu[0]!, 2);
    webgpu.forEach((loss, index) => expect(Math.abs(loss - cpu[index]!)).toBeLessThan(1e-4));
  });

  test('steps on WebGPU keep no memory', async (context) => {
    if (!(await webgpuAnswers())) context.skip('no WebGPU adapter answers on this machine');
    const resident: number[] = [];
    const after = () => void resident.push(process.memoryUsage.rss());
    await losses('webgpu', { steps: 40, vocabulary: 100_000, after });
    // A kept gradient of the table is 6.4 MB a step, 128 over these 20; the driver itself moves by 30.
    const lowest = (from: number, to: number) => Math.min(...resident.slice(from, to));
    expect(lowest(30, 40) - lowest(10, 20)).toBeLessThan(60e6);
  });

  test('a step on WebGPU leaves the CPU nothing but arithmetic on ids', async (context) => {
    if (!(await webgpuAnswers())) context.skip('no WebGPU adapter answers on this machine');
    const towers = tinyTowers();
    const { text, image } = stepTowers(towers);
    const size = { pairs: SHAPE.size, length: SHAPE.length };
    const { model, parameters } = buildStepGraph(text, image, INFONCE, size, 'webgpu');
    const state = initialState(towers);
    const batch = randomBatch(0);
    const weights = Object.fromEntries(
      parameters.map(({ name, dims }) => [name, new Tensor('float32', state.get(name)!, dims)]),
    );
    const { positives } = batch;
    const feeds = { ...weights, ...batch.text, ...batch.image, positives };
    expect(new Set(await operationsOnCpu(model, feeds))).toEqual(new Set(IDS_ARITHMETIC));

    const scalars = ['learning_rate', 'correction1', 'correction2'];
    const update: Tensors = Object.fromEntries(
      scalars.map((name) => [name, new Tensor('float32', Float32Array.of(0.5), [])]),
    );
    for (const { name, dims } of parameters) {
      for (const key of [...stateNames(name), `gradient.${name}`]) {
        update[key] = new Tensor('float32', state.get(name)!, dims);
      }
    }
    const optimizer = buildOptimizerGraph(parameters, ADAMW_DEFAULTS, 'webgpu');
    expect(await operationsOnCpu(optimizer, update)).toEqual([]);
  });

  test('updates on WebGPU free what they replace', async (context) => {
    if (!(await webgpuAnswers())) context.skip('no WebGPU adapter answers on this machine');
    const dims = [1024, 512];
    const parameter = { name: 'weight', dims, decay: true, rate: 1 };
    const state = await DeviceState.open([parameter], new Map(), ADAMW_DEFAULTS);
    const update = (step: number) => {
      const gradient = new Tensor('float32', new Float32Array(1024 * 512).fill(0.01), dims);
      return state.update({ 'gradient.weight': gradient }, step, 1e-3);
    };
    for (let step = 0; step < 10; step++) await update(step);
    const before = process.memoryUsage.rss();
    for (let step = 10; step < 40; step++) await update(step);
    // Weight and moments of 30 steps would be 180 MB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(80e6);
    await state.release();
  });
});
