// Stepper: the state of a run (weights and moments) and its update, kept where the device is.

import { download, openSession, Tensor, type Device, type Session } from '#runtime';
import type { Batch } from './batch';
import type { GradientSource } from './gradients';
import { buildOptimizerGraph, type AdamWOptions } from './optimizer-graph';
import type { Parameter } from './parameters';

/** Float32 values by name: each parameter X, `moment1.X` and `moment2.X`. */
export type StateValues = Map<string, Float32Array>;

export interface StepperOptions {
  device: Device;
  threads: number;
  optimizer: AdamWOptions;
}

function stateNames({ name }: Parameter): [string, string, string] {
  return [name, `moment1.${name}`, `moment2.${name}`];
}

function scalar(value: number): Tensor {
  return new Tensor('float32', Float32Array.of(value), []);
}

export class Stepper {
  private constructor(
    private readonly gradients: GradientSource,
    private readonly update: Session,
    private readonly state: Map<string, Tensor>,
    private readonly optimizer: AdamWOptions,
  ) {}

  /**
   * Opens the optimizer and uploads the state; a moment that `values` lacks starts at zero. On
   * WebGPU, weights and moments stay on the device between steps. Owns `gradients` from here on.
   */
  static async open(
    gradients: GradientSource,
    values: StateValues,
    { device, threads, optimizer }: StepperOptions,
  ): Promise<Stepper> {
    const { parameters } = gradients;
    const update = await openSession(buildOptimizerGraph(parameters, optimizer, device), {
      device,
      threads,
      outputsOnDevice: parameters.flatMap(stateNames).map((name) => `next.${name}`),
    });
    const state = new Map<string, Tensor>();
    for (const parameter of parameters) {
      const length = parameter.dims.reduce((product, dim) => product * dim, 1);
      for (const name of stateNames(parameter)) {
        const data = values.get(name) ?? new Float32Array(length);
        state.set(name, new Tensor('float32', data, parameter.dims));
      }
    }
    return new Stepper(gradients, update, state, optimizer);
  }

  /** One step: forward, backward, update. `step` counts from 0. Returns the loss before it. */
  async step(
    batch: Batch,
    step: number,
    learningRate: number,
  ): Promise<{ loss: number; gradientNorm: number }> {
    const weights = Object.fromEntries(
      this.gradients.parameters.map(({ name }) => [name, this.state.get(name)!]),
    );
    const { loss, gradients } = await this.gradients.compute(weights, batch);
    const { gradient_norm: norm, ...next } = await this.update.run({
      ...Object.fromEntries(this.state),
      ...gradients,
      learning_rate: scalar(learningRate),
      correction1: scalar(1 - this.optimizer.beta1 ** (step + 1)),
      correction2: scalar(1 - this.optimizer.beta2 ** (step + 1)),
    });
    for (const gradient of Object.values(gradients)) gradient.dispose();
    for (const [name, tensor] of Object.entries(next)) {
      const key = name.slice('next.'.length);
      this.state.get(key)!.dispose();
      this.state.set(key, tensor);
    }
    return { loss, gradientNorm: Number(norm!.data[0]) };
  }

  /** Copies the state to host memory. */
  async read(): Promise<StateValues> {
    const values: StateValues = new Map();
    for (const [name, tensor] of this.state) {
      values.set(name, (await download(tensor)).data as Float32Array);
    }
    return values;
  }

  async release(): Promise<void> {
    for (const tensor of this.state.values()) tensor.dispose();
    await this.gradients.release();
    await this.update.release();
  }
}
