// Programs of this repository in processes of their own, each with a channel to whoever started it.

import { fork, type ChildProcess } from 'node:child_process';
import { config } from '#config';

/**
 * Starts `services/room/name-process.ts`. Standard output belongs to the answers of this process, so
 * what the program prints goes to standard error.
 *
 * @param env beside the variables of this process, which come first
 */
export function startProcess(
  program: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const { root, launcher } = config();
  return fork(launcher, [program, ...args], {
    cwd: root,
    env: { ...env, ...process.env },
    // Not with the options of this process, which may load tsx once more.
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 2, 2, 'ipc'],
  });
}
