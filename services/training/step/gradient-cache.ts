// The gradient cache: the gradient of a batch of any size in the memory of a micro-batch.

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
  /** What the first micro-batch is added to, on a device. */
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
    return new GradientCache(options, text, image, head, loss);
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
    const { tower, parameters, zeros } = cached;
    const session = await cached.backward?.at(lengthOf(tower, inputs));
    if (session === undefined) return {};
    const micro = this.options.microBatch * tower.rows;
    const own = { ...tower.held, ...pick(weights, parameters) };
    const parts = Array.from({ length: Math.ceil(gradient.dims[0]! / micro) }, (_, index) => ({
      ...own,
      ...rowsOfEach(inputs, index * micro, micro),
      embedding_gradient: rowsOf(gradient, index * micro, micro),
    }));
    if (target === undefined) return sumOnDevice(session, parts, zeros!);
    const sums = pickGradients(target, parameters);
    session.clear(sums);
    for (const part of parts) await session.fill(part, sums);
    return sums;
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

function pickGradients(gradients: Tensors, parameters: Parameter[]): Tensors {
  return Object.fromEntries(
    parameters.map(({ name }) => [`gradient.${name}`, gradients[`gradient.${name}`]!]),
  );
}

/** The gradients of each part added to those of the parts before it; the first's to `zeros`. */
async function sumOnDevice(session: GradientSession, parts: Tensors[], zeros: DeviceZeros) {
  let sums = zeros.tensors;
  for (const part of parts) {
    const next = await session.run({ ...part, ...asSums(sums) });
    if (sums !== zeros.tensors) for (const sum of Object.values(sums)) sum.dispose();
    sums = next;
  }
  return sums;
}

/** Gradients under the names of the sums that a backward graph takes. */
function asSums(gradients: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(gradients).map(([name, sum]) => [name.replace('gradient.', 'sum.'), sum]),
  );
}
