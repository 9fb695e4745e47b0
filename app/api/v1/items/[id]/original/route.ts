// GET /api/v1/items/{id}/original: the picture's own file, as it is on the disk, or a part of it.
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { ItemDetail } from '#catalog';
import { isKnown } from '../../../../../_server/headers';
import { SHOWN_TYPES } from '../../../../../_server/library';
import { parseItemId } from '../../../../../_server/parse';
import { HttpProblem } from '../../../../../_server/problem';
import { wantedSpan, type Span } from '../../../../../_server/range';
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
  let sent = false;
  try {
    const { size, mtimeMs } = await file.stat();
    const etag = `"${size.toString(36)}-${mtimeMs.toString(36)}"`;
    const kept = { ETag: etag, 'Cache-Control': 'private, no-cache' };
    if (isKnown(request, etag)) return new Response(null, { status: 304, headers: kept });
    const span = wantedSpan(request, size, etag);
    const headers = { ...kept, ...fileHeaders(item, item.path), ...partHeaders(span, size) };
    if (request.method === 'HEAD') return new Response(null, { headers });
    sent = true;
    return new Response(streamOf(file, span), { status: span ? 206 : 200, headers });
  } finally {
    if (!sent) await file.close();
  }
});

function fileHeaders({ format }: ItemDetail, file: string) {
  const type = SHOWN_TYPES[format];
  const name = encodeURIComponent(path.basename(file));
  return {
    'Content-Type': type ?? 'application/octet-stream',
    'Content-Disposition': `${type ? 'inline' : 'attachment'}; filename*=UTF-8''${name}`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
  };
}

/** Throws a 416 where nothing of what is wanted is there. */
function partHeaders(span: Span | null | undefined, size: number): Record<string, string> {
  if (span === null) {
    const headers = { 'Content-Range': `bytes */${size}` };
    throw new HttpProblem(416, `The file has ${size} bytes.`, { headers });
  }
  // Next says no lengths of what it streams; a part says of how much it is one.
  const part = span && { 'Content-Range': `bytes ${span.start}-${span.end}/${size}` };
  return { 'Accept-Ranges': 'bytes', ...part };
}

/** It closes the file when it has been read, or is given up. */
function streamOf(file: FileHandle, span: Span | null | undefined): ReadableStream<Uint8Array> {
  return Readable.toWeb(file.createReadStream(span ?? {})) as ReadableStream<Uint8Array>;
}
