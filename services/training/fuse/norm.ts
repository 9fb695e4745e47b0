// Layer normalisation spelled out, as exporters did before opset 17, as one operation.

import { float, numbers, numbersAttribute, type Node } from '#onnx';
import { otherInput, replacing, type View } from './pattern';

/** Whether the node is a mean over the last axis that keeps it. */
function isRowMean(node: Node | undefined, view: View): boolean {
  if (node === undefined) return false;
  const constant = view.b.constantOf(node.inputs[1]);
  const axes = numbersAttribute(node, 'axes') ?? (constant && numbers(constant));
  const rank = view.b.dims(node.inputs[0]!).length;
  const kept = node.attributes['keepdims'];
  return (
    axes?.length === 1 &&
    (axes[0] === -1 || axes[0] === rank - 1) &&
    (kept === undefined || (kept.type === 'int' && kept.value === 1))
  );
}

/** d / √(mean(d²) + ε) with d = x − mean(x), as the nodes and values that it is made of. */
function normalized(div: Node | undefined, view: View) {
  const centred = div?.inputs[0];
  const sub = view.maker(centred, 'Sub');
  const mean = view.onlyMaker(sub?.inputs[1], 'ReduceMean');
  const root = view.onlyMaker(div?.inputs[1], 'Sqrt');
  const add = view.onlyMaker(root?.inputs[0], 'Add');
  const epsilon = view.withNumber(add);
  const variance = view.onlyMaker(epsilon?.value, 'ReduceMean');
  const square = view.onlyMaker(variance?.inputs[0], 'Pow', 'Mul');
  if (!div || !sub || !mean || !root || !add || !epsilon || !variance || !square) return undefined;
  const squared =
    square.op === 'Pow' ? view.numberOf(square.inputs[1]) === 2 : square.inputs[1] === centred;
  const users = new Set(view.users(centred!));
  users.delete(div);
  users.delete(square);
  const whole =
    squared &&
    square.inputs[0] === centred &&
    mean.inputs[0] === sub.inputs[0] &&
    users.size === 0 &&
    isRowMean(mean, view) &&
    isRowMean(variance, view);
  if (!whole) return undefined;
  const nodes = [div, sub, mean, root, add, variance, square];
  return { x: sub.inputs[0]!, epsilon: epsilon.number, nodes };
}

/** normalised x · w + b, w and b vectors over the last axis */
export const joinNorms = replacing((node, view) => {
  if (node.op !== 'Add') return undefined;
  const mul = view.onlyMaker(node.inputs[0], 'Mul') ?? view.onlyMaker(node.inputs[1], 'Mul');
  const div = view.onlyMaker(mul?.inputs[0], 'Div') ?? view.onlyMaker(mul?.inputs[1], 'Div');
  const found = normalized(div, view);
  if (!mul || !div || !found) return undefined;
  const { x, epsilon, nodes } = found;
  const weight = otherInput(mul, div.outputs[0]!);
  const bias = otherInput(node, mul.outputs[0]!);
  const width = `${view.b.dims(x).at(-1)}`;
  if (view.b.dims(weight).join() !== width || view.b.dims(bias).join() !== width) return undefined;
  return {
    nodes: [node, mul, ...nodes],
    emit: () => {
      const attributes = { axis: -1, epsilon: float(epsilon) };
      const options = { outputs: node.outputs };
      view.b.operation('LayerNormalization', [x, weight, bias], attributes, options);
    },
  };
});
