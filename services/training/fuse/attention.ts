// Attention: heads split in one copy, and products that take transposed and scaled operands as they lie.

import {
  float,
  numberAttribute,
  numbersAttribute,
  positive,
  type GraphBuilder,
  type Node,
  type Value,
} from '#onnx';
import { replacing, View } from './pattern';

/** Where a head's axis goes: [batch, heads, length, width], or with the last two exchanged. */
const HEADS = '0,2,1,3';
const HEADS_TURNED = '0,2,3,1';

/** One part of a joint projection on its way to its heads. */
interface Part {
  nodes: Node[];
  /** [batch, heads, length, width] or, turned, [batch, heads, width, length] */
  output: Value;
  turned: boolean;
  dims: number[];
  scale: number;
}

/** [batch, length, heads · width], perhaps times a number, reshaped and transposed to its heads. */
function headsOf(value: Value, view: View): Part | undefined {
  const mul = view.onlyUser(value, 'Mul');
  const scale = view.withNumber(mul);
  const reshape = view.onlyUser(scale ? mul!.outputs[0]! : value, 'Reshape');
  const transpose = reshape && view.onlyUser(reshape.outputs[0]!, 'Transpose');
  if (transpose === undefined) return undefined;
  const perm = numbersAttribute(transpose, 'perm')?.join();
  const dims = view.b.dims(reshape!.outputs[0]!);
  if (dims.length !== 4 || (perm !== HEADS && perm !== HEADS_TURNED)) return undefined;
  return {
    nodes: [...(scale ? [mul!] : []), reshape!, transpose],
    output: transpose.outputs[0]!,
    turned: perm === HEADS_TURNED,
    dims,
    scale: scale?.number ?? 1,
  };
}

/**
 * Query, key and value of one projection [batch, length, 3 · heads · width]: transposed together, so
 * that the parts are contiguous, instead of cut out of each row and transposed one by one.
 */
export const splitHeadsTogether = replacing((node, view) => {
  const { b } = view;
  if (node.op !== 'Split') return undefined;
  const dims = b.dims(node.inputs[0]!);
  const count = node.outputs.length;
  if (positive(numberAttribute(node, 'axis', 0), dims.length) !== 2 || dims.length !== 3) {
    return undefined;
  }
  const parts = node.outputs.map((output) => headsOf(output, view));
  if (!parts.every((part) => part !== undefined)) return undefined;
  const [batch, length, heads, width] = parts[0]!.dims as [number, number, number, number];
  const alike = parts.every((part) => part.dims.join() === parts[0]!.dims.join());
  if (!alike || dims.join() !== [batch, length, count * heads * width].join()) return undefined;
  return {
    nodes: [node, ...parts.flatMap((part) => part.nodes)],
    emit: () => {
      const apart = b.ints([batch, length, count, heads, width]);
      const turned = b.op('Transpose', [b.op('Reshape', [node.inputs[0]!, apart])], {
        perm: [2, 0, 3, 1, 4],
      });
      // Without this Reshape the runtime would move the Transpose behind the Split, one for each part.
      const rows = batch * heads;
      const flat = b.op('Reshape', [turned, b.ints([count * rows, length, width])]);
      const sizes = b.ints(parts.map(() => rows));
      const cut = b.operation('Split', [flat, sizes], { axis: 0 }, { outputs: count });
      const shape = b.ints([batch, heads, length, width]);
      parts.forEach(({ output, turned: last, scale }, index) => {
        const steps: ((x: Value, outputs: string[] | number) => Value)[] = [
          (x, outputs) => b.operation('Reshape', [x, shape], {}, { outputs })[0]!,
        ];
        if (scale !== 1) {
          steps.push((x, outputs) => b.operation('Mul', [x, b.scalar(scale)], {}, { outputs })[0]!);
        }
        if (last) {
          const perm = { perm: [0, 1, 3, 2] };
          steps.push((x, outputs) => b.operation('Transpose', [x], perm, { outputs })[0]!);
        }
        steps.reduce((x, step, at) => step(x, at === steps.length - 1 ? [output] : 1), cut[index]!);
      });
    },
  };
});

