// GET and DELETE /api/v1/jobs/{id}: one job with what it said; forget it.
import { HttpProblem } from '../../../../_server/problem';
import { route } from '../../../../_server/route';
import { jobs } from '../../../../_server/services';
import { shownJob } from '../../../../_server/shown-job';

export const GET = route('job', async ({ params }) => shownJob(await jobs().get(params.id ?? '')));

export const DELETE = route('forgetJob', async ({ params }) => {
  if (await jobs().forget(params.id ?? '')) return;
  throw new HttpProblem(409, 'The job has not ended; stop it first.');
});
