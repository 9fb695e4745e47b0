// The gradient of a batch: in one pass, or through the gradient cache in micro-batches.

import { openSession, Tensor, type Device, type Session } from '#runtime';
import type { Batch, Tensors } from './batch';
import { pick, rowsOf, rowsOfEach, TowerForward } from './forward';
import type { Objective } from './loss/objective';
import type { Parameter } from './parameters';
import { buildBackwardGraph, buildLossGraph, buildStepGraph } from './step-graph';
import type { Tower } from './tower';

export interface GradientOptions {
  /** Absent where the objective takes no captions. */
  text: Tower | undefined;
  image: Tower;
  objective: Objective;
  /** Pairs of a batch: those that are each other's negatives. */
  batchSize: number;
  /** Pairs that go through a tower at once: this sets the memory. */
  microBatch: number;
  /** Tokens of a caption. */
  length: number;
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

function outputNames(parameters: Parameter[]): string[] {
  return parameters.map(({ name }) => `gradient.${name}`);
}

class OnePass implements GradientSource {
  private constructor(
    readonly parameters: Parameter[],
    private readonly objective: Objective,
    private readonly session: Session,
  ) {}

  static async open(options: GradientOptions): Promise<OnePass> {
    const { text, image, objective, batchSize, length, device, threads } = options;
    const size = { pairs: batchSize, length };
    const { model, parameters } = buildStepGraph(text, image, objective, size, device);
    const outputsOnDevice = outputNames(parameters);
    const session = await openSession(model, { device, threads, outputsOnDevice });
    return new OnePass(parameters, objective, session);
  }

  async compute(weights: Tensors, batch: Batch) {
    const towers = { ...(this.objective.text && batch.text), ...batch.image };
    const feeds = { ...weights, ...towers, ...this.objective.feeds(batch) };
    const { loss, ...gradients } = await this.session.run(feeds);
    return { loss: Number(loss!.data[0]), gradients };
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

/** The sessions of one tower in micro-batches. */
interface CachedTower {
  /** Rows that each pair puts into the tower. */
  rows: number;
  parameters: Parameter[];
  forward: TowerForward;
  /** Absent for a tower of which nothing is trained. */
  backward: Session | undefined;
}

async function openTower(tower: Tower, options: GradientOptions): Promise<CachedTower> {
  const { microBatch, length, device, threads } = options;
  const size = { pairs: microBatch, length };
  const forward = await TowerForward.open(tower, size, options);
  const { rows } = tower;
  if (tower.trained.size === 0) return { rows, parameters: [], forward, backward: undefined };
  const { model, parameters } = buildBackwardGraph(tower, size, device);
  const outputsOnDevice = outputNames(parameters);
  const backward = await openSession(model, { device, threads, outputsOnDevice });
  return { rows, parameters, forward, backward };
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
    private readonly text: CachedTower | undefined,
    private readonly image: CachedTower,
    private readonly head: Parameter[],
    private readonly loss: Session,
  ) {
    this.parameters = [...(text?.parameters ?? []), ...image.parameters, ...head];
  }

  static async open(options: GradientOptions): Promise<GradientCache> {
    const { batchSize, device, threads } = options;
    const text = options.text && (await openTower(options.text, options));
    const image = await openTower(options.image, options);
    const shapes = {
      image: [batchSize * image.rows, image.forward.dimension],
      text: text && [batchSize * text.rows, text.forward.dimension],
    };
    const { model, parameters: head } = buildLossGraph(options.objective, shapes, device);
    const loss = await openSession(model, { device, threads });
    return new GradientCache(options, text, image, head, loss);
  }

  async compute(weights: Tensors, batch: Batch) {
    const { loss, ...cache } = await this.loss.run({
      ...pick(weights, this.head),
      ...this.options.objective.feeds(batch),
      ...(this.text && { text: await this.text.forward.embed(weights, batch.text) }),
      image: await this.image.forward.embed(weights, batch.image),
    });
    const { 'gradient.text': text, 'gradient.image': image, ...head } = cache;
    const gradients = {
      ...(this.text && (await this.backward(this.text, weights, batch.text, text!))),
      ...(await this.backward(this.image, weights, batch.image, image!)),
      ...head,
    };
    return { loss: Number(loss!.data[0]), gradients };
  }

  /** Gradients of a tower's weights, summed over the micro-batches. */
  private async backward(
    tower: CachedTower,
    weights: Tensors,
    inputs: Tensors,
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
        ...rowsOfEach(inputs, first, micro),
        embedding_gradient: rowsOf(gradient, first, micro),
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
    for (const tower of [this.text, this.image]) {
      await tower?.forward.release();
      await tower?.backward?.release();
    }
    await this.loss.release();
  }
}