/**
 * Products of activations take up what surrounds them: the second operand transposed, either operand
 * or the result times a number. A number goes through Reshape and Transpose.
 */
export function joinProducts(b: GraphBuilder, first: number, result: Value): void {
  joinTransposes(b, first, result);
  joinScalesBefore(b, first, result);
  joinScalesAfter(b, first, result);
}

function isProduct(node: Node, b: GraphBuilder): boolean {
  if (node.op !== 'MatMul' && node.op !== 'FusedMatMul') return false;
  return node.inputs.every((input) => b.dims(input).length > 2);
}

function swapsLast(perm: number[]): number[] {
  return [...perm.slice(0, -2), perm.at(-1)!, perm.at(-2)!];
}

/** A · transpose(B), the last two axes exchanged among others or not. */
const joinTransposes = replacing((node, view) => {
  const { b } = view;
  if (node.op !== 'MatMul' || !isProduct(node, b)) return undefined;
  const transpose = view.onlyMaker(node.inputs[1], 'Transpose');
  const perm = transpose && numbersAttribute(transpose, 'perm');
  const last = perm && perm.length - 1;
  // With the last axis in front of it, the rows of what is left stay whole.
  if (perm === undefined || perm.at(-2) !== last) return undefined;
  return {
    nodes: [node, transpose!],
    emit: () => {
      const rest = swapsLast(perm);
      const still = rest.every((axis, index) => axis === index);
      const x = transpose!.inputs[0]!;
      const right = still ? x : b.op('Transpose', [x], { perm: rest });
      const options = { domain: 'com.microsoft', outputs: node.outputs };
      b.operation('FusedMatMul', [node.inputs[0]!, right], { transB: 1 }, options);
    },
  };
});

/** A number that a value is multiplied by, or divided. */
function factorOf(node: Node, view: View): { value: Value; factor: number } | undefined {
  if (node.op !== 'Mul' && node.op !== 'Div') return undefined;
  if (node.op === 'Div') {
    const number = view.numberOf(node.inputs[1]);
    return number ? { value: node.inputs[0]!, factor: 1 / number } : undefined;
  }
  const scaled = view.withNumber(node);
  return scaled && { value: scaled.value, factor: scaled.number };
}

/** The product that a value reaches through Reshape and Transpose alone. */
function productAfter(value: Value, view: View): Node | undefined {
  const next = view.onlyUser(value, 'Reshape', 'Transpose', 'MatMul', 'FusedMatMul');
  if (next === undefined || isProduct(next, view.b)) return next;
  return next.op === 'Reshape' || next.op === 'Transpose'
    ? productAfter(next.outputs[0]!, view)
    : undefined;
}

function scaleProduct(node: Node, factor: number): void {
  node.op = 'FusedMatMul';
  node.domain = 'com.microsoft';
  node.attributes['alpha'] = float(numberAttribute(node, 'alpha', 1) * factor);
}

function joinScalesBefore(b: GraphBuilder, first: number, result: Value): void {
  let view = new View(b, b.graph.nodes.slice(first), result);
  for (const node of b.graph.nodes.slice(first)) {
    const scaled = factorOf(node, view);
    const y = node.outputs[0]!;
    const product = scaled && productAfter(y, view);
    if (product === undefined) continue;
    const user = view.users(y)[0]!;
    user.inputs = user.inputs.map((input) => (input === y ? scaled!.value : input));
    scaleProduct(product, scaled!.factor);
    b.graph.nodes.splice(b.graph.nodes.indexOf(node), 1);
    view = new View(b, b.graph.nodes.slice(first), result);
  }
}

function joinScalesAfter(b: GraphBuilder, first: number, result: Value): void {
  const view = new View(b, b.graph.nodes.slice(first), result);
  for (const node of b.graph.nodes.slice(first)) {
    const scaled = factorOf(node, view);
    const product = view.onlyMaker(scaled?.value, 'MatMul', 'FusedMatMul');
    if (product === undefined || !isProduct(product, b)) continue;
    scaleProduct(product, scaled!.factor);
    product.outputs = node.outputs;
    b.graph.nodes.splice(b.graph.nodes.indexOf(node), 1);
  }
}
