// Which initializers of a tower are weights, and how the optimizer treats each.

import type { Graph, Tensor } from '#onnx';
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

function isWeight({ dataType, data }: Tensor): boolean {
  return dataType === 'float32' && data.length > 1 && (data as Float32Array).every(Number.isFinite);
}

/** Running means and variances: inputs 3 and 4 of a normalisation over batches. */
function statistics(graph: Graph): Set<string> {
  const norms = graph.nodes.filter(({ op }) => op === 'BatchNormalization');
  return new Set(norms.flatMap(({ inputs }) => inputs.slice(3, 5)));
}

/**
 * Names of the initializers that are weights: float32, more than one element (a single number is a
 * constant such as an epsilon or a scale), every element finite (masks hold infinities), and not the
 * statistics of a batch normalisation.
 */
export function weightNames(graph: Graph): Set<string> {
  const excluded = statistics(graph);
  return new Set(
    [...graph.initializers]
      .filter(([name, value]) => isWeight(value) && !excluded.has(name))
      .map(([name]) => name),
  );
}

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
