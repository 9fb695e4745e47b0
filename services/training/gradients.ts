// The gradient of a batch: in one pass, or through the gradient cache in micro-batches.

import { openSession, Tensor, type Device, type Session } from '#runtime';
import type { Loss } from './loss';
import type { Parameter } from './parameters';
import {
  buildBackwardGraph,
  buildForwardGraph,
  buildLossGraph,
  buildStepGraph,
  type Tower,
} from './step-graph';

/** One batch of pairs, ready for a step graph. */
export interface Batch {
  /** [size, 3, height, width] */
  pixels: Tensor;
  /** [size · captions, length], the captions of a picture in a row */
  ids: Tensor;
  /** [size, size · captions] */
  positives: Tensor;
}

/** Tensors by name. */
export type Tensors = Record<string, Tensor>;

export interface GradientOptions {
  text: Tower;
  image: Tower;
  loss: Loss;
  /** Pairs of a batch: those that are each other's negatives. */
  batchSize: number;
  /** Pairs that go through a tower at once: this sets the memory. */
  microBatch: number;
  device: Device;
  threads: number;
}

/** Computes the loss of a batch and the gradient of every parameter. */
export interface GradientSource {
  readonly parameters: Parameter[];
  /** `gradients` holds `gradient.NAME`, on the device where there is one; the caller disposes them. */
  compute(weights: Tensors, batch: Batch): Promise<{ loss: number; gradients: Tensors }>;
  release(): Promise<void>;
}

/** One pass where the batch fits a micro-batch, else the gradient cache. */
export function openGradients(options: GradientOptions): Promise<GradientSource> {
  return options.microBatch >= options.batchSize
    ? OnePass.open(options)
    : GradientCache.open(options);
}

function pick(tensors: Tensors, parameters: Parameter[]): Tensors {
  return Object.fromEntries(parameters.map(({ name }) => [name, tensors[name]!]));
}

function outputNames(parameters: Parameter[]): string[] {
  return parameters.map(({ name }) => `gradient.${name}`);
}

class OnePass implements GradientSource {
  private constructor(
    readonly parameters: Parameter[],
    private readonly session: Session,
  ) {}

  static async open(options: GradientOptions): Promise<OnePass> {
    const { text, image, loss, batchSize, device, threads } = options;
    const { model, parameters } = buildStepGraph(text, image, loss, batchSize, device);
    const outputsOnDevice = outputNames(parameters);
    return new OnePass(parameters, await openSession(model, { device, threads, outputsOnDevice }));
  }

