// Runs of training as others see them: what was asked, how far they are, their curves, what came out.

export { openRuns, UnknownRun, type Runs } from './runs';
export type { Curves, MetricsPoint, Recalls, RunDetail, RunState, RunSummary } from './types';
