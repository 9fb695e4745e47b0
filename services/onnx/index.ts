// ONNX models as data: read, write, build, infer shapes, fold constants. No machine learning here.

export { numberAttribute, numbersAttribute, stringAttribute } from './attributes';
export { constantValue } from './constant-node';
export { float, GraphBuilder, numbers, tensor } from './builder';
export type { AttributeInput, Value } from './builder';
export { elementTypeCode } from './element-types';
export { fromFloat16, toFloat16, widenGraph } from './float16';
export { inlineGraph } from './inline';
export { modernGraph } from './opset';
export { pruneGraph } from './prune';
export { separateWeights } from './separate';
export { toModelFile } from './model-file';
export { decodeModel, encodeModel, readModel, writeModel } from './serde';
export { convolutionPads, positive, reductionAxes, size, sliceRange } from './shapes';
export type { ValueType } from './shapes';
export type {
  Attribute,
  DataType,
  Graph,
  Model,
  Node,
  Tensor,
  TensorData,
  ValueInfo,
} from './types';
