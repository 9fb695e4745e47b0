// The process of a job: one of our commands, which goes on when this process ends.

import { spawn, type ChildProcess } from 'node:child_process';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { config } from '#config';
import { lowerPriority } from '#process';
import type { JobFolder } from './folder';

/** Starts a command that reports to `folder`. One that cannot be run has no pid. */
export async function startCommand(folder: JobFolder, args: string[]): Promise<ChildProcess> {
  const { root, home } = config();
  const [output, log] = await Promise.all([
    open(folder.file('output.txt'), 'w'),
    open(folder.file('log.txt'), 'w'),
  ]);
  const script = path.join(root, 'scripts/job.mjs');
  const child = spawn(process.execPath, [script, folder.path, ...args], {
    cwd: root,
    // A group of its own: Ctrl-C in the server's terminal is for the server.
    detached: true,
    stdio: ['ignore', output.fd, log.fd],
    env: { ...process.env, BIFOCAL_ROOT: root, BIFOCAL_HOME: home },
  });
  child.unref();
  child.once('error', () => undefined);
  if (child.pid !== undefined) lowerPriority(child.pid);
  await Promise.all([output.close(), log.close()]);
  return child;
}

/** As Ctrl-C does: the commands save what they have and end. */
export function interrupt(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
