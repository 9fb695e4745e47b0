// DELETE /api/v1/collections/{name}: forgets a collection; its pictures stay.
import { route } from '../../../../_server/route';
import { catalog } from '../../../../_server/services';

export const DELETE = route('forgetCollection', async ({ params }) => {
  await (await catalog()).collections.remove(params.name ?? '');
});
