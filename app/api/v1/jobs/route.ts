// GET and POST /api/v1/jobs: what runs and has run; start another.
import type { JobParameters, JobKind } from '#jobs';
import { checkRoots } from '../../../_server/roots';
import { route } from '../../../_server/route';
import { jobs } from '../../../_server/services';

export const GET = route('jobs', async ({ query }) => {
  const list = await jobs().list();
  return { jobs: list.filter(({ kind }) => query.kind === undefined || kind === query.kind) };
});

export const POST = route('startJob', async ({ body: { kind, parameters } }) => {
  const { paths } = parameters;
  if (Array.isArray(paths)) await checkRoots(paths.map(String));
  // Checked by the jobs themselves, against the schema of their kind.
  return jobs().start(kind, parameters as JobParameters<JobKind>);
});
