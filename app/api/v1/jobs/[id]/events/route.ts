// GET /api/v1/jobs/{id}/events: a job each time that it has changed.
import { eventStream } from '../../../../../_server/events';
import { route } from '../../../../../_server/route';
import { jobs } from '../../../../../_server/services';
import { shownJob } from '../../../../../_server/shown-job';

export const GET = route('followJob', async ({ params }) => {
  const { id } = await jobs().get(params.id ?? '');
  return eventStream(async function* (signal) {
    for await (const job of jobs().follow(id, signal)) yield shownJob(job);
  });
});
