// Killed while saving: the file is the old index or the new one, whole, every time.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { loadHnswIndex } from '#vectors';
import { Random } from '../../services/random';

const root = path.resolve(import.meta.dirname, '../..');
/** Saves one index after another, the number of each as its tag. */
const saver = `
  import { createHnswIndex } from '#vectors';
  const file = process.argv[2]!;
  const index = createHnswIndex({ dimension: 64, efConstruction: 20 });
  const vectors = Float32Array.from({ length: 4_000 * 64 }, (_, i) => Math.sin(i * i));
  index.add(Array.from({ length: 4_000 }, (_, id) => id), vectors);
  for (let tag = 1; ; tag++) {
    await index.save(file, String(tag));
    process.send!(tag);
  }
`;

async function saved(child: ChildProcess): Promise<void> {
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the saving process ended'))),
  ]);
}

it('leaves a whole index, killed at whatever moment', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'bifocal-kill-'));
  const script = path.join(root, 'test/vectors', `.saver-${process.pid}.ts`);
  const file = path.join(folder, 'image.hnsw');
  const random = new Random(5);
  await writeFile(script, saver);
  try {
    for (let round = 0; round < 6; round++) {
      const child = fork(script, [file], { cwd: root, execArgv: ['--import', 'tsx'] });
      const ended = once(child, 'exit');
      await saved(child);
      await sleep(random.between(0, 60));
      child.kill('SIGKILL');
      await ended;
      const { index, tag } = await loadHnswIndex(file);
      expect(Number(tag)).toBeGreaterThan(0);
      expect(index.size).toBe(4_000);
      const query = Float32Array.from({ length: 64 }, (_, i) => Math.sin((64 * 17 + i) ** 2));
      expect((await index.search(query, 1))[0]!.id).toBe(17);
      await index.close();
    }
  } finally {
    await rm(script, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
});
