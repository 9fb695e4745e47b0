// What one row of the type inference table is.

import type { ValueType } from './shapes';
import type { Node } from './types';

/** What a row sees: the node, its input types, and constant inputs as numbers. */
export interface Context {
  node: Node;
  types: ValueType[];
  /** The constant at input `index`, `undefined` where absent. Throws where it is not constant. */
  constant(index: number): number[] | undefined;
}

/** From a node to the types of its outputs. */
export type Row = (context: Context) => ValueType[];

export const same: Row = ({ types }) => [types[0]!];
