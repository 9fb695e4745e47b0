// Starts a program of services/ in this process or on this thread: `launch.mjs engine/child.ts ARGS…`. As set-up
// has compiled it (scripts/compile.mjs), else as it is, which takes tsx a second. Plain JavaScript: it comes first.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [program] = process.argv.splice(2, 1);
const folder = process.env.BIFOCAL_COMPILED;
const compiled = folder && path.join(folder, program.replace(/\.ts$/, '.js'));
if (compiled && existsSync(compiled)) {
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(compiled));
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import(`./${program}`);
}
