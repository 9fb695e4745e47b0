// Runs a command of the command line as a job: its progress goes to the job's folder.

import { JobReport } from '#jobs';
import { main } from './main';
import { tellProgress } from './output';

/** Returns the exit code. */
export async function runJob(folder: string, command: string[]): Promise<number> {
  const report = await JobReport.open(folder);
  tellProgress((progress) => report.progress(progress));
  const code = await main(command);
  report.end(code);
  return code;
}
