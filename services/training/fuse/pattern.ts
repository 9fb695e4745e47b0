// Finding patterns of nodes in a graph and putting others in their place.

import { numbers, type GraphBuilder, type Node, type Value } from '#onnx';

/** The graph as a pattern sees it. */
export class View {
  private readonly makers = new Map<Value, Node>();
  private readonly takers = new Map<Value, Node[]>();

  constructor(
    readonly b: GraphBuilder,
    nodes: Node[],
    private readonly result: Value,
  ) {
    for (const node of nodes) {
      for (const output of node.outputs) this.makers.set(output, node);
      for (const input of node.inputs) {
        this.takers.set(input, [...(this.takers.get(input) ?? []), node]);
      }
    }
  }

  /** The node that makes a value, if it is of one of these operations. */
  maker(value: Value | undefined, ...ops: string[]): Node | undefined {
    const node = this.makers.get(value ?? '');
    return node !== undefined && (ops.length === 0 || ops.includes(node.op)) ? node : undefined;
  }

  /** The nodes that take a value; none where it is the tower's result. */
  users(value: Value): Node[] {
    return value === this.result ? [] : (this.takers.get(value) ?? []);
  }

  /** The one node that takes a value, if it is of one of these operations. */
  onlyUser(value: Value, ...ops: string[]): Node | undefined {
    const [user, ...others] = this.users(value);
    return user && others.length === 0 && ops.includes(user.op) ? user : undefined;
  }

  /** Like `maker`, where nothing else takes the value. */
  onlyMaker(value: Value | undefined, ...ops: string[]): Node | undefined {
    return this.users(value ?? '').length === 1 ? this.maker(value, ...ops) : undefined;
  }

  /** The number behind a constant of one element. */
  numberOf(value: Value | undefined): number | undefined {
    const constant = this.b.constantOf(value);
    return constant?.data.length === 1 ? numbers(constant)[0] : undefined;
  }

  /** Of a node with two inputs: the other input, and the number where one is one. */
  withNumber(node: Node | undefined): { value: Value; number: number } | undefined {
    for (const [at, other] of [
      [1, 0],
      [0, 1],
    ] as const) {
      const number = this.numberOf(node?.inputs[at]);
      if (number !== undefined) return { value: node!.inputs[other]!, number };
    }
    return undefined;
  }
}

/** Of a node with two inputs: the one that is not `value`. */
export function otherInput(node: Node, value: Value): Value {
  return node.inputs.find((input) => input !== value)!;
}

/** What takes the place of a pattern. */
export interface Replacement {
  /** The pattern's nodes. */
  nodes: Node[];
  /** Appends the new nodes, which make the values that the rest of the graph takes. */
  emit(): void;
}

/** A pass: `match` is asked at each node, and what it finds stands where that node stood. */
export function replacing(match: (node: Node, view: View) => Replacement | undefined) {
  return (b: GraphBuilder, first: number, result: Value): void => {
    const nodes = b.graph.nodes.splice(first);
    const view = new View(b, nodes, result);
    const emitters = new Map<Node, () => void>();
    const taken = new Set<Node>();
    for (const node of nodes) {
      const found = match(node, view);
      if (found === undefined || found.nodes.some((one) => taken.has(one))) continue;
      for (const one of found.nodes) taken.add(one);
      emitters.set(node, () => found.emit());
    }
    for (const node of nodes) {
      const emit = emitters.get(node);
      if (emit !== undefined) emit();
      else if (!taken.has(node)) b.append(node);
    }
  };
}
