// The loop of a run: step after step, with validations and checkpoints, to the end or to a stop.

import { saveCheckpoint } from './checkpoint';
import type { Course } from './course';
import { TrainingInterrupted, type TrainOptions } from './options';
import type { RunFolder, RunSettings } from './run';
import { learningRate } from './step/schedule';
import type { Validation, ValidationRow } from './validation';

/** How far the loop came, and how fast. */
export interface Pace {
  /** Steps done since the run began. */
  step: number;
  /** Of the steps of this process: their number, their seconds, and those that data took of them. */
  taken: number;
  seconds: number;
  waited: number;
  /** Whether validations stopped the run before its last step. */
  stoppedEarly: boolean;
  warnings: string[];
}

function describe({ step, meanRecall, textToImage, imageToText }: ValidationRow): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return (
    `step ${step}: validation mean recall ${percent(meanRecall)}, recall@1 ` +
    `${percent(textToImage.r1)} from words, ${percent(imageToText.r1)} from pictures`
  );
}

/** Saves the run's state, once a step at most. */
class Saver {
  private at = performance.now();
  private step: number;

  constructor(
    private readonly run: RunFolder,
    private readonly course: Course,
    private readonly everySeconds: number,
  ) {
    this.step = course.firstStep;
  }

  get due(): boolean {
    return performance.now() - this.at > 1000 * this.everySeconds;
  }

  async save(step: number): Promise<void> {
    if (step === this.step) return;
    await saveCheckpoint(this.run.checkpoint, step, await this.course.state());
    this.step = step;
    this.at = performance.now();
  }
}

/** Throws after saving when the run is to stop. */
export async function takeSteps(
  run: RunFolder,
  settings: RunSettings,
  course: Course,
  validation: Validation,
  { checkpointSeconds, onProgress, onNote, signal }: TrainOptions,
): Promise<Pace> {
  const { firstStep, steps, batches } = course;
  const warmup = settings.warmupSteps ?? Math.ceil(steps / 10);
  const saver = new Saver(run, course, checkpointSeconds);
  const warnings = new Set<string>();
  let seconds = 0;
  for (let step = firstStep; ; step++) {
    if (validation.due(step)) {
      await saver.save(step);
      const { row, warnings: found } = await validation.measure(step, await course.state());
      onNote(describe(row));
      for (const warning of found) {
        onNote(`warning: ${warning}`);
        warnings.add(warning);
      }
    }
    if (step === steps || validation.exhausted) {
      await saver.save(step);
      const stoppedEarly = step < steps;
      const waited = batches.waited;
      return {
        step,
        taken: step - firstStep,
        seconds,
        waited,
        stoppedEarly,
        warnings: [...warnings],
      };
    }
    const { learningRate: peak, decaySteps } = settings;
    const rate = learningRate(step, steps, warmup, peak, decaySteps);
    const started = performance.now();
    const { loss, gradientNorm } = await course.step(step, rate);
    seconds += (performance.now() - started) / 1000;
    if (!Number.isFinite(loss)) {
      throw new Error(`the loss is ${loss} at step ${step + 1}; try a lower --lr`);
    }
    await run.append('metrics.jsonl', { step: step + 1, loss, gradientNorm, learningRate: rate });
    const done = step + 1 - firstStep;
    onProgress({
      phase: 'train',
      done: step + 1,
      total: steps,
      loss,
      samplesPerSecond: (done * settings.batchSize) / seconds,
      secondsLeft: (seconds / done) * (steps - step - 1),
    });
    const stop = signal?.aborted === true && step + 1 < steps;
    if (stop || saver.due) await saver.save(step + 1);
    if (stop) throw new TrainingInterrupted(`after step ${step + 1} of ${steps}`, run.path);
  }
}
