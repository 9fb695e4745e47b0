// Programs of this repository in processes of their own, each with a channel to whoever started it.

import { fork, type ChildProcess } from 'node:child_process';
import os from 'node:os';
import { config } from '#config';

/** What is in no hurry is so much nicer than who started it, to whom it leaves the processor. */
const NICER = 10;

/** The number of a program's pipe, if it has one. */
export const PIPE = 4;

/**
 * Starts `services/room/name-process.ts`. Standard output belongs to the answers of this process, so
 * what the program prints goes to standard error.
 *
 * @param options.env beside the variables of this process, which come first
 * @param options.pipe whether there is a pipe beside the channel: stdio[PIPE], which is that number there too
 */
export function startProcess(
  program: string,
  args: readonly string[] = [],
  { env = {}, pipe = false }: { env?: Readonly<Record<string, string>>; pipe?: boolean } = {},
): ChildProcess {
  const { root, launcher } = config();
  return fork(launcher, [program, ...args], {
    cwd: root,
    env: { ...env, ...process.env },
    // Not with the options of this process, which may load tsx once more.
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 2, 2, 'ipc', ...(pipe ? (['pipe'] as const) : [])],
  });
}

/** Lets a process that was just started work on what this one leaves of the processor. */
export function lowerPriority(pid: number): void {
  try {
    os.setPriority(pid, Math.min(os.constants.priority.PRIORITY_LOW, os.getPriority() + NICER));
  } catch {
    // It has ended already, or the system does not allow it: it runs as it is.
  }
}
