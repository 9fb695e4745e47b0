// GET and POST /api/v1/jobs: what runs and has run; start another.
import type { JobKind, JobParameters } from '#jobs';
import { checkRoots } from '../../../_server/roots';
import { route } from '../../../_server/route';
import { jobs } from '../../../_server/services';
import { shownJob } from '../../../_server/shown-job';

export const GET = route('jobs', async ({ query }) => {
  const list = await jobs().list();
  const wanted = list.filter(({ kind }) => query.kind === undefined || kind === query.kind);
  return { jobs: wanted.map(shownJob) };
});

export const POST = route('startJob', async ({ body: { kind, parameters } }) => {
  const { paths } = parameters;
  if (Array.isArray(paths)) await checkRoots(paths.map(String));
  // Checked by the jobs themselves, against the schema of their kind.
  return shownJob(await jobs().start(kind, parameters as JobParameters<JobKind>));
});
