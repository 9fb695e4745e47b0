// Gradients that are added to sums, which a graph takes as inputs `sum.NAME`.

import type { Ops } from '#autodiff';
import type { Value } from '#onnx';
import type { Parameter } from '../tower/parameters';

function sumOf({ b }: Ops, { name, dims }: Parameter): Value {
  return b.input(`sum.${name}`, 'float32', dims);
}

/**
 * Lets the gradients of tables, of which few rows are looked up, start from sums instead of from zeros
 * as large as the table. Returns the parameters of those.
 * @param gradients by the name of the parameter
 */
export function accumulateTables(
  ops: Ops,
  gradients: ReadonlyMap<string, Value>,
  parameters: Parameter[],
): Parameter[] {
  const values = [...gradients.values()];
  const scatters = ops.b.graph.nodes.filter(({ op }) => op === 'ScatterElements');
  return parameters.filter((parameter) => {
    const gradient = gradients.get(parameter.name)!;
    const scatter = scatters.find(({ outputs }) => outputs[0] === gradient);
    // Parameters that are only added to each other have one gradient.
    const shared = values.indexOf(gradient) !== values.lastIndexOf(gradient);
    if (scatter === undefined || shared) return false;
    scatter.inputs[0] = sumOf(ops, parameter);
    return true;
  });
}

/** All gradients added to sums. */
export function accumulate(
  ops: Ops,
  gradients: ReadonlyMap<string, Value>,
  parameters: Parameter[],
): Map<string, Value> {
  const tables = new Set(accumulateTables(ops, gradients, parameters));
  return new Map(
    parameters.map((parameter) => {
      const gradient = gradients.get(parameter.name)!;
      const sum = tables.has(parameter) ? gradient : ops.add(gradient, sumOf(ops, parameter));
      return [parameter.name, sum];
    }),
  );
}
