// Ids whose vector another id has brought into a graph already. Equal vectors would be linked to each
// other and to nothing else, and cut a graph into islands: all of them share one node.

import type { Neighbour } from './types';

export class Twins {
  /** Of each node that stands for several ids: those, itself among them, ascending. */
  private readonly groups = new Map<number, number[]>();
  /** The node of each id that is none itself. */
  private readonly nodes = new Map<number, number>();

  /** @param nodes as pairs() gives them */
  constructor(nodes: readonly (readonly [id: number, node: number])[] = []) {
    for (const [id, node] of nodes) this.join(id, node);
  }

  /** The node whose vector is that of an id. */
  nodeOf(id: number): number {
    return this.nodes.get(id) ?? id;
  }

  /** The ids that are no nodes, each with its own. */
  pairs(): [id: number, node: number][] {
    return [...this.nodes];
  }

  join(id: number, node: number): void {
    const ids = this.groups.get(node) ?? [node];
    const isLast = id > ids.at(-1)!;
    ids.push(id);
    if (!isLast) ids.sort((a, b) => a - b);
    this.groups.set(node, ids);
    this.nodes.set(id, node);
  }

  /** Forgets an id. If it was the node of others, gives the one of them that has to become theirs. */
  leave(id: number): number | undefined {
    const node = this.nodeOf(id);
    const others = this.groups.get(node)?.filter((other) => other !== id);
    if (!others) return undefined;
    const heir = node === id ? others[0]! : node;
    this.groups.delete(node);
    this.nodes.delete(id);
    this.nodes.delete(heir);
    if (others.length > 1) this.groups.set(heir, others);
    if (heir === node) return undefined;
    for (const other of others) if (other !== heir) this.nodes.set(other, heir);
    return heir;
  }

  /** What was found, with what is equal to it: of each node up to `count` ids, the lowest. */
  expand(found: Neighbour[], count: number): Neighbour[] {
    if (this.groups.size === 0) return found;
    return found.flatMap(({ id: node, score }) =>
      (this.groups.get(node) ?? [node]).slice(0, count).map((id) => ({ id, score })),
    );
  }
}
