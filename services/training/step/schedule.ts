// The learning rate over a run.

/**
 * Linear warm-up over the first `warmup` steps, then a cosine to zero at `steps` (Loshchilov &
 * Hutter 2017). With `decay`, the rate stays at its peak until the last so many steps, and falls to zero
 * over them as 1 − √x (Hägele et al. 2024): when a run is to end can be decided while it goes on.
 * `step` counts from 0.
 */
export function learningRate(
  step: number,
  steps: number,
  warmup: number,
  peak: number,
  decay?: number,
): number {
  if (step < warmup) return (peak * (step + 1)) / warmup;
  const first = decay === undefined ? warmup : Math.max(warmup, steps - decay);
  const progress = Math.max(0, step - first) / Math.max(1, steps - first);
  if (decay !== undefined) return peak * (1 - Math.sqrt(Math.min(1, progress)));
  return 0.5 * peak * (1 + Math.cos(Math.PI * Math.min(1, progress)));
}
