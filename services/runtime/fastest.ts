// The fastest device that works here, for work that pays for finding out.

import { toModelFile, GraphBuilder } from '#onnx';
import { devices, resolveDevice, type Device } from './devices';
import { deviceFailure } from './probe';
import { openSession, Tensor } from './session';

export interface DeviceChoice {
  device: Device;
  /** What was found out of each device that was looked at, in order; empty where none was chosen. */
  tried: { device: Device; outcome: string }[];
}

/** Columns of the probe's matrices, and rows: those of a linear layer of a small tower. */
const [WIDTH, ROWS] = [768, 512];

/** Rows of a first look, and how many times slower than the CPU a device may be at so few. */
const [FEW_ROWS, SLOWEST] = [32, 50];

/** Seconds: longer than any first run on a graphics card, where shaders are still compiled. */
const LONG = 1;

/** Products in a row, so that their time exceeds that of getting there and back. */
const PRODUCTS = 3;

/**
 * The device to train on. `auto` takes CUDA where it is installed and answers; else WebGPU where an
 * adapter answers and is faster than the CPU on matrix products of training size, which a software
 * driver is not; else the CPU. A device asked for by name is taken, or an error of one line.
 */
export async function fastestDevice(
  wanted: Device | 'auto',
  threads: number,
): Promise<DeviceChoice> {
  if (wanted !== 'auto') return { device: resolveDevice(wanted), tried: [] };
  const tried: DeviceChoice['tried'] = [];
  for (const device of ['cuda', 'webgpu'] as const) {
    const refused = await whyNot(device, threads);
    tried.push({ device, outcome: refused ?? 'used' });
    if (refused === undefined) return { device, tried };
  }
  tried.push({ device: 'cpu', outcome: 'used' });
  return { device: 'cpu', tried };
}

/** Why a device is passed over; undefined where it is not. */
async function whyNot(device: 'cuda' | 'webgpu', threads: number): Promise<string | undefined> {
  if (!devices().some(({ name, bundled }) => name === device && bundled)) return 'not installed';
  const failure = await deviceFailure(device);
  if (failure !== null) return failure;
  if (device === 'cuda') return undefined;
  // A software driver takes seconds for what the second look asks.
  for (const [rows, limit] of [
    [FEW_ROWS, SLOWEST],
    [ROWS, 1],
  ] as const) {
    const cpu = await probeSeconds('cpu', rows, threads);
    const own = await probeSeconds(device, rows, threads);
    if (own > limit * cpu) {
      const [slow, fast] = [own, cpu].map((seconds) => `${(seconds * 1000).toFixed(1)} ms`);
      return `answers, but needs ${slow} for what the CPU does in ${fast}`;
    }
  }
  return undefined;
}

/** Seconds of a few products, the best of three times; of one where that takes long. */
async function probeSeconds(device: Device, rows: number, threads: number): Promise<number> {
  const session = await openSession(probeModel(), { device, threads });
  const filled = (count: number) =>
    new Tensor('float32', new Float32Array(count * WIDTH).fill(1 / WIDTH), [count, WIDTH]);
  const feeds = { x: filled(rows), w: filled(WIDTH) };
  let best = Infinity;
  for (let time = 0; time < 3 && !(time > 0 && best > LONG); time++) {
    const started = performance.now();
    await session.run(feeds);
    best = Math.min(best, (performance.now() - started) / 1000);
  }
  await session.release();
  return best;
}

/** The largest number of x w w …: one number comes back, so that transfer does not count. */
function probeModel(): Uint8Array {
  const b = new GraphBuilder('probe');
  const w = b.input('w', 'float32', [WIDTH, WIDTH]);
  let x = b.input('x', 'float32', ['rows', WIDTH]);
  for (let time = 0; time < PRODUCTS; time++) x = b.op('Gemm', [x, w]);
  const largest = b.op('ReduceMax', [x], { axes: [0, 1], keepdims: 0 });
  b.output(largest, 'largest', 'float32', []);
  return toModelFile(b.graph);
}
