// Stepper: one training step after another, over the state of a run.

import type { Device } from '#runtime';
import type { Batch, Tensors } from '../data/batch';
import { collectGarbage } from './garbage';
import type { GradientSource } from './gradients';
import type { AdamWOptions, OptimizerState, StateValues } from './optimizer';
import { DeviceState } from './state-device';
import { HostState } from './state-host';

export type { StateValues } from './optimizer';

export interface StepperOptions {
  device: Device;
  threads: number;
  optimizer: AdamWOptions;
}

export class Stepper {
  private started = false;

  private constructor(
    private readonly source: GradientSource,
    private readonly state: OptimizerState,
  ) {}

  /**
   * Starts from `values`; a moment that they lack starts at zero. The state is copied to where it is
   * updated: the device with WebGPU, else host memory. Owns `source` from here on.
   */
  static async open(
    source: GradientSource,
    values: StateValues,
    { device, optimizer }: StepperOptions,
  ): Promise<Stepper> {
    const { parameters } = source;
    const state =
      device === 'webgpu'
        ? await DeviceState.open(parameters, values, optimizer)
        : new HostState(parameters, values, optimizer);
    return new Stepper(source, state);
  }

  /** One step: forward, backward, update. `step` counts from 0. Returns the loss before it. */
  async step(
    batch: Batch,
    step: number,
    learningRate: number,
  ): Promise<{ loss: number; gradientNorm: number }> {
    // By now nobody needs the values that the state was copied from.
    if (!this.started) collectGarbage();
    this.started = true;
    const { weights, gradients: into } = this.state;
    const { loss, gradients } = await this.source.compute(weights, batch, into);
    const gradientNorm = await this.state.update(gradients, step, learningRate);
    return { loss, gradientNorm };
  }

  /** The current weights by name, not copied: good until the next step. On WebGPU on the device. */
  weights(): Tensors {
    return this.state.weights;
  }

  /** The state in host memory, copied only from a device: good until the next step. */
  read(): Promise<StateValues> {
    return this.state.read();
  }

  async release(): Promise<void> {
    await this.source.release();
    await this.state.release();
  }
}
