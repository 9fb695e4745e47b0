// Which folders of this machine may be taken in over HTTP: those of BIFOCAL_ROOTS, links resolved; without it all,
// since whoever passes the gate is the owner.
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { config } from '#config';
import { sourcePath } from '#jobs';
import { HttpProblem } from './problem';

/** Throws a 403 that names the first of the sources of an ingest, as it was given, that is outside. */
export async function checkRoots(sources: readonly string[]): Promise<void> {
  const { roots, home } = config();
  if (roots.length === 0) return;
  const real = (each: string) => realpath(each).catch(() => path.resolve(each));
  const allowed = await Promise.all([...roots, path.join(home, 'uploads')].map(real));
  for (const source of sources) {
    const place = await real(sourcePath(source));
    if (allowed.some((root) => place === root || place.startsWith(root + path.sep))) continue;
    throw new HttpProblem(403, `${source} is outside the folders that BIFOCAL_ROOTS names.`);
  }
}
