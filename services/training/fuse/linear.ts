// Linear layers as one Gemm with bias, over all rows at once.

import { size, type Node, type Value } from '#onnx';
import { replacing, type View } from './pattern';

/** The bias that an Add puts onto the columns of `y`. */
function biasOf(add: Node | undefined, y: Value, view: View): Value | undefined {
  const other = add?.inputs.find((input) => input !== y);
  const columns = view.b.dims(y).at(-1)!;
  return other !== undefined && view.b.dims(other).join() === `${columns}` ? other : undefined;
}

/** x W + b of any rank, W a matrix, as Reshape, Gemm, Reshape. */
export const joinLinear = replacing((node, view) => {
  const { b } = view;
  const add = node.op === 'Add' ? node : undefined;
  const product =
    add === undefined
      ? node
      : (view.onlyMaker(add.inputs[0], 'MatMul') ?? view.onlyMaker(add.inputs[1], 'MatMul'));
  if (product?.op !== 'MatMul') return undefined;
  const [x, weight] = product.inputs as [Value, Value];
  const y = product.outputs[0]!;
  const dims = b.dims(x);
  if (dims.length < 2 || b.dims(weight).length !== 2) return undefined;
  const bias = biasOf(add, y, view);
  // A product is left to the Add that ends its pattern.
  const end = view.onlyUser(y, 'Add');
  if (add === undefined ? biasOf(end, y, view) !== undefined : bias === undefined) return undefined;
  return {
    nodes: add === undefined ? [product] : [product, add],
    emit: () => {
      const columns = b.dims(weight)[1]!;
      const outputs = add?.outputs ?? product.outputs;
      const operands = bias === undefined ? [weight] : [weight, bias];
      if (dims.length === 2) {
        b.operation('Gemm', [x, ...operands], {}, { outputs });
        return;
      }
      const rows = [size(dims.slice(0, -1)), dims.at(-1)!];
      const flat = b.op('Gemm', [b.op('Reshape', [x, b.ints(rows)]), ...operands]);
      const shape = b.ints([...dims.slice(0, -1), columns]);
      b.operation('Reshape', [flat, shape], {}, { outputs });
    },
  };
});
