// What a gradient rule is.

import type { Node, Value } from '#onnx';
import type { Ops } from './ops';

export interface RuleContext {
  ops: Ops;
  node: Node;
  inputs: Value[];
  outputs: Value[];
  /** The gradient of the objective with respect to each output; undefined where it is zero. */
  gradients: (Value | undefined)[];
}

/** Appends the gradient of one input when called; null where the input can have none. */
export type Gradient = (() => Value) | null;

/** One entry an input. The engine calls only those whose input leads to a parameter. */
export type Rule = (context: RuleContext) => Gradient[];

/** A rule that needs only the gradient g of the node's first output, the only one in use. */
export type SimpleRule = (g: Value, context: RuleContext) => Gradient[];

/** Lifts rules of operations with one output to the general form. */
export function simple(rules: Record<string, SimpleRule>): Record<string, Rule> {
  return Object.fromEntries(
    Object.entries(rules).map(([op, rule]) => [
      op,
      (context: RuleContext) => rule(context.gradients[0]!, context),
    ]),
  );
}
