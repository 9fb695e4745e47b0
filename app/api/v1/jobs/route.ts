// GET and POST /api/v1/jobs: what runs and has run; start another.
import type { JobParameters, JobKind } from '#jobs';
import { route } from '../../../_server/route';
import { jobs } from '../../../_server/services';

export const GET = route('jobs', async ({ query }) => {
  const list = await jobs().list();
  return { jobs: list.filter(({ kind }) => query.kind === undefined || kind === query.kind) };
});

export const POST = route('startJob', ({ body: { kind, parameters } }) =>
  // Checked by the jobs themselves, against the schema of their kind.
  jobs().start(kind, parameters as JobParameters<JobKind>),
);
