// A built graph as a model file.

import { encodeModel } from './serde';
import type { Graph } from './types';

/** The bytes of a model of opset 17, with ONNX Runtime's own operations allowed. */
export function toModelFile(graph: Graph): Uint8Array {
  return encodeModel({
    irVersion: 8,
    opsets: new Map([
      ['', 17],
      ['com.microsoft', 1],
    ]),
    producer: 'bifocal',
    graph,
    metadata: new Map(),
  });
}
