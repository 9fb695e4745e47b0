// Training and evaluation of dual encoders.

export { mergeAdapters } from './adapters';
export { AUGMENTATIONS } from './augment';
export { evaluate, summarize } from './evaluate';
export type { Evaluation, RetrievalFigures } from './evaluate';
export { buildObjective, LOSSES } from './loss/objective';
export { dataReport } from './report';
export type { DataReport } from './report';
export type { SetReport } from './report-set';
export { lossAndGradients } from './loss-and-gradients';
export type { LossAndGradients, LossBatch, LossOptions } from './loss-and-gradients';
export { readPairs } from './pairs';
export type { Pair } from './pairs';
export { probe } from './probe';
export type { Probe, ProbeFigures } from './probe';
export { rankPairs } from './ranks';
export { RUN_DEFAULTS, RunFolder, runSettings } from './run';
export type { AskedSettings, RunSettings } from './run';
export { blendModels } from './blend';
export type { Estimate } from './evaluate';
export { TrainingInterrupted } from './options';
export type { TrainOptions, TrainProgress } from './options';
export type { Comparison, TrainReport } from './outcome';
export { train } from './train';
export { trainability } from './trainable';
export type { TowerTrainability } from './trainable';
export { WEIGHT_RULE } from './weight-rule';

// A step by itself, for benchmarks.
export type { Batch } from './batch';
export { openGradients } from './gradients';
export { ADAMW_DEFAULTS } from './optimizer';
export { readTower } from './read-tower';
export { Stepper } from './stepper';
