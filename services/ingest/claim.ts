// Ingests whose folders overlap take turns, so that no picture is decoded and embedded twice. Whoever
// is at work has two files beside the catalog: its folders, and a lock that ends with its process.
// Folders apart go on side by side: what both hold may be embedded by both, and is stored once.

import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exclusively, tryLock, type Catalog } from '#catalog';

/** How long to wait between two looks at those at work. */
const PAUSE_MS = 250;
const LOCK = '.lock';

export interface Waiting {
  /** Told once, with a folder or file that another ingest is at work in. */
  onWaiting?: ((path: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Waits until nobody else is at work in `roots` for this catalog, in what lies in them, or in what they
 * lie in. They are the caller's until the function it gives is called or the process ends, however it
 * does.
 */
export async function claim(
  { file }: Catalog,
  roots: readonly string[],
  { onWaiting, signal }: Waiting,
): Promise<() => Promise<void>> {
  const folder = path.join(path.dirname(file), 'ingests');
  await mkdir(folder, { recursive: true });
  const own = await Promise.all(roots.map((root) => realpath(root).catch(() => root)));
  for (let told = false; ; told = true) {
    signal?.throwIfAborted();
    const claimed = await exclusively(path.join(folder, 'turn'), () => tryClaim(folder, own));
    if (typeof claimed === 'function') return claimed;
    if (!told) onWaiting?.(claimed);
    await sleep(PAUSE_MS);
  }
}

/** What releases the claim, or a path of another's that is in the way. */
async function tryClaim(
  folder: string,
  own: readonly string[],
): Promise<string | (() => Promise<void>)> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(LOCK)) continue;
    const other = path.join(folder, name.slice(0, -LOCK.length));
    const unlock = tryLock(other + LOCK);
    if (unlock === undefined) {
      const taken = (await rootsOf(other)).find((root) => own.some((one) => overlap(one, root)));
      if (taken !== undefined) return taken;
    } else {
      await forget(other); // Its process was killed.
      unlock();
    }
  }
  const mine = path.join(folder, randomUUID());
  const unlock = tryLock(mine + LOCK)!;
  await writeFile(mine, JSON.stringify(own));
  return async () => {
    await forget(mine);
    unlock();
  };
}

/** Nothing, if it has just come to its end. */
async function rootsOf(claim: string): Promise<string[]> {
  const text = await readFile(claim, 'utf8').catch(() => '[]');
  return JSON.parse(text) as string[];
}

async function forget(claim: string): Promise<void> {
  await rm(claim, { force: true });
  await rm(claim + LOCK, { force: true });
}

function overlap(a: string, b: string): boolean {
  const [x, y] = [path.join(a, path.sep), path.join(b, path.sep)];
  return x.startsWith(y) || y.startsWith(x);
}
