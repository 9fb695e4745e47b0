// What the optimizer is told, wherever it runs: on the CPU state-host.ts, elsewhere state-device.ts.

import type { Tensors } from '../data/batch';

/** Float32 values by name: each parameter X, `moment1.X` and `moment2.X`. */
export type StateValues = Map<string, Float32Array>;

export interface AdamWOptions {
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  /** Gradients are scaled down so that their global L2 norm is at most this. */
  clipNorm: number;
}

export const ADAMW_DEFAULTS: AdamWOptions = {
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-6,
  weightDecay: 0.1,
  clipNorm: 1,
};

/** Weights and moments, and their update: AdamW (Loshchilov & Hutter 2019), clipped by global norm. */
export interface OptimizerState {
  /** The current weights by name. Good until the next update. */
  readonly weights: Tensors;
  /** Where the gradients of a step go, `gradient.NAME`; absent where the device makes them afresh. */
  readonly gradients: Tensors | undefined;
  /**
   * One update. `step` counts from 0. Takes over the gradients.
   * @returns the global norm of the gradients before clipping
   */
  update(gradients: Tensors, step: number, learningRate: number): Promise<number>;
  /** The state in host memory. Good until the next update. */
  read(): Promise<StateValues>;
  release(): Promise<void>;
}

/** Names of a parameter's weight and moments in the state. */
export function stateNames(name: string): [string, string, string] {
  return [name, `moment1.${name}`, `moment2.${name}`];
}
