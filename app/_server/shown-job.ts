// A job as clients see it: where this server keeps its own files is not for them.
import path from 'node:path';
import { config } from '#config';
import type { Job, JobDetail } from '#jobs';

/**
 * The job with paths inside the data folder and the repository relative to them, in all that it says.
 * Its parameters stay as they were given.
 */
export function shownJob<T extends Job | JobDetail>({ parameters, ...said }: T): T {
  const { home, root } = config();
  let text = JSON.stringify(said);
  for (const folder of [home, root]) {
    text = text.replaceAll(JSON.stringify(folder + path.sep).slice(1, -1), '');
  }
  return { parameters, ...(JSON.parse(text) as object) } as T;
}
