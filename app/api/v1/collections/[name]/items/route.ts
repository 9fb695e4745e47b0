// POST /api/v1/collections/{name}/items: puts pictures into a collection.
import { collectionName } from '#api';
import { check } from '../../../../../_server/fields';
import { route } from '../../../../../_server/route';
import { catalog } from '../../../../../_server/services';

export const POST = route('addToCollection', async ({ params, body: { ids } }) => {
  const name = check(collectionName, params.name);
  return { changed: await (await catalog()).collections.add(name, ids) };
});
