// Loads TypeScript of this repository into this process or thread: as set-up has compiled it (scripts/compile.mjs), else
// as it is, which takes tsx a second. Plain JavaScript: it comes first.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** @param {string} file `services/engine/child.ts` */
export async function load(file) {
  const folder = process.env.BIFOCAL_COMPILED;
  const compiled = folder && path.join(folder, file.replace(/\.ts$/, '.js'));
  if (compiled && existsSync(compiled)) {
    process.setSourceMapsEnabled(true);
    return import(pathToFileURL(compiled));
  }
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(`../${file}`, import.meta.url);
}
