// Copies a graph into a builder with every axis bound to a number, folding its shape arithmetic.

import type { GraphBuilder, Value } from './builder';
import { tensor } from './builder';
import { numberAttribute } from './attributes';
import { constantValue } from './constant-node';
import { fold } from './fold';
import { rewrite } from './rewrite';
import { positive, size } from './shapes';
import type { Graph, Node, Tensor } from './types';

/** Constants of more elements stay as they are: folding is for shapes, positions and masks. */
const FOLDED_AT_MOST = 2 ** 18;

export interface InlineOptions {
  /** Put before the name of every value and node but the graph's own inputs. */
  prefix: string;
  /** Static shape of each graph input; an input that is missing here must not be needed. */
  inputs: Record<string, number[]>;
  /** Initializers that become inputs of the built graph, under their prefixed names. */
  parameters: ReadonlySet<string>;
}

/** Values of the built graph by the names that the inlined graph has for them. */
type Scope = Map<string, Value>;

/**
 * Inlines `graph` into `builder` and returns the values of its outputs by their names.
 * Parameters become inputs, other initializers and all that follows from them and from the bound
 * shapes become constants. Operations of other opsets, and fused ones, are written in the terms that
 * gradients have rules for (rewrite.ts). Throws, naming the node, where a shape stays unknown.
 */
export function inlineGraph(
  builder: GraphBuilder,
  graph: Graph,
  { prefix, inputs, parameters }: InlineOptions,
): Record<string, Value> {
  const scope: Scope = new Map([['', '']]);
  for (const input of graph.inputs) {
    const dims = inputs[input.name];
    if (dims === undefined) continue;
    scope.set(input.name, builder.input(input.name, input.dataType, dims));
  }
  for (const [name, value] of graph.initializers) {
    scope.set(
      name,
      parameters.has(name)
        ? builder.input(prefix + name, value.dataType, value.dims)
        : builder.initializer(prefix + name, value),
    );
  }
  inlineNodes(builder, graph, prefix, scope);
  return Object.fromEntries(graph.outputs.map(({ name }) => [name, scope.get(name)!]));
}

function inlineNodes(builder: GraphBuilder, graph: Graph, prefix: string, scope: Scope): void {
  for (const node of graph.nodes) {
    const copy: Node = {
      ...node,
      name: prefix + (node.name || node.outputs[0]!),
      inputs: node.inputs.map((name) => {
        const value = scope.get(name);
        if (value !== undefined) return value;
        throw new Error(`node "${node.name}" (${node.op}) needs "${name}", which nothing computes`);
      }),
      outputs: node.outputs.map((name) => (name === '' ? '' : prefix + name)),
      // A pass over the built graph may change them; the inlined graph stays as it is.
      attributes: { ...node.attributes },
    };
    const values =
      copy.op === 'If' ? inlineBranch(builder, copy, prefix, scope) : inlineNode(builder, copy);
    node.outputs.forEach((name, index) => name && scope.set(name, values[index]!));
  }
}

/** The values of a node's outputs: folded, rewritten, or the node as it is. */
function inlineNode(builder: GraphBuilder, node: Node): Value[] {
  const constants = foldNode(builder, node);
  if (constants !== undefined) {
    return constants.map((value, index) => builder.initializer(node.outputs[index]!, value));
  }
  const values = rewrite(builder, node);
  if (values !== undefined) return values;
  builder.append(node);
  if (builder.types.has(node.outputs[0]!)) return node.outputs;
  throw new Error(
    `node "${node.name}" (${node.op}): the shape of what it computes is not known beforehand`,
  );
}

/** An exporter leaves a choice where it did not know a rank; with known shapes one branch is left. */
function inlineBranch(builder: GraphBuilder, node: Node, prefix: string, scope: Scope): Value[] {
  const condition = builder.constantOf(node.inputs[0]);
  if (condition === undefined) {
    throw new Error(`node "${node.name}" (If): its condition depends on what is fed`);
  }
  const branch = node.attributes[condition.data[0] ? 'then_branch' : 'else_branch'];
  if (branch?.type !== 'graph') throw new Error(`node "${node.name}" (If) has no such branch`);
  const inner: Scope = new Map(scope);
  for (const [name, value] of branch.value.initializers) {
    inner.set(name, builder.initializer(prefix + name, value));
  }
  inlineNodes(builder, branch.value, prefix, inner);
  return branch.value.outputs.map(({ name }) => inner.get(name)!);
}

function foldNode(builder: GraphBuilder, node: Node): Tensor[] | undefined {
  if (node.op === 'Constant') {
    const value = constantValue(node);
    return value && [value];
  }
  const dims = builder.types.get(node.inputs[0] ?? '')?.dims;
  if (node.op === 'Shape' && dims) {
    const start = positive(numberAttribute(node, 'start', 0), dims.length);
    const end = positive(numberAttribute(node, 'end', dims.length), dims.length);
    const part = dims.slice(Math.max(0, start), Math.max(0, end));
    return [tensor(part, [part.length], 'int64')];
  }
  if (node.op === 'Size' && dims) return [tensor([size(dims)], [], 'int64')];
  const constants = node.inputs.map((name) => builder.constantOf(name));
  const variable = node.inputs.some((name, index) => name !== '' && constants[index] === undefined);
  if (variable || node.inputs.length === 0) return undefined;
  if (constants.some((value) => value && value.data.length > FOLDED_AT_MOST)) return undefined;
  return fold(node, constants, (value) => builder.types.get(value));
}
