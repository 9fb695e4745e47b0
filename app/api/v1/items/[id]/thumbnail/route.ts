// GET /api/v1/items/{id}/thumbnail: the picture, small, as WebP.
import { isKnown } from '../../../../../_server/headers';
import { parseItemId } from '../../../../../_server/parse';
import { HttpProblem } from '../../../../../_server/problem';
import { route } from '../../../../../_server/route';
import { catalog } from '../../../../../_server/services';
import { thumbnail } from '../../../../../_server/thumbnails';

export const GET = route('thumbnail', async ({ request, params, query }) => {
  const id = parseItemId(params.id ?? '');
  const item = (await (await catalog()).items([id])).get(id);
  if (item === undefined) throw new HttpProblem(404, `There is no picture ${id}.`);

  // An address with the content's hash in it never changes what it means; a bare one may.
  const { v: hash = '', size } = query;
  const fixed = hash.length >= 12 && item.sha256.startsWith(hash);
  const etag = `"${item.sha256.slice(0, 24)}-${size}"`;
  const headers = {
    ETag: etag,
    'Cache-Control': fixed ? 'private, max-age=31536000, immutable' : 'private, no-cache',
  };
  if (isKnown(request, etag)) return new Response(null, { status: 304, headers });
  const bytes = await thumbnail(item, size);
  return new Response(bytes, { headers: { ...headers, 'Content-Type': 'image/webp' } });
});
