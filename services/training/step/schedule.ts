// The learning rate over a run.

/**
 * Linear warm-up over the first `warmup` steps, then a cosine to zero at `steps` (Loshchilov &
 * Hutter 2017). `step` counts from 0.
 */
export function learningRate(step: number, steps: number, warmup: number, peak: number): number {
  if (step < warmup) return (peak * (step + 1)) / warmup;
  const progress = (step - warmup) / Math.max(1, steps - warmup);
  return 0.5 * peak * (1 + Math.cos(Math.PI * Math.min(1, progress)));
}
