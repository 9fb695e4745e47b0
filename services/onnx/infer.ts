// Type inference with static shapes: asks the row of an operation, by family.

import { elementwiseRows } from './infer-elementwise';
import { matrixRows } from './infer-matrix';
import type { Row } from './infer-row';
import { shapeRows } from './infer-shape';
import type { ValueType } from './shapes';
import type { Node, Tensor } from './types';

const ROWS: Readonly<Record<string, Row>> = { ...elementwiseRows, ...matrixRows, ...shapeRows };

/**
 * Types of a node's outputs, or undefined where an input's type is not known or a shape is not
 * constant. Throws, naming the node, where the inputs contradict each other.
 */
export function inferTypes(
  node: Node,
  typeOf: (value: string) => ValueType | undefined,
  constantOf: (value: string) => Tensor | undefined,
): ValueType[] | undefined {
  const row = ROWS[node.op];
  const types = node.inputs.map((value) => typeOf(value));
  if (row === undefined) return undefined;
  if (node.inputs.some((value, index) => value !== '' && types[index] === undefined))
    return undefined;
  let dynamic = false;
  const constant = (index: number) => {
    const value = node.inputs[index];
    if (value === undefined || value === '') return undefined;
    const known = constantOf(value);
    if (known === undefined) {
      dynamic = true;
      throw new Error(`input ${index} is not constant`);
    }
    return Array.from(known.data as ArrayLike<number | bigint>, Number);
  };
  try {
    return row({ node, types: types as ValueType[], constant });
  } catch (cause) {
    if (dynamic) return undefined;
    throw new Error(`node "${node.name}" (${node.op}): ${(cause as Error).message}`, { cause });
  }
}
