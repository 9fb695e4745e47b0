// Moving averages of weights over the steps: what a run exports with `ema`, and momentum towers.

import { Ops } from '#autodiff';
import { toModelFile, GraphBuilder } from '#onnx';
import { download, openSession, Tensor, type Device, type Session } from '#runtime';
import type { Tensors } from '../data/batch';
import type { Parameter } from '../tower/parameters';
import type { StateValues } from './stepper';

export interface EmaOptions {
  device: Device;
  threads: number;
  /** Put before a parameter's name in the run's state. */
  prefix: string;
}

/**
 * Exponential moving average of weights (Polyak & Juditsky 1992; as a teacher: Tarvainen & Valpola
 * 2017): a ← d a + (1 − d) w after each step. It starts as the weights it is first given. On the CPU
 * it is updated in place, on WebGPU it stays on the device.
 */
export class Ema {
  private constructor(
    private readonly prefix: string,
    private readonly averages: Map<string, Tensor>,
    /** Absent on the CPU. */
    private readonly session: Session | undefined,
  ) {}

  /** `values` holds the averages of a checkpoint, under the prefix, or else the weights to start from. */
  static async open(
    parameters: Parameter[],
    values: StateValues,
    { device, threads, prefix }: EmaOptions,
  ): Promise<Ema> {
    const averages = new Map<string, Tensor>();
    for (const { name, dims } of parameters) {
      const start = values.get(prefix + name) ?? values.get(name);
      if (start === undefined) throw new Error(`nothing to start the average of ${name} from`);
      averages.set(name, new Tensor('float32', start.slice(), dims));
    }
    const session =
      device === 'webgpu'
        ? await openSession(buildAverageGraph(parameters), {
            device,
            threads,
            outputsOnDevice: parameters.map(({ name }) => `next.${name}`),
          })
        : undefined;
    return new Ema(prefix, averages, session);
  }

  /** Takes in the weights after a step. `decay` is the share that the average keeps of itself. */
  async update(weights: Tensors, decay: number): Promise<void> {
    if (this.session !== undefined) return this.updateOnDevice(this.session, weights, decay);
    for (const [name, average] of this.averages) {
      blend(average.data as Float32Array, weights[name]!.data as Float32Array, decay);
    }
  }

  private async updateOnDevice(session: Session, weights: Tensors, decay: number): Promise<void> {
    const feeds: Tensors = { decay: new Tensor('float32', Float32Array.of(decay), []) };
    for (const [name, average] of this.averages) {
      feeds[name] = weights[name]!;
      feeds[`average.${name}`] = average;
    }
    for (const [name, next] of Object.entries(await session.run(feeds))) {
      const key = name.slice('next.'.length);
      this.averages.get(key)!.dispose();
      this.averages.set(key, next);
    }
  }

  /** The averages by their parameters' names, where the device is; they change with `update`. */
  weights(): Tensors {
    return Object.fromEntries(this.averages);
  }

  /** Copies the averages to host memory, under the prefix. */
  async read(): Promise<StateValues> {
    const values: StateValues = new Map();
    for (const [name, tensor] of this.averages) {
      const data = (await download(tensor)).data as Float32Array;
      values.set(this.prefix + name, this.session === undefined ? data.slice() : data);
    }
    return values;
  }

  async release(): Promise<void> {
    for (const tensor of this.averages.values()) tensor.dispose();
    await this.session?.release();
  }
}

/** min(d, (1 + t) / (10 + t)): while it is young an average looks back less, and forgets its start. */
export function warmedDecay(decay: number, step: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}

/** a ← d a + (1 − d) w */
function blend(average: Float32Array, weights: Float32Array, decay: number): void {
  for (let index = 0; index < average.length; index++) {
    average[index] = decay * average[index]! + (1 - decay) * weights[index]!;
  }
}

/** Inputs: `decay`, and each parameter as `X` and `average.X`. Outputs: `next.X`. */
function buildAverageGraph(parameters: Parameter[]): Uint8Array {
  const ops = new Ops(new GraphBuilder('average'), false);
  const decay = ops.b.input('decay', 'float32', []);
  const rest = ops.oneMinus(decay);
  for (const { name, dims } of parameters) {
    const average = ops.b.input(`average.${name}`, 'float32', dims);
    const weights = ops.b.input(name, 'float32', dims);
    const next = ops.add(ops.mul(average, decay), ops.mul(weights, rest));
    ops.b.output(next, `next.${name}`, 'float32', dims);
  }
  return toModelFile(ops.b.graph);
}
