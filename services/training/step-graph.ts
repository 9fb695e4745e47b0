// The graph of one training step: both towers forward, the loss, and the gradient of every weight.

import { differentiate, Ops } from '#autodiff';
import { encodeModel, GraphBuilder, inlineGraph, type Graph, type Model } from '#onnx';
import type { Device } from '#runtime';
import { infoNce } from './loss';
import { LOGIT_SCALE, towerParameters, weightNames, type Parameter } from './parameters';

export const TEXT_PREFIX = 'text.';
export const IMAGE_PREFIX = 'image.';

/** Static shape of a step's batch. */
export interface BatchShape {
  /** Pairs in the batch. */
  size: number;
  /** Tokens that captions are padded to. */
  length: number;
  /** Height and width of the pictures. */
  height: number;
  width: number;
}

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

/**
 * Builds the step. Inputs: `pixel_values`, `input_ids`, `positives` and each parameter by name.
 * Outputs: `loss` and, for each parameter, `gradient.NAME`.
 */
export function buildStepGraph(
  text: Graph,
  image: Graph,
  shape: BatchShape,
  device: Device,
): StepGraph {
  const b = new GraphBuilder('training_step');
  const ops = new Ops(b, device !== 'webgpu');
  const [textEmbedding] = Object.values(
    inlineGraph(b, text, {
      prefix: TEXT_PREFIX,
      inputs: {
        input_ids: [shape.size, shape.length],
        attention_mask: [shape.size, shape.length],
      },
      parameters: weightNames(text),
    }),
  );
  const [imageEmbedding] = Object.values(
    inlineGraph(b, image, {
      prefix: IMAGE_PREFIX,
      inputs: { pixel_values: [shape.size, 3, shape.height, shape.width] },
      parameters: weightNames(image),
    }),
  );
  const scale = b.input(LOGIT_SCALE.name, 'float32', []);
  const positives = b.input('positives', 'float32', [shape.size, shape.size]);
  const loss = infoNce(ops, imageEmbedding!, textEmbedding!, scale, positives);
  const candidates = [
    ...towerParameters(text, TEXT_PREFIX),
    ...towerParameters(image, IMAGE_PREFIX),
    LOGIT_SCALE,
  ];
  const gradients = differentiate(b, {
    seeds: new Map([[loss, b.scalar(1)]]),
    wrt: candidates.map(({ name }) => name),
    fused: ops.fused,
  });
  b.output(loss, 'loss', 'float32', []);
  for (const [name, gradient] of gradients) {
    b.output(gradient, `gradient.${name}`, 'float32', b.dims(gradient));
  }
  return {
    model: toModelFile(b.graph),
    parameters: candidates.filter(({ name }) => gradients.has(name)),
  };
}
