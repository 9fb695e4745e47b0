// Which folders of this machine may be taken in over HTTP: those of BIFOCAL_ROOTS, links resolved; without it all,
// since whoever passes the gate is the owner.
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { config } from '#config';
import { HttpProblem } from './problem';

/** Throws a 403 that names the first path that is outside. */
export async function checkRoots(paths: readonly string[]): Promise<void> {
  const { roots, home } = config();
  if (roots.length === 0) return;
  const real = (each: string) => realpath(each).catch(() => path.resolve(each));
  const allowed = await Promise.all([...roots, path.join(home, 'uploads')].map(real));
  for (const each of paths) {
    const place = await real(each);
    if (allowed.some((root) => place === root || place.startsWith(root + path.sep))) continue;
    throw new HttpProblem(403, `${each} is outside the folders that BIFOCAL_ROOTS names.`);
  }
}
