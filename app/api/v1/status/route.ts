// GET /api/v1/status: state, model, how much is indexed.
import { libraryStatus } from '../../../_server/library';
import { route } from '../../../_server/route';

export const GET = route('status', libraryStatus);
