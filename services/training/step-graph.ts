// The graphs of a training step: towers forward, the loss, and the gradients of weights and
// embeddings. How they are run is gradients.ts.

import { differentiate, Ops } from '#autodiff';
import { encodeModel, GraphBuilder, type Graph, type Model, type Value } from '#onnx';
import type { Device } from '#runtime';
import type { Loss } from './loss';
import type { Parameter } from './parameters';
import { inlineTower, parametersOf, type Tower, type TowerSize } from './tower';

export interface StepGraph {
  model: Uint8Array;
  /** The weights that the loss depends on, in a fixed order. */
  parameters: Parameter[];
}

/** Wraps a built graph as a model file, with ONNX Runtime's own operations allowed. */
export function toModelFile(graph: Graph): Uint8Array {
  const model: Model = {
    irVersion: 8,
    opsets: new Map([
      ['', 17],
      ['com.microsoft', 1],
    ]),
    producer: 'bifocal',
    graph,
    metadata: new Map(),
  };
  return encodeModel(model);
}

function newOps(name: string, device: Device): Ops {
  return new Ops(new GraphBuilder(name), device !== 'webgpu');
}

/** Appends the gradients of `parameters` and declares them as outputs `gradient.NAME`. */
function gradientOutputs(
  ops: Ops,
  seeds: Map<Value, Value>,
  parameters: Parameter[],
  finish: (gradient: Value, parameter: Parameter) => Value = (gradient) => gradient,
): Parameter[] {
  const wrt = parameters.map(({ name }) => name);
  const gradients = differentiate(ops.b, { seeds, wrt, fused: ops.fused });
  const used = parameters.filter(({ name }) => gradients.has(name));
  for (const parameter of used) {
    const gradient = finish(gradients.get(parameter.name)!, parameter);
    ops.b.output(gradient, `gradient.${parameter.name}`, 'float32', parameter.dims);
  }
  return used;
}

/** Appends the loss over two batches of embeddings. Inputs: the head's scalars, `positives`. */
function appendLoss(ops: Ops, loss: Loss, image: Value, text: Value): Value {
  const head = loss.head.map(({ name, dims }) => ops.b.input(name, 'float32', dims));
  const shape = [ops.dims(image)[0]!, ops.dims(text)[0]!];
  const positives = ops.b.input('positives', 'float32', shape);
  return loss.build(ops, image, text, head, positives);
}

/**
 * The whole step as one graph. Inputs: `pixel_values`, `input_ids`, `positives` and each parameter
 * by name. Outputs: `loss` and, for each parameter, `gradient.NAME`.
 */
export function buildStepGraph(
  text: Tower,
  image: Tower,
  objective: Loss,
  size: TowerSize,
  device: Device,
): StepGraph {
  const ops = newOps('training_step', device);
  const textEmbedding = inlineTower(ops, text, size);
  const imageEmbedding = inlineTower(ops, image, size);
  const loss = appendLoss(ops, objective, imageEmbedding, textEmbedding);
  const parameters = gradientOutputs(ops, new Map([[loss, ops.b.scalar(1)]]), [
    ...parametersOf(text),
    ...parametersOf(image),
    ...objective.head,
  ]);
  ops.b.output(loss, 'loss', 'float32', []);
  return { model: toModelFile(ops.b.graph), parameters };
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
  const parameters = gradientOutputs(
    ops,
    new Map([[embedding, seed]]),
    parametersOf(tower),
    (gradient, { name, dims }) => ops.add(gradient, ops.b.input(`sum.${name}`, 'float32', dims)),
  );
  return { model: toModelFile(ops.b.graph), parameters };
}

/**
 * The loss over a whole batch of embeddings, `image` and `text`. Outputs: `loss`, `gradient.image`,
 * `gradient.text` and the gradients of the head.
 */
export function buildLossGraph(
  objective: Loss,
  shapes: { image: number[]; text: number[] },
  device: Device,
): Uint8Array {
  const ops = newOps('loss', device);
  const image = ops.b.input('image', 'float32', shapes.image);
  const text = ops.b.input('text', 'float32', shapes.text);
  const loss = appendLoss(ops, objective, image, text);
  gradientOutputs(ops, new Map([[loss, ops.b.scalar(1)]]), [
    { name: image, dims: shapes.image, decay: false, rate: 1 },
    { name: text, dims: shapes.text, decay: false, rate: 1 },
    ...objective.head,
  ]);
  ops.b.output(loss, 'loss', 'float32', []);
  return toModelFile(ops.b.graph);
}
