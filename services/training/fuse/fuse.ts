// Rewrites the forward graph of a tower into operations that the CPU computes, and differentiates, in
// fewer passes over memory. Which patterns: fuse-*.ts. The values stay the same but for rounding.

import type { GraphBuilder } from '#onnx';
import { foldActivations, joinActivations } from './activation';
import { joinProducts, splitHeadsTogether } from './attention';
import { joinLinear } from './linear';
import { joinNorms } from './norm';

const PASSES = [
  joinNorms,
  joinActivations,
  splitHeadsTogether,
  joinProducts,
  joinLinear,
  foldActivations,
];

/** Rewrites the nodes of `b` from the position `first` on; the value `result` keeps its name. */
export function fuse(b: GraphBuilder, first: number, result: string): void {
  for (const pass of PASSES) pass(b, first, result);
}
