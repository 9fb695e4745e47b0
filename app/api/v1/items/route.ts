// GET /api/v1/items: the pictures that satisfy a filter, a page after the other.
import { toFilter } from '../../../_server/parse';
import { picturesOf } from '../../../_server/pictures';
import { route } from '../../../_server/route';
import { catalog } from '../../../_server/services';

export const GET = route('items', async ({ query: { order, after, limit, ...fields } }) => {
  const { ids, next } = (await catalog()).list({ filter: toFilter(fields), order, after, limit });
  return { items: await picturesOf(ids), next };
});
