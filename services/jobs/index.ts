// Jobs: our own long commands as processes that can be started, followed and stopped, and that are
// remembered when this process ends.

import path from 'node:path';
import { config } from '#config';
import { Jobs } from './jobs';

export type { Jobs } from './jobs';
export { jobKinds, kinds, sourcePath, type JobKind, type JobParameters } from './kinds';
export { JobReport } from './report';
export { hasEnded } from './state';
export {
  JobRefused,
  JobsBusy,
  UnknownJob,
  type Job,
  type JobDetail,
  type JobProgress,
  type JobState,
} from './types';

/** The jobs of the data folder. */
export function openJobs(folder = path.join(config().home, 'jobs')): Jobs {
  return new Jobs(path.resolve(folder));
}
