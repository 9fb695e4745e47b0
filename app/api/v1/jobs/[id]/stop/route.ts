// POST /api/v1/jobs/{id}/stop: asks a job to save what it has and end.
import { route } from '../../../../../_server/route';
import { jobs } from '../../../../../_server/services';

export const POST = route('stopJob', ({ params }) => jobs().stop(params.id ?? ''));
