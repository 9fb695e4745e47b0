// GET /api/v1/jobs/{id}/events: a job each time that it has changed.
import { eventStream } from '../../../../../_server/events';
import { route } from '../../../../../_server/route';
import { jobs } from '../../../../../_server/services';

export const GET = route('followJob', async ({ params }) => {
  const { id } = await jobs().get(params.id ?? '');
  return eventStream((signal) => jobs().follow(id, signal));
});
