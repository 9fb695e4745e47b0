// The gradient cache: the gradient of a batch of any size in the memory of a micro-batch.

import { size } from '#onnx';
import { openSession, type Session, type Tensor } from '#runtime';
import type { Batch, Tensors } from '../data/batch';
import { ByLength } from './by-length';
import { lengthOf, pick, rowsOf, rowsOfEach, takesCaptions, TowerForward } from './forward';
import { DeviceZeros, GradientSession, gradientTensors } from './gradient-session';
import type { GradientOptions, GradientSource } from './gradients';
import type { Parameter } from '../tower/parameters';
import { buildBackwardGraph, buildLossGraph } from './step-graph';
import type { Tower } from '../tower/tower';

/** The sessions of one tower in micro-batches. */
interface CachedTower {
  tower: Tower;
  parameters: Parameter[];
  forward: TowerForward;
  /** Absent for a tower of which nothing is trained. */
  backward: ByLength<GradientSession> | undefined;
  /** What the first micro-batch is added to, on a device; in host memory `scratch` serves. */
  zeros: DeviceZeros | undefined;
}

async function openTower(tower: Tower, options: GradientOptions): Promise<CachedTower> {
  const { microBatch: pairs, length: longest, device } = options;
  const forward = await TowerForward.open(tower, { pairs, length: longest }, options);
  if (tower.trained.size === 0) {
    return { tower, parameters: [], forward, backward: undefined, zeros: undefined };
  }
  const backward = new ByLength((length) =>
    GradientSession.open(buildBackwardGraph(tower, { pairs, length }, device), options),
  );
  const { parameters } = await backward.at(takesCaptions(tower) ? longest : 0);
  const zeros = device === 'webgpu' ? await DeviceZeros.open(parameters) : undefined;
  return { tower, parameters, forward, backward, zeros };
}

/** Floats that the gradients of the larger tower take. */
function scratchFor(towers: (CachedTower | undefined)[]): Float32Array {
  const floats = towers.map((tower) =>
    (tower?.parameters ?? []).reduce((sum, { dims }) => sum + size(dims), 0),
  );
  return new Float32Array(Math.max(...floats));
}

/**
 * GradCache (Gao et al. 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited
 * Setup"): embeddings of the whole batch without activations, the loss and its gradient with respect
 * to the embeddings, then each micro-batch forward and backward from its rows of that gradient. The
 * sum is the gradient of the whole batch, whatever the split.
 */
export class GradientCache implements GradientSource {
  readonly parameters: Parameter[];

  private constructor(
    private readonly options: GradientOptions,
    private readonly text: CachedTower | undefined,
    private readonly image: CachedTower,
    private readonly head: Parameter[],
    private readonly loss: Session,
    /** In host memory: the sums of every other micro-batch. */
    private readonly scratch: Float32Array | undefined,
  ) {
    this.parameters = [...(text?.parameters ?? []), ...image.parameters, ...head];
  }

  static async open(options: GradientOptions): Promise<GradientCache> {
    const { batchSize, device, threads } = options;
    const text = options.text && (await openTower(options.text, options));
    const image = await openTower(options.image, options);
    const shapes = {
      image: [batchSize * image.tower.rows, image.forward.dimension],
      text: text && [batchSize * text.tower.rows, text.forward.dimension],
    };
    const { model, parameters: head } = buildLossGraph(options.objective, shapes, device);
    const loss = await openSession(model, { device, threads });
    const scratch = device === 'webgpu' ? undefined : scratchFor([text, image]);
    return new GradientCache(options, text, image, head, loss, scratch);
  }

  async compute(weights: Tensors, batch: Batch, into?: Tensors) {
    const { loss, ...cache } = await this.loss.run({
      ...pick(weights, this.head),
      ...this.options.objective.feeds(batch),
      ...(this.text && { text: await this.text.forward.embed(weights, batch.text) }),
      image: await this.image.forward.embed(weights, batch.image),
    });
    const { 'gradient.text': text, 'gradient.image': image, ...head } = cache;
    const onDevice = this.options.device === 'webgpu';
    const target = onDevice ? undefined : (into ?? gradientTensors(this.parameters));
    const gradients: Tensors = {
      ...(this.text && (await this.backward(this.text, weights, batch.text, text!, target))),
      ...(await this.backward(this.image, weights, batch.image, image!, target)),
    };
    for (const [name, gradient] of Object.entries(head)) {
      (target?.[name]!.data as Float32Array | undefined)?.set(gradient.data as Float32Array);
      gradients[name] = target?.[name] ?? gradient;
    }
    return { loss: Number(loss!.data[0]), gradients };
  }

  /** Gradients of a tower's weights, summed over the micro-batches; into those of `target`. */
  private async backward(
    cached: CachedTower,
    weights: Tensors,
    inputs: Tensors,
    gradient: Tensor,
    target: Tensors | undefined,
  ): Promise<Tensors> {
    const { tower, parameters } = cached;
    const session = await cached.backward?.at(lengthOf(tower, inputs));
    if (session === undefined) return {};
    const total = this.options.batchSize * tower.rows;
    const micro = this.options.microBatch * tower.rows;
    const own = { ...tower.held, ...pick(weights, parameters) };
    const places = target && this.places(parameters, target, Math.ceil(total / micro));
    let sums = places?.[0] ?? cached.zeros!.tensors;
    for (let first = 0, index = 1; first < total; first += micro, index++) {
      const feeds = {
        ...own,
        ...rowsOfEach(inputs, first, micro),
        embedding_gradient: rowsOf(gradient, first, micro),
        ...asSums(sums),
      };
      const next = await session.run(feeds, places?.[index]);
      if (!places && first > 0) for (const sum of Object.values(sums)) sum.dispose();
      sums = next;
    }
    return sums;
  }

  /**
   * Where the sums lie, in host memory: zeros, then after each of `count` micro-batches. Two places
   * in turn, since a graph may not write what it reads; the last is `target`.
   */
  private places(parameters: Parameter[], target: Tensors, count: number): Tensors[] {
    const final = Object.fromEntries(
      parameters.map(({ name }) => [`gradient.${name}`, target[`gradient.${name}`]!]),
    );
    const two = [final, gradientTensors(parameters, this.scratch)];
    const places = Array.from({ length: count + 1 }, (_, index) => two[(count - index) % 2]!);
    for (const { data } of Object.values(places[0]!)) (data as Float32Array).fill(0);
    return places;
  }

  async release(): Promise<void> {
    for (const cached of [this.text, this.image]) {
      await cached?.forward.release();
      await cached?.backward?.release();
      await cached?.zeros?.release();
    }
    await this.loss.release();
  }
}

/** Gradients under the names of the sums that a backward graph takes. */
function asSums(gradients: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(gradients).map(([name, sum]) => [name.replace('gradient.', 'sum.'), sum]),
  );
}
