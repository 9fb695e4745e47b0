// GET /api/v1/items/{id}/original: the picture's own file, as it is on the disk.
import { open } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { isKnown } from '../../../../../_server/headers';
import { SHOWN_TYPES } from '../../../../../_server/library';
import { parseItemId } from '../../../../../_server/parse';
import { HttpProblem } from '../../../../../_server/problem';
import { route } from '../../../../../_server/route';
import { catalog } from '../../../../../_server/services';

export const GET = route('original', async ({ request, params }) => {
  const id = parseItemId(params.id ?? '');
  const item = (await (await catalog()).items([id])).get(id);
  if (item === undefined) throw new HttpProblem(404, `There is no picture ${id}.`);
  if (item.path === null) throw new HttpProblem(404, `The file of picture ${id} is gone.`);
  const file = await open(item.path).catch((cause: unknown) => {
    throw new HttpProblem(404, `The file of picture ${id} cannot be read any more.`, { cause });
  });

  const { size, mtimeMs } = await file.stat();
  const etag = `"${size.toString(36)}-${mtimeMs.toString(36)}"`;
  const kept = { ETag: etag, 'Cache-Control': 'private, no-cache' };
  const known = isKnown(request, etag);
  if (known || request.method === 'HEAD') await file.close();
  if (known) return new Response(null, { status: 304, headers: kept });

  const type = SHOWN_TYPES[item.format];
  const name = encodeURIComponent(path.basename(item.path));
  const headers = {
    ...kept,
    'Content-Type': type ?? 'application/octet-stream',
    'Content-Length': String(size),
    'Content-Disposition': `${type ? 'inline' : 'attachment'}; filename*=UTF-8''${name}`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
  };
  if (request.method === 'HEAD') return new Response(null, { headers });
  const body = Readable.toWeb(file.createReadStream()) as ReadableStream<Uint8Array>;
  return new Response(body, { headers });
});
