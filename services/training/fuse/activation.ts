// GELU and its sigmoid approximation, as exporters spell them, as one operation each.

import { float, numberAttribute, type GraphBuilder, type Node, type Value } from '#onnx';
import { otherInput, replacing, View, type Replacement } from './pattern';

function close(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-4 * Math.abs(b);
}

/** x · σ(α x) (Hendrycks & Gimpel 2016; with α = 1, SiLU) */
function quickGelu(node: Node, view: View): Replacement | undefined {
  if (node.op !== 'Mul') return undefined;
  for (const [at, other] of [
    [1, 0],
    [0, 1],
  ] as const) {
    const sigmoid = view.onlyMaker(node.inputs[at], 'Sigmoid');
    if (sigmoid === undefined) continue;
    const x = node.inputs[other]!;
    const scale = view.onlyMaker(sigmoid.inputs[0], 'Mul');
    const scaled = view.withNumber(scale);
    const direct = sigmoid.inputs[0] === x;
    if (!direct && scaled?.value !== x) continue;
    const alpha = float(direct ? 1 : scaled!.number);
    return {
      nodes: [node, sigmoid, ...(direct ? [] : [scale!])],
      emit: () => {
        view.b.operation(
          'QuickGelu',
          [x],
          { alpha },
          {
            domain: 'com.microsoft',
            outputs: node.outputs,
          },
        );
      },
    };
  }
  return undefined;
}

/** ½ x (1 + t), t = erf(x / √2) or its approximation tanh(√(2/π) (x + 0.044715 x³)), in any order */
function gelu(node: Node, view: View): Replacement | undefined {
  if (node.op !== 'Mul') return undefined;
  const { factors, nodes } = productOf(node, view);
  const half = factors.findIndex((factor) => close(view.numberOf(factor) ?? 0, 0.5));
  const raised = factors.findIndex((factor) => view.onlyMaker(factor, 'Add') !== undefined);
  if (factors.length !== 3 || half < 0 || raised < 0) return undefined;
  const x = factors[3 - half - raised]!;
  const add = view.maker(factors[raised], 'Add')!;
  const one = view.withNumber(add);
  const bend = one?.number === 1 ? view.onlyMaker(one.value, 'Erf', 'Tanh') : undefined;
  const inner = bend && (bend.op === 'Erf' ? overRoot2 : cubic)(bend.inputs[0]!, x, view);
  if (inner === undefined) return undefined;
  const op = bend!.op === 'Erf' ? 'Gelu' : 'FastGelu';
  return {
    nodes: [...nodes, add, bend!, ...inner],
    emit: () => {
      view.b.operation(op, [x], {}, { domain: 'com.microsoft', outputs: node.outputs });
    },
  };
}

/** x / √2, as the nodes that make it. */
function overRoot2(value: Value, x: Value, view: View): Node[] | undefined {
  const node = view.onlyMaker(value, 'Mul', 'Div');
  const scaled = view.withNumber(node);
  if (node === undefined || scaled?.value !== x) return undefined;
  const factor = node.op === 'Mul' ? scaled.number : 1 / scaled.number;
  return close(factor, Math.SQRT1_2) ? [node] : undefined;
}

/** √(2/π) (x + 0.044715 x³), as the nodes that make it. */
function cubic(value: Value, x: Value, view: View): Node[] | undefined {
  const scale = view.onlyMaker(value, 'Mul');
  const root = view.withNumber(scale);
  const add = view.onlyMaker(root?.value, 'Add');
  const term = view.onlyMaker(add && otherInput(add, x), 'Mul');
  const weight = view.withNumber(term);
  const power = weight && cube(weight.value, x, view);
  if (!scale || !root || !add?.inputs.includes(x) || !term || !power) return undefined;
  const exact = close(root.number, Math.sqrt(2 / Math.PI)) && close(weight.number, 0.044715);
  return exact ? [scale, add, term, ...power] : undefined;
}

/** x³, as the nodes that make it. */
function cube(value: Value, x: Value, view: View): Node[] | undefined {
  const node = view.onlyMaker(value, 'Pow', 'Mul');
  if (!node?.inputs.includes(x)) return undefined;
  if (node.op === 'Pow') return view.numberOf(node.inputs[1]) === 3 ? [node] : undefined;
  const square = view.onlyMaker(otherInput(node, x), 'Mul');
  return square?.inputs.every((input) => input === x) ? [node, square] : undefined;
}

/** The factors of a product of two products' worth of Mul nodes, at most three. */
function productOf(node: Node, view: View): { factors: Value[]; nodes: Node[] } {
  for (const [at, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const inner = view.onlyMaker(node.inputs[at], 'Mul');
    if (inner !== undefined) {
      return { factors: [...inner.inputs, node.inputs[other]!], nodes: [node, inner] };
    }
  }
  return { factors: node.inputs, nodes: [node] };
}

export const joinActivations = replacing((node, view) => quickGelu(node, view) ?? gelu(node, view));

/**
 * With u = α x, x · σ(α x) = u σ(u) / α. Where the value comes out of one Gemm and goes into another,
 * α goes into the first and 1/α into the second, which costs nothing, and two passes are saved.
 */
export function foldActivations(b: GraphBuilder, first: number, result: Value): void {
  const view = new View(b, b.graph.nodes.slice(first), result);
  for (const node of b.graph.nodes.slice(first)) {
    if (node.op !== 'QuickGelu') continue;
    const alpha = numberAttribute(node, 'alpha', 1.702);
    const reshapeIn = view.onlyMaker(node.inputs[0], 'Reshape');
    const before = view.onlyMaker(reshapeIn?.inputs[0] ?? node.inputs[0], 'Gemm');
    const reshapeOut = view.onlyUser(node.outputs[0]!, 'Reshape');
    const between = reshapeOut?.outputs[0] ?? node.outputs[0]!;
    const after = view.onlyUser(between, 'Gemm');
    if (before === undefined || after?.inputs[0] !== between) continue;
    scaleAttribute(before, 'alpha', alpha);
    scaleAttribute(before, 'beta', alpha);
    scaleAttribute(after, 'alpha', 1 / alpha);
    node.attributes['alpha'] = float(1);
  }
}

function scaleAttribute(node: Node, name: string, factor: number): void {
  node.attributes[name] = float(numberAttribute(node, name, 1) * factor);
}
