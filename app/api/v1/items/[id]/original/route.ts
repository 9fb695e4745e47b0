// GET /api/v1/items/{id}/original: the picture's own file, as it is on the disk.
import { open } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { SHOWN_TYPES } from '../../../../../_server/library';
import { parseItemId } from '../../../../../_server/parse';
import { HttpProblem } from '../../../../../_server/problem';
import { route } from '../../../../../_server/route';
import { catalog } from '../../../../../_server/services';

export const GET = route('original', async ({ params }) => {
  const id = parseItemId(params.id ?? '');
  const item = (await (await catalog()).items([id])).get(id);
  if (item === undefined) throw new HttpProblem(404, `There is no picture ${id}.`);
  if (item.path === null) throw new HttpProblem(404, `The file of picture ${id} is gone.`);
  const file = await open(item.path).catch((cause: unknown) => {
    throw new HttpProblem(404, `The file of picture ${id} cannot be read any more.`, { cause });
  });

  const type = SHOWN_TYPES[item.format];
  const { size } = await file.stat();
  const name = encodeURIComponent(path.basename(item.path));
  const body = Readable.toWeb(file.createReadStream()) as ReadableStream<Uint8Array>;
  return new Response(body, {
    headers: {
      'Content-Type': type ?? 'application/octet-stream',
      'Content-Length': String(size),
      'Content-Disposition': `${type ? 'inline' : 'attachment'}; filename*=UTF-8''${name}`,
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Cache-Control': 'private, no-cache',
    },
  });
});
