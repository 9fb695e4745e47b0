// One tower forward, in chunks, with weights that are given at each call.

import { openSession, Tensor, type Device, type Session } from '#runtime';
import type { Tensors } from '../data/batch';
import { ByLength } from './by-length';
import type { Parameter } from '../tower/parameters';
import { slimTower } from '../tower/slim';
import { buildForwardGraph } from './step-graph';
import { parametersOf, type Tower, type TowerSize } from '../tower/tower';

/** The named weights of `parameters` alone. */
export function pick(tensors: Tensors, parameters: Parameter[]): Tensors {
  return Object.fromEntries(parameters.map(({ name }) => [name, tensors[name]!]));
}

/** Rows `first` to `first + count` of a tensor, with zero rows after its last. */
export function rowsOf(tensor: Tensor, first: number, count: number): Tensor {
  const width = tensor.data.length / tensor.dims[0]!;
  const data = tensor.data as Float32Array | BigInt64Array;
  const part = data.subarray(first * width, (first + count) * width);
  const dims = [count, ...tensor.dims.slice(1)];
  if (part.length === count * width) return new Tensor(tensor.type, part, dims);
  const padded =
    data instanceof BigInt64Array
      ? new BigInt64Array(count * width)
      : new Float32Array(count * width);
  padded.set(part as never);
  return new Tensor(tensor.type, padded, dims);
}

/** Some rows of each input. */
export function rowsOfEach(inputs: Tensors, first: number, count: number): Tensors {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => [name, rowsOf(tensor, first, count)]),
  );
}

export function takesCaptions({ inputs }: Tower): boolean {
  return Object.values(inputs).some((dims) => dims.includes('length'));
}

/** The tokens of a caption in these inputs; 0 for a tower without captions. */
export function lengthOf({ inputs: shapes }: Tower, inputs: Tensors): number {
  for (const [name, dims] of Object.entries(shapes)) {
    const axis = dims.indexOf('length');
    if (axis >= 0) return inputs[name]!.dims[axis + 1]!;
  }
  return 0;
}

export class TowerForward {
  private constructor(
    readonly dimension: number,
    private readonly tower: Tower,
    private readonly chunk: number,
    private readonly parameters: Parameter[],
    private readonly sessions: ByLength<Session>,
  ) {}

  /** `size.pairs · tower.rows` rows go through at once; captions may have other lengths than `size`'s. */
  static async open(
    tower: Tower,
    size: TowerSize,
    { device, threads }: { device: Device; threads: number },
  ): Promise<TowerForward> {
    const { pairs } = size;
    const shapes = slimTower(tower, device);
    const { dimension } = buildForwardGraph(shapes, size, device);
    const sessions = new ByLength((length) =>
      openSession(buildForwardGraph(shapes, { pairs, length }, device).model, { device, threads }),
    );
    const chunk = pairs * tower.rows;
    return new TowerForward(dimension, shapes, chunk, parametersOf(tower), sessions);
  }

  /** Embeddings of all rows of the inputs, [rows, dimension]. */
  async embed(weights: Tensors, inputs: Tensors): Promise<Tensor> {
    const session = await this.sessions.at(lengthOf(this.tower, inputs));
    const total = Object.values(inputs)[0]!.dims[0]!;
    const result = new Float32Array(total * this.dimension);
    const own = { ...this.tower.held, ...pick(weights, this.parameters) };
    for (let first = 0; first < total; first += this.chunk) {
      const part = rowsOfEach(inputs, first, this.chunk);
      const { embedding } = await session.run({ ...own, ...part });
      const count = Math.min(this.chunk, total - first) * this.dimension;
      result.set((embedding!.data as Float32Array).subarray(0, count), first * this.dimension);
    }
    return new Tensor('float32', result, [total, this.dimension]);
  }

  release(): Promise<void> {
    return this.sessions.release();
  }
}
