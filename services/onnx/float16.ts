// Half precision: its bits as numbers and back, and graphs of it as graphs of float32.

import type { Attribute, Graph, Node, Tensor, ValueInfo } from './types';

const FLOAT16 = 10;
const FLOAT32 = 1;

/** The numbers behind the bits of IEEE 754 half precision. */
export function fromFloat16(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** The bits of the nearest halves, ties to even; beyond 65504 infinite. */
export function toFloat16(values: ArrayLike<number>): Uint16Array {
  const single = new Float32Array(1);
  const word = new Uint32Array(single.buffer);
  return Uint16Array.from(values as ArrayLike<number>, (value) => {
    single[0] = value;
    const sign = (word[0]! >>> 16) & 0x8000;
    const size = Math.abs(single[0]);
    if (Number.isNaN(size)) return 0x7e00;
    if (size >= 65520) return sign | 0x7c00;
    // Below 2^-14 halves are multiples of 2^-24; above, of 2^-10 of their power of two.
    if (size < 2 ** -14) return sign | roundHalfEven(size * 2 ** 24);
    const exponent = (word[0]! >>> 23) & 255;
    return sign + (((exponent - 127 + 14) << 10) + roundHalfEven(size * 2 ** (137 - exponent)));
  });
}

function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}

function widen(tensor: Tensor): Tensor {
  if (tensor.dataType !== 'float16') return tensor;
  return { ...tensor, dataType: 'float32', data: fromFloat16(tensor.data as Uint16Array) };
}

function widenAttribute(attribute: Attribute): Attribute {
  if (attribute.type === 'tensor') return { type: 'tensor', value: widen(attribute.value) };
  if (attribute.type === 'graph') return { type: 'graph', value: widenGraph(attribute.value) };
  return attribute;
}

function widenNode(node: Node): Node {
  const attributes = Object.fromEntries(
    Object.entries(node.attributes).map(([name, value]) => [name, widenAttribute(value)]),
  );
  const { to, dtype } = attributes;
  if (to?.type === 'int' && to.value === FLOAT16) attributes['to'] = { ...to, value: FLOAT32 };
  if (dtype?.type === 'int' && dtype.value === FLOAT16) {
    attributes['dtype'] = { ...dtype, value: FLOAT32 };
  }
  return { ...node, attributes };
}

function widenInfo(info: ValueInfo): ValueInfo {
  return info.dataType === 'float16' ? { ...info, dataType: 'float32' } : info;
}

/** The same computation in float32 throughout; a graph without float16 is returned as it is. */
export function widenGraph(graph: Graph): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map(widenNode),
    inputs: graph.inputs.map(widenInfo),
    outputs: graph.outputs.map(widenInfo),
    initializers: new Map([...graph.initializers].map(([name, value]) => [name, widen(value)])),
  };
}
