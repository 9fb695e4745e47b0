// How a job is, from what its folder says.

import type { Ended, JobFolder } from './folder';
import type { Job, JobState } from './types';

export function hasEnded({ state }: Job): boolean {
  return state !== 'running' && state !== 'stopping';
}

export function stateOf(ended: Ended | null, asked: boolean): JobState {
  if (ended === null) return asked ? 'stopping' : 'running';
  if (asked) return 'stopped';
  return ended.code === 0 ? 'done' : 'failed';
}

/** The line that a command ends with when it fails; else that its process was ended. */
export async function reasonOf(folder: JobFolder, { code }: Ended): Promise<string> {
  const prefix = 'bifocal: ';
  const said = (await folder.notes()).findLast((line) => line.startsWith(prefix));
  if (said !== undefined) return said.slice(prefix.length);
  return code === null
    ? 'its process was killed, or the machine went down'
    : `its process ended with exit code ${code}`;
}
