// GET /api/v1/runs: runs of training.
import { route } from '../../../_server/route';
import { listRuns } from '../../../_server/training';

export const GET = route('runs', () => listRuns());
