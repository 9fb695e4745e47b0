// How long maps take: made of N pictures, and brought up to date with a hundredth more. `npx tsx scripts/bench/map.ts [N]`

import path from 'node:path';
import { openCatalog } from '#catalog';
import { updateMap, type MapProgress } from '#map';
import { fillLibrary } from './library';
import { inTemporaryFolder } from './temporary-folder';
import { clusteredSet } from './vectors';

const count = Number(process.argv[2] ?? 100_000);
const dimension = 512;
const later = Math.ceil(count / 100);

await inTemporaryFolder(async (home) => {
  const catalog = await openCatalog(path.join(home, 'bifocal.db'));
  try {
    const made = { fingerprint: 'made', name: 'made', folder: '/made', dimension };
    const model = await catalog.models.register(made);
    const set = clusteredSet({ count: count + later, dimension, queries: 100 });
    const cut = count * dimension;
    await fillLibrary(catalog, model, { ...set, vectors: set.vectors.subarray(0, cut) });
    const spent = new Map<string, number>();
    let [phase, since] = ['reading', performance.now()];
    const turnTo = (next: string) => {
      const now = performance.now();
      spent.set(phase, (spent.get(phase) ?? 0) + now - since);
      [phase, since] = [next, now];
    };
    const started = performance.now();
    const onProgress = (progress: MapProgress) => turnTo(progress.phase);
    const map = await updateMap(home, catalog, model, { onProgress });
    turnTo('end');
    const total = performance.now() - started;
    const parts = [...spent].map(([name, ms]) => `${name} ${seconds(ms)}`).join(', ');
    console.log(`${count} pictures, ${map.base} laid out together: ${seconds(total)} (${parts})`);

    const all = { ...set, vectors: set.vectors.subarray(0, cut + later * dimension) };
    await fillLibrary(catalog, model, all);
    const before = performance.now();
    const updated = await updateMap(home, catalog, model);
    console.log(
      `${updated.ids.length - map.ids.length} more placed: ${seconds(performance.now() - before)}`,
    );
  } finally {
    await catalog.close();
  }
});

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
