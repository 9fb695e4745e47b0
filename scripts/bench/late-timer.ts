// How late a timer of this process is while something goes on, beside what the machine makes of a process
// that does nothing while another keeps all its processors busy.

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds, 99th percentiles. */
export interface Lateness {
  late: number;
  /** Of that at most: the processor time that this process took meanwhile. */
  ownWork: number;
  /** The same timer, with nothing else to do here and every processor busy for others. */
  floor: number;
}

const intervalMs = 5;
const forMs = 3_000;

/** Measures while `load` goes on: it is given a question that says when to end. */
export async function timerLateness(
  load: (goesOn: () => boolean) => Promise<unknown>,
): Promise<Lateness> {
  let goesOn = true;
  const loaded = load(() => goesOn);
  const { late, ownWork } = await watchTimer();
  goesOn = false;
  await loaded;
  const others = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
  );
  try {
    await sleep(500); // until they are all there
    return { late, ownWork, floor: (await watchTimer()).late };
  } finally {
    for (const other of others) other.kill();
  }
}

async function watchTimer(): Promise<{ late: number; ownWork: number }> {
  const late: number[] = [];
  const ownWork: number[] = [];
  for (const until = performance.now() + forMs; performance.now() < until;) {
    const started = performance.now();
    const before = process.cpuUsage();
    await sleep(intervalMs);
    const waited = performance.now() - started - intervalMs;
    const { user, system } = process.cpuUsage(before);
    late.push(waited);
    ownWork.push(Math.min(waited, (user + system) / 1000));
  }
  return { late: p99(late), ownWork: p99(ownWork) };
}

function p99(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(0.99 * values.length)]!;
}
