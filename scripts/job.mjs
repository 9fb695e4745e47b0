// A command as a job: `node job.mjs FOLDER COMMAND…`. Started by services/jobs, which reads in FOLDER how far
// it is and how it ended.

import os from 'node:os';
import { load } from '../services/load.mjs';

process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, os.availableParallelism()));
const { runJob } = await load('scripts/job.ts');
const [folder, ...command] = process.argv.slice(2);
process.exitCode = await runJob(folder, command);
