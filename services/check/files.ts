// The pictures on the disk against what the catalog says of them.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { finding, type FileState, type Finding } from '#catalog';
import type { CheckOptions } from './check';

/** Files looked at at once. */
const AT_ONCE = 16;

/** What a file turned out to be. */
type Outcome = 'fine' | 'gone' | 'other' | 'changed' | 'back' | 'closed';

/** Looks at every file that the catalog knows; with `deep`, reads each to its end. */
export async function checkFiles(
  options: Pick<CheckOptions, 'catalog' | 'repair' | 'deep' | 'onProgress'>,
): Promise<{ faults: Finding[]; notes: Finding[] }> {
  const { catalog, repair, deep, onProgress } = options;
  const outcomes: Record<Outcome, FileState[]> = {
    fine: [],
    gone: [],
    other: [],
    changed: [],
    back: [],
    closed: [],
  };
  let done = 0;
  for (const page of catalog.files.all()) {
    for (let first = 0; first < page.length; first += AT_ONCE) {
      const files = page.slice(first, first + AT_ONCE);
      const found = await Promise.all(files.map((file) => look(file, deep)));
      for (const [n, file] of files.entries()) {
        if (found[n] !== 'fine') outcomes[found[n]!].push(file);
      }
      done += files.length;
      onProgress(`checking files: ${done}`);
    }
  }
  if (repair) {
    await catalog.files.markMissing(ids(outcomes.gone));
    await catalog.files.distrust(ids(outcomes.other));
  }
  const mended = (how: string) => (repair ? how : null);
  return {
    faults: [
      ...report('files that are gone from the disk', outcomes.gone, mended('marked as missing')),
      ...report(
        'files whose content is not what was read, though size and time are',
        outcomes.other,
        mended('marked to be read again; run ingest'),
      ),
    ],
    notes: [
      ...report('files that have changed since they were read; run ingest', outcomes.changed),
      ...report('files that were missing and are back; run ingest', outcomes.back),
      ...report('files that may not be looked at', outcomes.closed),
    ],
  };
}

async function look(file: FileState, deep: boolean): Promise<Outcome> {
  try {
    const { size, mtimeMs } = await stat(file.path);
    if (file.status === 'missing') return 'back';
    if (size !== file.size || mtimeMs !== file.mtimeMs) return 'changed';
    if (!deep || file.status !== 'present') return 'fine';
    return (await hashOf(file.path)) === file.sha256 ? 'fine' : 'other';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return 'closed';
    return file.status === 'missing' ? 'fine' : 'gone';
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function report(fault: string, files: FileState[], mended: string | null = null): Finding[] {
  if (files.length === 0) return [];
  return [
    finding(
      fault,
      files.map(({ path }) => path),
      mended,
    ),
  ];
}

function ids(files: FileState[]): number[] {
  return files.map(({ id }) => id);
}
