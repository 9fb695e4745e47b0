// GET /api/v1/runs/{run}: one run with its curves.
import { route } from '../../../../_server/route';
import { readRun } from '../../../../_server/training';

export const GET = route('run', ({ params }) => readRun(params.run ?? ''));
