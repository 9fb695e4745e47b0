// What commands that take long have in common: how far they are, and how Ctrl-C ends them.

import type { Output } from './output';

/** Aborted by the first Ctrl-C; the second one ends the process as ever. */
export function interruption(output: Output): AbortSignal {
  const stop = new AbortController();
  const interrupt = () => {
    output.note('stopping after this batch …');
    stop.abort(new Error('interrupted; what is stored stays, run the command again to go on'));
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  return stop.signal;
}

/** `820/1500  55.1 images/s  0:12 left` */
export function pace(done: number, total: number, seconds: number, unit: string): string {
  const rate = done / seconds;
  return [
    `${done}/${total}`,
    `${rate.toFixed(1)} ${unit}/s`,
    ...(done > 0 ? [`${minutes((total - done) / rate)} left`] : []),
  ].join('  ');
}

/** Minutes and seconds, `2:05`. */
export function minutes(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
