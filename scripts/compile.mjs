// Compiles what services/load.mjs loads: as it is, an engine takes tsx two seconds of a processor, a command one.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

/** The commands, what the web server's process loads, and what runs in processes and threads, by its name. */
const programs = [
  'scripts/main.ts',
  'scripts/job.ts',
  'services/config.ts',
  'services/gate/index.ts',
  ...['child', '*-process', '*-thread'].map((name) => `services/**/${name}.ts`),
];
/** What runs of an older state may still load parts of it. */
const DAY = 24 * 60 * 60 * 1000;

/**
 * Compiles them unless that was done for the same sources.
 * @param {string} root the folder that holds node_modules
 * @param {string} hash of the sources
 * @returns {Promise<string>} the folder they lie in
 */
export async function compile(root, hash) {
  const cache = path.join(root, 'node_modules', '.cache', 'bifocal');
  const folder = path.join(cache, `programs-${hash.slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache).filter((each) => each.startsWith('programs-'))) {
    const old = path.join(cache, name);
    if (Date.now() - statSync(old).mtimeMs > DAY) rmSync(old, { recursive: true, force: true });
  }
  const unfinished = `${folder}-${process.pid}`;
  await bundle(root, unfinished);
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // Another set-up was done first.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/**
 * Packages stay outside: the native ones have to, and most others load as quickly from their own files.
 * So do the scripts of set-up, which know by their own place where the repository is.
 */
async function bundle(root, folder) {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: programs,
    outbase: '.',
    outdir: folder,
    bundle: true,
    splitting: true,
    packages: 'external',
    external: ['./scripts/*.mjs'],
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    logLevel: 'silent',
  });
}
