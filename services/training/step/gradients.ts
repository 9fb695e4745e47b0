// The gradient of a batch, in one pass where it fits; through gradient-cache.ts where it does not.

import { Tensor, type Device } from '#runtime';
import type { Batch, Tensors } from '../data/batch';
import { ByLength } from './by-length';
import { GradientCache } from './gradient-cache';
import { GradientSession, gradientTensors } from './gradient-session';
import type { Objective } from '../loss/objective';
import type { Parameter } from '../tower/parameters';
import { slimTower } from '../tower/slim';
import { buildStepGraph } from './step-graph';
import type { Tower } from '../tower/tower';

export interface GradientOptions {
  /** Absent where the objective takes no captions. */
  text: Tower | undefined;
  image: Tower;
  objective: Objective;
  /** Pairs of a batch: those that are each other's negatives. */
  batchSize: number;
  /** Pairs that go through a tower at once: this sets the memory. */
  microBatch: number;
  /** Tokens of a caption, at most. */
  length: number;
  device: Device;
  threads: number;
}

/** Computes the loss of a batch and the gradient of every parameter. */
export interface GradientSource {
  readonly parameters: Parameter[];
  /**
   * @param into tensors in host memory to be filled, `gradient.NAME`; by default fresh ones. Not for
   *   WebGPU, which leaves the gradients on the device, the caller's to dispose.
   */
  compute(
    weights: Tensors,
    batch: Batch,
    into?: Tensors,
  ): Promise<{ loss: number; gradients: Tensors }>;
  release(): Promise<void>;
}

/** One pass where the batch fits a micro-batch, else the gradient cache. */
export function openGradients(options: GradientOptions): Promise<GradientSource> {
  const { text, image, microBatch, batchSize, device } = options;
  const towers = { text: text && slimTower(text, device), image: slimTower(image, device) };
  const slim = { ...options, ...towers };
  return microBatch >= batchSize ? OnePass.open(slim) : GradientCache.open(slim);
}

class OnePass implements GradientSource {
  private constructor(
    readonly parameters: Parameter[],
    private readonly options: GradientOptions,
    private readonly sessions: ByLength<GradientSession>,
  ) {}

  static async open(options: GradientOptions): Promise<OnePass> {
    const { text, image, objective, batchSize, device } = options;
    const sessions = new ByLength((length) => {
      const graph = buildStepGraph(text, image, objective, { pairs: batchSize, length }, device);
      return GradientSession.open(graph, options);
    });
    const { parameters } = await sessions.at(options.length);
    return new OnePass(parameters, options, sessions);
  }

  async compute(weights: Tensors, batch: Batch, into?: Tensors) {
    const { text, image, objective, device } = this.options;
    const session = await this.sessions.at(batch.length);
    const inputs = { ...(objective.text && batch.text), ...batch.image };
    const towers = { ...text?.held, ...image.held, ...inputs };
    const feeds = { ...weights, ...towers, ...objective.feeds(batch) };
    if (device === 'webgpu') {
      const { loss, ...gradients } = await session.run(feeds);
      return { loss: Number(loss!.data[0]), gradients };
    }
    const loss = new Tensor('float32', new Float32Array(1), []);
    const gradients = into ?? gradientTensors(this.parameters);
    session.clear(gradients);
    await session.fill(feeds, { loss, ...gradients });
    return { loss: Number(loss.data[0]), gradients };
  }

  release(): Promise<void> {
    return this.sessions.release();
  }
}
