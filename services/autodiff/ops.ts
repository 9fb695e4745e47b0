// Ops: the operations that gradient rules are written in, over a GraphBuilder with known shapes.

import {
  elementTypeCode,
  float,
  tensor,
  size,
  type DataType,
  type GraphBuilder,
  type Value,
} from '#onnx';

export interface MatMulOptions {
  transA?: boolean;
  transB?: boolean;
  alpha?: number;
}

/** The axes that broadcasting `dims` to `target` repeats. */
function repeatedAxes(dims: number[], target: number[]): number[] {
  const offset = target.length - dims.length;
  return target.flatMap((dim, axis) =>
    axis < offset || (dims[axis - offset] === 1 && dim !== 1) ? [axis] : [],
  );
}

export class Ops {
  /**
   * @param fused whether ONNX Runtime's own FusedMatMul and n-ary Sum run on the target device:
   *   true for CPU, false for WebGPU.
   */
  constructor(
    readonly b: GraphBuilder,
    readonly fused: boolean,
  ) {}

  dims(x: Value): number[] {
    return this.b.dims(x);
  }

  scalar(value: number, like: Value): Value {
    return this.b.scalar(value, like);
  }

  add(x: Value, y: Value): Value {
    return this.b.op('Add', [x, y]);
  }

  sub(x: Value, y: Value): Value {
    return this.b.op('Sub', [x, y]);
  }

  mul(x: Value, y: Value): Value {
    return this.b.op('Mul', [x, y]);
  }

  div(x: Value, y: Value): Value {
    return this.b.op('Div', [x, y]);
  }

  /** x · value */
  scale(x: Value, value: number): Value {
    return value === 1 ? x : this.mul(x, this.scalar(value, x));
  }

  neg(x: Value): Value {
    return this.b.op('Neg', [x]);
  }

  exp(x: Value): Value {
    return this.b.op('Exp', [x]);
  }

  /** 1 − x */
  oneMinus(x: Value): Value {
    return this.sub(this.scalar(1, x), x);
  }

  /** x > value, element by element */
  greater(x: Value, value: number): Value {
    return this.b.op('Greater', [x, this.scalar(value, x)]);
  }

  where(condition: Value, x: Value, y: Value): Value {
    return this.b.op('Where', [condition, x, y]);
  }

  /** A condition as numbers of the type of `like`. */
  cast(x: Value, like: Value): Value {
    return this.b.op('Cast', [x], { to: elementTypeCode(this.b.type(like).dataType) });
  }

  sum(values: Value[]): Value {
    if (this.fused && values.length > 2) return this.b.op('Sum', values);
    return values.reduce((total, value) => this.add(total, value));
  }

  reshape(x: Value, dims: number[]): Value {
    return this.dims(x).join() === dims.join() ? x : this.b.op('Reshape', [x, this.b.ints(dims)]);
  }

  transpose(x: Value, perm: number[]): Value {
    return this.b.op('Transpose', [x], { perm });
  }

  expand(x: Value, dims: number[]): Value {
    return this.dims(x).join() === dims.join() ? x : this.b.op('Expand', [x, this.b.ints(dims)]);
  }

  reduceSum(x: Value, axes: number[], keepdims = false): Value {
    if (axes.length === 0) return x;
    return this.b.op('ReduceSum', [x, this.b.ints(axes)], { keepdims: Number(keepdims) });
  }

  /** Sums over the axes that broadcasting repeated, so that the result has shape `dims`. */
  reduceTo(x: Value, dims: number[]): Value {
    return this.reshape(this.reduceSum(x, repeatedAxes(dims, this.dims(x))), dims);
  }

  zeros(dims: number[], dataType: DataType): Value {
    return this.expand(this.b.constant(tensor([0], [], dataType)), dims);
  }

  /**
   * Zeros that are made at each run, from any integers: the CPU provider would keep constant ones, as
   * large as a table of tokens, for as long as the session is open.
   */
  freshZeros(dims: number[], integers: Value, like: Value): Value {
    if (!this.fused) return this.zeros(dims, this.b.type(like).dataType);
    const first = this.b.op('Slice', [
      this.reshape(integers, [size(this.dims(integers))]),
      this.b.ints([0]),
      this.b.ints([1]),
    ]);
    return this.expand(this.cast(this.sub(first, first), like), dims);
  }

  /** Zeros around x: `before[axis]` in front, `after[axis]` behind. */
  pad(x: Value, before: number[], after: number[]): Value {
    return this.b.op('Pad', [x, this.b.ints([...before, ...after])]);
  }

  /** alpha · op(x) · op(y), batched and broadcast over leading axes; op transposes the last two. */
  matmul(x: Value, y: Value, { transA = false, transB = false, alpha = 1 }: MatMulOptions = {}) {
    const flags = { transA: Number(transA), transB: Number(transB), alpha: float(alpha) };
    if (this.dims(x).length === 2 && this.dims(y).length === 2) {
      return this.b.op('Gemm', [x, y], flags);
    }
    if (this.fused && (transA || transB || alpha !== 1)) {
      return this.b.op('FusedMatMul', [x, y], flags, 'com.microsoft');
    }
    const left = transA ? this.swapLast(x) : x;
    const right = transB ? this.swapLast(y) : y;
    return this.scale(this.b.op('MatMul', [left, right]), alpha);
  }

  private swapLast(x: Value): Value {
    const axes = this.dims(x).map((_, axis) => axis);
    return this.transpose(x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
  }

  /** The matrix [rows, last axis] behind x. */
  flatten(x: Value): Value {
    const dims = this.dims(x);
    return this.reshape(x, [size(dims.slice(0, -1)), dims.at(-1)!]);
  }
}
