// What training steps need of memory, from the shapes in their graphs, before anything is opened.

import { differentiate, Ops } from '#autodiff';
import { GraphBuilder, size, type DataType, type Graph } from '#onnx';
import type { Device } from '#runtime';
import { inlineTower, parametersOf, type Tower, type TowerSize } from '../tower/tower';

const BYTES: Record<DataType, number> = {
  float64: 8,
  int64: 8,
  float32: 4,
  int32: 4,
  float16: 2,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/**
 * Bytes of the values between a tower's nodes that are alive at once at most, forward and backward,
 * in the order of the nodes. Weights and their gradients are not counted. What runs it may order
 * nodes otherwise, share buffers and leave gaps: take it for about right.
 */
export function activationBytes(tower: Tower, size: TowerSize, device: Device): number {
  const ops = new Ops(new GraphBuilder('memory'), device !== 'webgpu');
  const embedding = inlineTower(ops, tower, size);
  const seed = ops.b.input('embedding_gradient', 'float32', ops.dims(embedding));
  const kept: string[] = [embedding];
  if (tower.trained.size > 0) {
    const wrt = parametersOf(tower).map(({ name }) => name);
    const seeds = new Map([[embedding, seed]]);
    kept.push(...differentiate(ops.b, { seeds, wrt, fused: ops.fused }).values());
  }
  return peakBytes(ops.b, new Set(kept));
}

/** The most that is alive at once; values of `outside` lie elsewhere and do not count. */
export function peakBytes(b: GraphBuilder, outside: ReadonlySet<string>): number {
  const lastUse = lastUses(b.graph);
  let [alive, peak] = [0, 0];
  const bytesOf = (value: string) => {
    const type = outside.has(value) ? undefined : b.types.get(value);
    return type === undefined ? 0 : BYTES[type.dataType] * size(type.dims);
  };
  b.graph.nodes.forEach((node, index) => {
    for (const value of node.outputs) alive += bytesOf(value);
    peak = Math.max(peak, alive);
    for (const value of lastUse[index]!) alive -= bytesOf(value);
  });
  return peak;
}

/** For each node, the values made by nodes that nothing after it reads. */
function lastUses({ nodes }: Graph): string[][] {
  const last = new Map<string, number>();
  nodes.forEach(({ inputs, outputs }, index) => {
    for (const value of outputs) if (value !== '') last.set(value, index);
    for (const value of inputs) if (last.has(value)) last.set(value, index);
  });
  const uses = nodes.map((): string[] => []);
  for (const [value, index] of last) uses[index]!.push(value);
  return uses;
}
