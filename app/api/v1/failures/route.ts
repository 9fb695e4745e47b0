// GET /api/v1/failures: files that could not be used, with the reason.
import { failuresOf } from '../../../_server/failures';
import { route } from '../../../_server/route';

export const GET = route('failures', ({ query }) => failuresOf(query));
