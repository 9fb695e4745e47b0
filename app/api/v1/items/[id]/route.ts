// GET /api/v1/items/{id}: what is known of a picture, and what stands around it.
import { itemAnswer } from '../../../../_server/items';
import { parseItemId } from '../../../../_server/parse';
import { route } from '../../../../_server/route';

export const GET = route('item', ({ params }) => itemAnswer(parseItemId(params.id ?? '')));
