// The graphs of a training step: towers forward, the loss, and the gradients of weights and
// embeddings. How they are run is gradients.ts.

import { differentiate, Ops } from '#autodiff';
import { GraphBuilder, toModelFile, type Value } from '#onnx';
import type { Device } from '#runtime';
import type { Objective } from '../loss/objective';
import type { Parameter } from '../tower/parameters';
import { inlineTower, parametersOf, type Tower, type TowerSize } from '../tower/tower';
import { accumulate, accumulateTables } from './accumulate';

export interface StepGraph {
  model: Uint8Array;
  /** The weights that the loss depends on, in a fixed order. */
  parameters: Parameter[];
  /** Those of them whose gradients are added to inputs `sum.NAME`. */
  summed: Parameter[];
}

function newOps(name: string, device: Device): Ops {
  return new Ops(new GraphBuilder(name), device !== 'webgpu');
}

/** Appends the gradients of those `parameters` that the seeds depend on. */
function gradientsOf(ops: Ops, seeds: Map<Value, Value>, parameters: Parameter[]) {
  const wrt = parameters.map(({ name }) => name);
  const gradients = differentiate(ops.b, { seeds, wrt, fused: ops.fused });
  return { gradients, used: parameters.filter(({ name }) => gradients.has(name)) };
}

/** Declares gradients as outputs `gradient.NAME`. */
function gradientOutputs({ b }: Ops, gradients: Map<string, Value>, parameters: Parameter[]): void {
  for (const { name, dims } of parameters) {
    b.output(gradients.get(name)!, `gradient.${name}`, 'float32', dims);
  }
}

/** A loss starts its own gradient at 1. */
function seedOf(ops: Ops, loss: Value): Map<Value, Value> {
  return new Map([[loss, ops.b.scalar(1)]]);
}

/**
 * The whole step as one graph. Inputs: those of the towers, what the objective is fed, each parameter
 * by name and, on the CPU, zeros for the gradients of tables, `sum.NAME`, which are added to in place.
 * Outputs: `loss` and, for each parameter, `gradient.NAME`.
 * @param text absent where the objective takes no captions
 */
export function buildStepGraph(
  text: Tower | undefined,
  image: Tower,
  objective: Objective,
  size: TowerSize,
  device: Device,
): StepGraph {
  const ops = newOps('training_step', device);
  const embeddings = {
    text: text && inlineTower(ops, text, size),
    image: inlineTower(ops, image, size),
  };
  const loss = objective.build(ops, embeddings);
  const { gradients, used } = gradientsOf(ops, seedOf(ops, loss), [
    ...(text ? parametersOf(text) : []),
    ...parametersOf(image),
    ...objective.head(ops.dims(embeddings.image)[1]!),
  ]);
  const summed = device === 'cpu' ? accumulateTables(ops, gradients, used) : [];
  gradientOutputs(ops, gradients, used);
  ops.b.output(loss, 'loss', 'float32', []);
  return { model: toModelFile(ops.b.graph), parameters: used, summed };
}

/** One tower forward. Output: `embedding`, [size · rows, dimension]. */
export function buildForwardGraph(
  tower: Tower,
  size: TowerSize,
  device: Device,
): { model: Uint8Array; dimension: number } {
  const ops = newOps('forward', device);
  const embedding = inlineTower(ops, tower, size);
  const dims = ops.dims(embedding);
  ops.b.output(embedding, 'embedding', 'float32', dims);
  return { model: toModelFile(ops.b.graph), dimension: dims[1]! };
}

/**
 * One tower forward and backward from the gradient of its embedding, `embedding_gradient`. Outputs
 * `gradient.NAME`, each with the sum of earlier micro-batches, `sum.NAME`, added.
 */
export function buildBackwardGraph(tower: Tower, size: TowerSize, device: Device): StepGraph {
  const ops = newOps('backward', device);
  const embedding = inlineTower(ops, tower, size);
  const seed = ops.b.input('embedding_gradient', 'float32', ops.dims(embedding));
  const seeds = new Map([[embedding, seed]]);
  const { gradients, used } = gradientsOf(ops, seeds, parametersOf(tower));
  gradientOutputs(ops, accumulate(ops, gradients, used), used);
  return { model: toModelFile(ops.b.graph), parameters: used, summed: used };
}

/**
 * The loss over a whole batch of embeddings, `image` and `text`. Outputs: `loss`, `gradient.image`,
 * `gradient.text` and the gradients of the head, which are its parameters.
 * @param shapes of the embeddings; no `text` where the objective takes no captions
 */
export function buildLossGraph(
  objective: Objective,
  shapes: { image: number[]; text?: number[] | undefined },
  device: Device,
): StepGraph {
  const ops = newOps('loss', device);
  const inputs = Object.entries(shapes).flatMap(([name, dims]) =>
    dims === undefined ? [] : [{ name: ops.b.input(name, 'float32', dims), dims }],
  );
  const loss = objective.build(ops, { image: 'image', text: shapes.text && 'text' });
  const head = objective.head(shapes.image[1]!);
  const embeddings = inputs.map((input) => ({ ...input, decay: false, rate: 1 }));
  const { gradients, used } = gradientsOf(ops, seedOf(ops, loss), [...embeddings, ...head]);
  gradientOutputs(ops, gradients, used);
  ops.b.output(loss, 'loss', 'float32', []);
  const parameters = used.filter((one) => head.includes(one));
  return { model: toModelFile(ops.b.graph), parameters, summed: [] };
}
