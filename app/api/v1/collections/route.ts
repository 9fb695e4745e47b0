// GET /api/v1/collections: every collection with a few of its pictures.
import { collectionsOverview } from '../../../_server/pictures';
import { route } from '../../../_server/route';

export const GET = route('collections', async () => ({ collections: await collectionsOverview() }));
