// GET /api/status: whether the engine is ready, and how much it and the catalog hold.
import { libraryStatus } from '../../_server/library';
import { answer } from '../../_server/problem';

export const dynamic = 'force-dynamic';

export function GET() {
  return answer(async () => Response.json(await libraryStatus()));
}
