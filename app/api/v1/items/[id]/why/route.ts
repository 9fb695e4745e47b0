// GET /api/v1/items/{id}/why: where in a picture the match with one term lies, as a layer over it.
import { parseItemId } from '../../../../../_server/parse';
import { route } from '../../../../../_server/route';
import { why } from '../../../../../_server/why';

export const GET = route('why', async ({ request, params, query }) => {
  const { tag, layer } = await why(parseItemId(params.id ?? ''), query);
  const headers = { ETag: `"${tag}"`, 'Cache-Control': 'private, no-cache' };
  if (request.headers.get('If-None-Match') === headers.ETag) {
    return new Response(null, { status: 304, headers });
  }
  const bytes = await layer();
  return new Response(bytes, { headers: { ...headers, 'Content-Type': 'image/webp' } });
});
