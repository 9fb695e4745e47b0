// The graphs of a training step: towers forward, the loss, and the gradients of weights and
// embeddings. How they are run is gradients.ts.

import { differentiate, Ops } from '#autodiff';
import { encodeModel, GraphBuilder, inlineGraph, type Graph, type Model, type Value } from '#onnx';
import type { Device } from '#runtime';
import type { Loss } from './loss';
import { towerParameters, weightNames, type Parameter } from './parameters';

export const TEXT_PREFIX = 'text.';
export const IMAGE_PREFIX = 'image.';

/** Static shape of a step's batch. */
export interface BatchShape {
  /** Pairs in the batch. */
  size: number;
  /** Captions of each picture in the batch. */
  captions: number;
  /** Tokens that captions are padded to. */
  length: number;
  /** Height and width of the pictures. */
  height: number;
  width: number;
}

/** One tower: its forward graph, the prefix of its parameters, and its inputs' shapes per pair. */
export interface Tower {
  graph: Graph;
  prefix: string;
  /** Rows that each pair puts into the tower. */
  rows: number;
  /** Shape of each graph input without its batch axis. */
  inputs: Record<string, number[]>;
  /** A frozen tower's weights are constants of its graphs. */
  frozen: boolean;
}

export interface StepGraph {
  model: Uint8Array;
  /** The weights that the loss depends on, in a fixed order. */
  parameters: Parameter[];
}

export function textTower(graph: Graph, { captions, length }: BatchShape, frozen = false): Tower {
  return {
    graph,
    prefix: TEXT_PREFIX,
    rows: captions,
    inputs: { input_ids: [length], attention_mask: [length] },
    frozen,
  };
}

export function imageTower(graph: Graph, { height, width }: BatchShape, frozen = false): Tower {
  const inputs = { pixel_values: [3, height, width] };
  return { graph, prefix: IMAGE_PREFIX, rows: 1, inputs, frozen };
}

/** What is trained of a tower. */
function parametersOf({ graph, prefix, frozen }: Tower): Parameter[] {
  return frozen ? [] : towerParameters(graph, prefix);
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

/** Puts a tower over `size` pairs into the graph. Returns its embeddings, [size · rows, dimension]. */
function inlineTower({ b }: Ops, tower: Tower, size: number): Value {
  const { graph, prefix, rows, inputs } = tower;
  const outputs = inlineGraph(b, graph, {
    prefix,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, dims]) => [name, [size * rows, ...dims]]),
    ),
    parameters: tower.frozen ? new Set() : weightNames(graph),
  });
  return Object.values(outputs)[0]!;
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
  size: number,
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
  size: number,
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
export function buildBackwardGraph(tower: Tower, size: number, device: Device): StepGraph {
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
    { name: image, dims: shapes.image, decay: false },
    { name: text, dims: shapes.text, decay: false },
    ...objective.head,
  ]);
  ops.b.output(loss, 'loss', 'float32', []);
  return toModelFile(ops.b.graph);
}
