// GET and DELETE /api/v1/items/{id}: what is known of a picture, and what stands around it; forget it.
import { itemAnswer } from '../../../../_server/items';
import { parseItemId } from '../../../../_server/parse';
import { HttpProblem } from '../../../../_server/problem';
import { route } from '../../../../_server/route';
import { catalog } from '../../../../_server/services';

export const GET = route('item', ({ params }) => itemAnswer(parseItemId(params.id ?? '')));

export const DELETE = route('forgetItem', async ({ params }) => {
  const id = parseItemId(params.id ?? '');
  if ((await (await catalog()).forgetItems([id])) > 0) return;
  throw new HttpProblem(404, `There is no picture ${id}.`);
});
