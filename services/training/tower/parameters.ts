// What is trained, and how the optimizer treats it. Which initializers are weights: weight-rule.ts.

import type { Graph } from '#onnx';
import type { Random } from '#random';

/** What the first values of a head come from: the base model's, or chance. */
export interface HeadStart {
  logitScale: number;
  logitBias: number;
  random: Random;
}

/** A trained tensor. `name` is unique in a step graph: its tower's prefix and its initializer. */
export interface Parameter {
  name: string;
  dims: number[];
  /** Decoupled weight decay applies: matrices and kernels, not biases, norms or scales. */
  decay: boolean;
  /** Factor on the run's learning rate. */
  rate: number;
  /** Bounds that the optimizer holds the value to. */
  bounds?: [number, number];
  /** First value of a parameter that belongs to no tower. */
  initial?: (start: HeadStart) => Float32Array;
}

/** The logit scale is kept between 0 and ln 100, as CLIP does, so that logits stay below 100. */
export const LOGIT_SCALE: Parameter = {
  name: 'logit_scale',
  dims: [],
  decay: false,
  rate: 1,
  bounds: [0, Math.log(100)],
  initial: ({ logitScale }) => Float32Array.of(logitScale),
};

/** Where SigLIP's bias starts for a model that has none (Zhai et al. 2023). */
const INITIAL_BIAS = -10;

/** The bias of a sigmoid loss. */
export const LOGIT_BIAS: Parameter = {
  name: 'logit_bias',
  dims: [],
  decay: false,
  rate: 1,
  initial: ({ logitBias }) => Float32Array.of(logitBias || INITIAL_BIAS),
};

/** The parameters of a tower under the prefix that its step graph gives them. */
export function towerParameters(
  graph: Graph,
  prefix: string,
  trained: ReadonlySet<string>,
  rates?: ReadonlyMap<string, number>,
): Parameter[] {
  return [...trained].map((name) => {
    const { dims } = graph.initializers.get(name)!;
    return { name: prefix + name, dims, decay: dims.length >= 2, rate: rates?.get(name) ?? 1 };
  });
}
