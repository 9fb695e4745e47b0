// Momentum towers: slow averages of the towers, whose embeddings are targets and queued negatives.

import type { Device } from '#runtime';
import type { Batch, Tensors } from '../data/batch';
import { Ema } from './ema';
import { TowerForward } from './forward';
import type { Objective } from '../loss/objective';
import { Queue } from './queue';
import type { StateValues } from './stepper';
import { parametersOf, type Tower, type TowerSize } from '../tower/tower';

/** Share of themselves that momentum towers keep at each step: an average over about 100 steps. */
export const MOMENTUM = 0.99;

export interface MomentumOptions {
  objective: Objective;
  text: Tower | undefined;
  image: Tower;
  /** Rows that go through a tower at once. */
  size: TowerSize;
  momentum: number;
  /** Numbers of all captions that are true of the picture with a number. */
  captionsOf(picture: number): readonly number[];
  device: Device;
  threads: number;
}

interface MomentumTower {
  forward: TowerForward;
  /** Absent where the objective takes no past embeddings. */
  queue: Queue | undefined;
}

/**
 * Momentum towers (He et al. 2020, MoCo; Grill et al. 2020, BYOL): θ̄ ← m θ̄ + (1 − m) θ after each
 * step, from the weights of the start. No gradient goes through them. Around each step:
 * `before` gives what the loss is fed beside the batch, `after` takes in the step's weights and puts
 * the batch into the queues.
 */
export class Momentum {
  private constructor(
    private readonly options: MomentumOptions,
    private readonly average: Ema,
    private readonly image: MomentumTower,
    private readonly text: MomentumTower | undefined,
  ) {}

  /**
   * Undefined where the objective needs no momentum towers. `values` holds the towers' weights and,
   * of a checkpoint, what `read` gave.
   */
  static async open(values: StateValues, options: MomentumOptions): Promise<Momentum | undefined> {
    const { objective, device, threads } = options;
    const { queue } = objective;
    if (!objective.momentum) return undefined;
    const open = async (tower: Tower, kind: string): Promise<MomentumTower> => {
      const forward = await TowerForward.open(tower, options.size, { device, threads });
      const { dimension } = forward;
      const past = queue > 0 ? new Queue(`queue.${kind}`, queue, dimension, values) : undefined;
      return { forward, queue: past };
    };
    const text = queue > 0 ? options.text : undefined;
    const parameters = [options.image, text].flatMap((tower) => (tower ? parametersOf(tower) : []));
    const average = await Ema.open(parameters, values, { device, threads, prefix: 'momentum.' });
    const image = await open(options.image, 'image');
    return new Momentum(options, average, image, text && (await open(text, 'text')));
  }

  /**
   * What the loss of a batch is fed: `momentum.image` and `momentum.text`, embeddings of its rows,
   * and the queues with what of them each row may take as a negative.
   */
  async before(batch: Batch): Promise<Tensors> {
    const weights = this.average.weights();
    const isTrue = (picture: number, caption: number) =>
      this.options.captionsOf(picture).includes(caption);
    const extra: Tensors = {
      'momentum.image': await this.image.forward.embed(weights, batch.image),
    };
    if (this.image.queue !== undefined) {
      extra['queue.image'] = this.image.queue.tensor();
      extra['queue.image.allowed'] = this.image.queue.allowed(batch.captions, (caption, picture) =>
        isTrue(picture, caption),
      );
    }
    if (this.text?.queue !== undefined) {
      extra['momentum.text'] = await this.text.forward.embed(weights, batch.text);
      extra['queue.text'] = this.text.queue.tensor();
      extra['queue.text.allowed'] = this.text.queue.allowed(batch.pictures, isTrue);
    }
    return extra;
  }

  /** Ends a step: `batch` with the `extra` that it was fed, and the weights that it led to. */
  async after(batch: Batch, extra: Tensors, weights: Tensors): Promise<void> {
    await this.average.update(weights, this.options.momentum);
    const rows = (kind: string) => extra[`momentum.${kind}`]!.data as Float32Array;
    this.image.queue?.push(rows('image'), batch.pictures);
    this.text?.queue?.push(rows('text'), batch.captions);
  }

  /** Copies averages and queues to host memory, for a checkpoint. */
  async read(): Promise<StateValues> {
    return new Map([
      ...(await this.average.read()),
      ...(this.image.queue?.read() ?? []),
      ...(this.text?.queue?.read() ?? []),
    ]);
  }

  async release(): Promise<void> {
    await this.average.release();
    await this.image.forward.release();
    await this.text?.forward.release();
  }
}
