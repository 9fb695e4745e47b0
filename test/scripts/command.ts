// Runs the command line as a user does: a process of its own, its exit code, stdout and stderr.

import { execFile } from 'node:child_process';
import path from 'node:path';

export const entry = path.join(import.meta.dirname, '../../scripts/bin.mjs');

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** `home` is the data folder; `cwd` is where relative paths of the arguments start. */
export function bifocal(
  args: string[],
  { home, cwd = home }: { home: string; cwd?: string },
): Promise<Ended> {
  const env = { ...process.env, BIFOCAL_HOME: home };
  return new Promise((resolve) => {
    execFile(process.execPath, [entry, ...args], { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

/** What a command prints with `--json`: the object on the last line of stdout. */
export function lastLine<T>({ stdout }: Pick<Ended, 'stdout'>): T {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as T;
}
