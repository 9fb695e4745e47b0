// The state of a run on the device, and its update there by a graph: for WebGPU, which can leave the
// outputs of one run where the next one takes its inputs.

import { size } from '#onnx';
import { download, openSession, Tensor, type Session } from '#runtime';
import type { Tensors } from '../data/batch';
import { stateNames, type AdamWOptions, type OptimizerState, type StateValues } from './optimizer';
import { buildOptimizerGraph } from './optimizer-graph';
import type { Parameter } from '../tower/parameters';

function scalar(value: number): Tensor {
  return new Tensor('float32', Float32Array.of(value), []);
}

export class DeviceState implements OptimizerState {
  readonly gradients = undefined;

  private constructor(
    private readonly parameters: Parameter[],
    private readonly session: Session,
    private readonly state: Map<string, Tensor>,
    private readonly options: AdamWOptions,
  ) {}

  /** Opens the update; the state is uploaded with the first step. A moment not given starts at zero. */
  static async open(
    parameters: Parameter[],
    values: StateValues,
    options: AdamWOptions,
  ): Promise<DeviceState> {
    const names = parameters.flatMap(({ name }) => stateNames(name));
    const session = await openSession(buildOptimizerGraph(parameters, options, 'webgpu'), {
      device: 'webgpu',
      outputsOnDevice: names.map((name) => `next.${name}`),
    });
    const state = new Map<string, Tensor>();
    for (const { name, dims } of parameters) {
      for (const key of stateNames(name)) {
        const data = values.get(key) ?? new Float32Array(size(dims));
        state.set(key, new Tensor('float32', data, dims));
      }
    }
    return new DeviceState(parameters, session, state, options);
  }

  get weights(): Tensors {
    return Object.fromEntries(this.parameters.map(({ name }) => [name, this.state.get(name)!]));
  }

  async update(gradients: Tensors, step: number, learningRate: number): Promise<number> {
    const { gradient_norm: norm, ...next } = await this.session.run({
      ...Object.fromEntries(this.state),
      ...gradients,
      learning_rate: scalar(learningRate),
      correction1: scalar(1 - this.options.beta1 ** (step + 1)),
      correction2: scalar(1 - this.options.beta2 ** (step + 1)),
    });
    for (const gradient of Object.values(gradients)) gradient.dispose();
    for (const [name, tensor] of Object.entries(next)) {
      const key = name.slice('next.'.length);
      this.state.get(key)!.dispose();
      this.state.set(key, tensor);
    }
    return Number(norm!.data[0]);
  }

  async read(): Promise<StateValues> {
    const values: StateValues = new Map();
    for (const [name, tensor] of this.state) {
      values.set(name, (await download(tensor)).data as Float32Array);
    }
    return values;
  }

  async release(): Promise<void> {
    for (const tensor of this.state.values()) tensor.dispose();
    await this.session.release();
  }
}
