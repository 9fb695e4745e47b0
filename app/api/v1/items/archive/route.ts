// GET /api/v1/items/archive: the files of some pictures, in one ZIP.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { HttpProblem } from '../../../../_server/problem';
import { route } from '../../../../_server/route';
import { catalog } from '../../../../_server/services';
import { zip, type ZipEntry } from '../../../../_server/zip';

export const GET = route('archive', async ({ query: { ids } }) => {
  const entries = await filesOf(ids);
  if (entries.length === 0) throw new HttpProblem(404, 'None of these pictures has a file here.');
  const { length, body } = zip(entries);
  const headers = {
    'Content-Type': 'application/zip',
    'Content-Length': String(length),
    'Content-Disposition': 'attachment; filename="pictures.zip"',
    'Cache-Control': 'private, no-store',
  };
  return new Response(body, { headers });
});

/** Their files by different names; what is gone is left out. */
async function filesOf(ids: readonly number[]): Promise<ZipEntry[]> {
  const items = await (await catalog()).items([...new Set(ids)]);
  const entries = new Map<string, ZipEntry>();
  for (const { id, path: file } of items.values()) {
    const known = file === null ? undefined : await stat(file).catch(() => undefined);
    if (file === null || known === undefined) continue;
    const { name, ext, base } = path.parse(file);
    const own = entries.has(base) ? `${name} (${id})${ext}` : base;
    entries.set(own, { name: own, path: file, bytes: known.size, changed: known.mtime });
  }
  return [...entries.values()];
}