  async compute(weights: Tensors, { pixels, ids, positives }: Batch) {
    const feeds = { ...weights, pixel_values: pixels, input_ids: ids, positives };
    const { loss, ...gradients } = await this.session.run(feeds);
    return { loss: Number(loss!.data[0]), gradients };
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

/** The sessions and shapes of one tower in micro-batches. */
interface CachedTower {
  input: string;
  /** Rows that each pair puts into the tower. */
  rows: number;
  parameters: Parameter[];
  forward: Session;
  /** Absent for a frozen tower. */
  backward: Session | undefined;
  dimension: number;
}

async function openTower(
  tower: Tower,
  { microBatch, device, threads }: GradientOptions,
): Promise<CachedTower> {
  const { model, dimension } = buildForwardGraph(tower, microBatch, device);
  const forward = await openSession(model, { device, threads });
  const input = Object.keys(tower.inputs)[0]!;
  const { rows } = tower;
  if (tower.frozen) return { input, rows, parameters: [], forward, backward: undefined, dimension };
  const { model: backwardModel, parameters } = buildBackwardGraph(tower, microBatch, device);
  const backward = await openSession(backwardModel, {
    device,
    threads,
    outputsOnDevice: outputNames(parameters),
  });
  return { input, rows, parameters, forward, backward, dimension };
}

/** Rows `first` to `first + count` of a tensor, with zero rows after its last. */
function rows(tensor: Tensor, first: number, count: number): Tensor {
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

/**
 * GradCache (Gao et al. 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited
 * Setup"): embeddings of the whole batch without activations, the loss and its gradient with respect
 * to the embeddings, then each micro-batch forward and backward from its rows of that gradient. The
 * sum is the gradient of the whole batch, whatever the split.
 */
class GradientCache implements GradientSource {
  readonly parameters: Parameter[];

  private constructor(
    private readonly options: GradientOptions,
    private readonly text: CachedTower,
    private readonly image: CachedTower,
    private readonly loss: Session,
  ) {
    this.parameters = [...text.parameters, ...image.parameters, ...options.loss.head];
  }

  static async open(options: GradientOptions): Promise<GradientCache> {
    const { batchSize, device, threads } = options;
    const text = await openTower(options.text, options);
    const image = await openTower(options.image, options);
    const loss = await openSession(
      buildLossGraph(
        options.loss,
        {
          image: [batchSize * image.rows, image.dimension],
          text: [batchSize * text.rows, text.dimension],
        },
        device,
      ),
      {
        device,
        threads,
      },
    );
    return new GradientCache(options, text, image, loss);
  }

  async compute(weights: Tensors, { pixels, ids, positives }: Batch) {
    const { loss, ...cache } = await this.loss.run({
      ...pick(weights, this.options.loss.head),
      text: await this.embed(this.text, weights, ids),
      image: await this.embed(this.image, weights, pixels),
      positives,
    });
    const { 'gradient.text': text, 'gradient.image': image, ...head } = cache;
    const gradients = {
      ...(await this.backward(this.text, weights, ids, text!)),
      ...(await this.backward(this.image, weights, pixels, image!)),
      ...head,
    };
    return { loss: Number(loss!.data[0]), gradients };
  }

  /** Embeddings of the whole batch, [batch · rows, dimension]. */
  private async embed(tower: CachedTower, weights: Tensors, input: Tensor): Promise<Tensor> {
    const total = this.options.batchSize * tower.rows;
    const micro = this.options.microBatch * tower.rows;
    const result = new Float32Array(total * tower.dimension);
    const own = pick(weights, tower.parameters);
    for (let first = 0; first < total; first += micro) {
      const part = rows(input, first, micro);
      const { embedding } = await tower.forward.run({ ...own, [tower.input]: part });
      const count = Math.min(micro, total - first) * tower.dimension;
      result.set((embedding!.data as Float32Array).subarray(0, count), first * tower.dimension);
    }
    return new Tensor('float32', result, [total, tower.dimension]);
  }

  /** Gradients of a tower's weights, summed over the micro-batches. */
  private async backward(
    tower: CachedTower,
    weights: Tensors,
    input: Tensor,
    gradient: Tensor,
  ): Promise<Tensors> {
    if (tower.backward === undefined) return {};
    const total = this.options.batchSize * tower.rows;
    const micro = this.options.microBatch * tower.rows;
    const own = pick(weights, tower.parameters);
    let sums: Tensors = Object.fromEntries(
      tower.parameters.map(({ name, dims }) => {
        const length = dims.reduce((product, dim) => product * dim, 1);
        return [`gradient.${name}`, new Tensor('float32', new Float32Array(length), dims)];
      }),
    );
    for (let first = 0; first < total; first += micro) {
      const next = await tower.backward.run({
        ...own,
        [tower.input]: rows(input, first, micro),
        embedding_gradient: rows(gradient, first, micro),
        ...Object.fromEntries(
          Object.entries(sums).map(([name, sum]) => [name.replace('gradient.', 'sum.'), sum]),
        ),
      });
      for (const sum of Object.values(sums)) sum.dispose();
      sums = next;
    }
    return sums;
  }

  async release(): Promise<void> {
    for (const { forward, backward } of [this.text, this.image]) {
      await forward.release();
      await backward?.release();
    }
    await this.loss.release();
  }
}
