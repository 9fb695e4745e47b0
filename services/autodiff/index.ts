// Differentiation of ONNX graphs: from a forward graph to the graph of its gradients. No runtime.

export { differentiate } from './differentiate';
export type { DifferentiateOptions } from './differentiate';
export { Ops } from './ops';
export { RULES } from './rules';
