// Training and evaluation of dual encoders.

export { mergeAdapters } from './tower/adapters';
export { AUGMENTATIONS } from './data/augmentations';
export { evaluate, summarize } from './evaluation/evaluate';
export type { Evaluation, RetrievalFigures } from './evaluation/evaluate';
export { buildObjective, LOSSES } from './loss/objective';
export { dataReport } from './report/report';
export type { DataReport } from './report/report';
export type { SetReport } from './report/report-set';
export { lossAndGradients } from './step/loss-and-gradients';
export type { LossAndGradients, LossBatch, LossOptions } from './step/loss-and-gradients';
export { readPairs } from './data/pairs';
export type { Pair } from './data/pairs';
export { probe } from './evaluation/probe';
export type { Probe, ProbeFigures } from './evaluation/probe';
export { rankPairs } from './evaluation/ranks';
export { RUN_DEFAULTS, RunFolder, runSettings } from './run';
export type { AskedSettings, RunSettings } from './run';
export { blendModels } from './blend';
export { resizeModel } from './resize';
export type { Estimate } from './evaluation/evaluate';
export { TrainingInterrupted } from './options';
export type { TrainOptions, TrainProgress } from './options';
export type { Comparison, TrainReport } from './outcome';
export { train } from './train';
export { trainability } from './tower/trainable';
export type { TowerTrainability } from './tower/trainable';
export { WEIGHT_RULE } from './tower/weight-rule';

// A step by itself, for benchmarks.
export type { Batch } from './data/batch';
export { openGradients } from './step/gradients';
export { ADAMW_DEFAULTS } from './step/optimizer';
export { readTower } from './tower/read-tower';
export { Stepper } from './step/stepper';
