// Reverse-mode differentiation of a graph: walks it backwards and asks the rule table at each node.

import type { GraphBuilder, Node, Value } from '#onnx';
import { Ops } from './ops';
import { RULES } from './rules';

export interface DifferentiateOptions {
  /** The gradient of the objective with respect to each value it is computed from. */
  seeds: ReadonlyMap<Value, Value>;
  /** The values whose gradients are wanted: parameters, or inputs. */
  wrt: readonly Value[];
  /** Whether the target device has ONNX Runtime's FusedMatMul and n-ary Sum (CPU has, WebGPU not). */
  fused: boolean;
}

/**
 * For each value that depends on `wrt` by way of floats, one of the `wrt` it depends on. Integers
 * and booleans (shapes, positions, masks) carry no gradient and end the path.
 */
function reach(b: GraphBuilder, nodes: Node[], wrt: readonly Value[]): Map<Value, Value> {
  const origin = new Map(wrt.map((value) => [value, value]));
  for (const node of nodes) {
    const source = node.inputs.find((input) => origin.has(input));
    if (source === undefined) continue;
    for (const output of node.outputs) {
      const known = b.types.get(output);
      if (known === undefined || known.dataType.startsWith('float')) {
        origin.set(output, origin.get(source)!);
      }
    }
  }
  return origin;
}

/**
 * Appends the backward graph to `b`, whose shapes must all be known, and returns the gradient of
 * each value in `wrt`; one that the objective does not depend on is absent. Sums where a value is
 * used more than once, and over axes that were broadcast. Throws, naming node, operation and
 * parameter, where the table has no rule.
 */
export function differentiate(
  b: GraphBuilder,
  { seeds, wrt, fused }: DifferentiateOptions,
): Map<Value, Value> {
  const forward = [...b.graph.nodes];
  const origin = reach(b, forward, wrt);
  const ops = new Ops(b, fused);
  const parts = new Map<Value, Value[]>();
  for (const [value, gradient] of seeds) parts.set(value, [gradient]);

  const total = (value: Value): Value | undefined => {
    const list = parts.get(value);
    if (list === undefined) return undefined;
    if (list.length > 1) parts.set(value, [ops.sum(list)]);
    return parts.get(value)![0];
  };

  for (const node of forward.reverse()) {
    if (!node.inputs.some((input) => origin.has(input))) continue;
    const gradients = node.outputs.map((output) => total(output));
    if (gradients.every((gradient) => gradient === undefined)) continue;
    for (const [index, gradient] of inputGradients(ops, node, gradients, origin)) {
      const input = node.inputs[index]!;
      const reduced = ops.reduceTo(gradient, b.dims(input));
      parts.set(input, [...(parts.get(input) ?? []), reduced]);
    }
  }
  return new Map(
    wrt.flatMap((value) => {
      const gradient = total(value);
      return gradient === undefined ? [] : [[value, gradient] as const];
    }),
  );
}

/** The gradients of those inputs of a node that lead back to `wrt`. */
function inputGradients(
  ops: Ops,
  node: Node,
  gradients: (Value | undefined)[],
  origin: Map<Value, Value>,
): [number, Value][] {
  const source = origin.get(node.inputs.find((input) => origin.has(input))!);
  const where = `node "${node.name}" (${node.op}), on the path of the gradient of "${source}"`;
  const rule = RULES[node.op];
  if (rule === undefined) throw new Error(`no gradient rule for ${node.op}: ${where}`);
  try {
    return rule({ ops, node, inputs: node.inputs, outputs: node.outputs, gradients }).flatMap(
      (gradient, index) => {
        if (!origin.has(node.inputs[index] ?? '')) return [];
        if (gradient === null) throw new Error(`input ${index} has no gradient`);
        return [[index, gradient()] as [number, Value]];
      },
    );
  } catch (cause) {
    throw new Error(`${(cause as Error).message}: ${where}`, { cause });
  }
}
