// Copies a graph into a builder with every axis bound to a number, folding its shape arithmetic.

import type { GraphBuilder, Value } from './builder';
import { tensor } from './builder';
import { constantValue } from './constant-node';
import { fold } from './fold';
import type { Graph, Node, Tensor } from './types';

export interface InlineOptions {
  /** Put before the name of every value and node but the graph's own inputs. */
  prefix: string;
  /** Static shape of each graph input; an input that is missing here must not be needed. */
  inputs: Record<string, number[]>;
  /** Initializers that become inputs of the built graph, under their prefixed names. */
  parameters: ReadonlySet<string>;
}

/**
 * Inlines `graph` into `builder` and returns the values of its outputs by their names.
 * Parameters become inputs, other initializers and all that follows from them and from the bound
 * shapes become constants.
 */
export function inlineGraph(
  builder: GraphBuilder,
  graph: Graph,
  { prefix, inputs, parameters }: InlineOptions,
): Record<string, Value> {
  const renamed = new Map<string, Value>([['', '']]);
  const typeOf = (value: Value) => builder.types.get(value);
  for (const input of graph.inputs) {
    const dims = inputs[input.name];
    if (dims === undefined) continue;
    renamed.set(input.name, builder.input(input.name, input.dataType, dims));
  }
  for (const [name, value] of graph.initializers) {
    renamed.set(
      name,
      parameters.has(name)
        ? builder.input(prefix + name, value.dataType, value.dims)
        : builder.initializer(prefix + name, value),
    );
  }
  for (const node of graph.nodes) {
    const copy: Node = {
      ...node,
      name: prefix + node.name,
      inputs: node.inputs.map((name) => {
        const value = renamed.get(name);
        if (value !== undefined) return value;
        throw new Error(`node "${node.name}" (${node.op}) needs "${name}", which nothing computes`);
      }),
      outputs: node.outputs.map((name) => (name === '' ? '' : prefix + name)),
    };
    const constant = foldNode(builder, copy, typeOf);
    if (constant === undefined) builder.append(copy);
    else builder.initializer(copy.outputs[0]!, constant);
    node.outputs.forEach((name, index) => renamed.set(name, copy.outputs[index]!));
  }
  return Object.fromEntries(graph.outputs.map(({ name }) => [name, renamed.get(name)!]));
}

function foldNode(
  builder: GraphBuilder,
  node: Node,
  typeOf: Parameters<typeof fold>[2],
): Tensor | undefined {
  if (node.op === 'Constant') return constantValue(node);
  if (node.op === 'Shape') {
    const dims = typeOf(node.inputs[0]!)?.dims;
    return dims && tensor(dims, [dims.length], 'int64');
  }
  const constants = node.inputs
    .filter((name) => name !== '')
    .map((name) => builder.constantOf(name));
  if (constants.some((value) => value === undefined)) return undefined;
  return fold(node, constants as Tensor[], typeOf);
}
