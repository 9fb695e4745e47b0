// Nodes in the terms of opset 17 and of the operations that gradients have rules for. What an
// operation turns into stands in two tables: rewrite-spelling.ts for the same operation in another
// opset's spelling, rewrite-compose.ts and rewrite-fused.ts for operations made of simpler ones.

import type { GraphBuilder, Value } from './builder';
import { compositions } from './rewrite-compose';
import { fusedCompositions } from './rewrite-fused';
import { spellings } from './rewrite-spelling';
import type { Node } from './types';

/**
 * Appends what the node computes in other terms and gives the values of its outputs; undefined
 * where the node stays as it is. Types of its inputs are known.
 */
export type Rewrite = (b: GraphBuilder, node: Node) => Value[] | undefined;

const REWRITES: Readonly<Record<string, Rewrite>> = {
  ...spellings,
  ...compositions,
  ...fusedCompositions,
};

export const rewrite: Rewrite = (b, node) => REWRITES[node.op]?.(b, node);
