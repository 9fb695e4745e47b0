// POST /api/v1/jobs/{id}/stop: asks a job to save what it has and end.
import { route } from '../../../../../_server/route';
import { jobs } from '../../../../../_server/services';
import { shownJob } from '../../../../../_server/shown-job';

export const POST = route('stopJob', async ({ params }) =>
  shownJob(await jobs().stop(params.id ?? '')),
);
