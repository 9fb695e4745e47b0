// POST /api/v1/items/forget: forgets pictures; their files stay on the disk.
import { route } from '../../../../_server/route';
import { catalog } from '../../../../_server/services';

export const POST = route('forgetItems', async ({ body: { ids } }) => ({
  forgotten: await (await catalog()).forgetItems(ids),
}));
