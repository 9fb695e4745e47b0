// The same training run on CPU and on WebGPU, with weights and moments on the device.

import { describe, expect, test } from 'vitest';
import { openSession, type Device } from '#runtime';
import { buildObjective } from '../../services/training/loss/objective';
import { ADAMW_DEFAULTS } from '../../services/training/optimizer';
import { openGradients } from '../../services/training/gradients';
import { buildForwardGraph } from '../../services/training/step-graph';
import { Stepper } from '../../services/training/stepper';
import { initialState, randomBatch, SHAPE, stepTowers, tinyTowers } from './tiny';

const STEPS = 20;

/** The software driver is slow; beside other work on few cores, very. Only a hang should fail. */
const PATIENCE = 600_000;

async function losses(
  device: Device,
  { microBatch = SHAPE.size, steps = STEPS } = {},
): Promise<number[]> {
  const towers = tinyTowers();
  const gradients = await openGradients({
    ...stepTowers(towers),
    objective: buildObjective({ loss: 'infonce' }),
    batchSize: SHAPE.size,
    microBatch,
    length: SHAPE.length,
    device,
    threads: 1,
  });
  const stepper = await Stepper.open(gradients, initialState(towers), {
    device,
    threads: 1,
    optimizer: ADAMW_DEFAULTS,
  });
  const result: number[] = [];
  for (let index = 0; index < steps; index++) {
    const { loss } = await stepper.step(randomBatch(index % 3), index, 2e-3);
    result.push(loss);
  }
  await stepper.release();
  return result;
}

/** Whether an adapter answers: a GPU, or the software driver that setup points the loader to. */
async function webgpuAnswers(): Promise<boolean> {
  const { text } = stepTowers(tinyTowers());
  try {
    const { model } = buildForwardGraph(text, { pairs: 1, length: SHAPE.length }, 'webgpu');
    const session = await openSession(model, { device: 'webgpu' });
    await session.release();
    return true;
  } catch {
    return false;
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
});
