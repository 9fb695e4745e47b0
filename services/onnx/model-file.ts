// A built graph as a model file.

import { neededNodes } from './prune';
import { encodeModel } from './serde';
import type { Graph } from './types';

/**
 * The bytes of a model of opset 17, with ONNX Runtime's own operations allowed; nodes that no output
 * needs are left out.
 */
export function toModelFile(graph: Graph): Uint8Array {
  return encodeModel({
    irVersion: 8,
    opsets: new Map([
      ['', 17],
      ['com.microsoft', 1],
    ]),
    producer: 'bifocal',
    graph: { ...graph, nodes: neededNodes(graph) },
    metadata: new Map(),
  });
}
