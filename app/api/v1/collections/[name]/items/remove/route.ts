// POST /api/v1/collections/{name}/items/remove: takes pictures out of a collection.
import { route } from '../../../../../../_server/route';
import { catalog } from '../../../../../../_server/services';

export const POST = route('takeOutOfCollection', async ({ params, body: { ids } }) => ({
  changed: await (await catalog()).collections.takeOut(params.name ?? '', ids),
}));
