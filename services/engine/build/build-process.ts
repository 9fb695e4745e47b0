// A process that builds one graph and ends. Entry point only, for builds.ts.

import { openCatalog } from '#catalog';
import { buildGraph } from './build-graph';
import type { BuildTask, FromBuild } from './builds';

// Whoever wanted the graph has gone; a save that is cut short leaves the former file.
process.on('disconnect', () => process.exit());
// Ctrl-C reaches every process of a terminal; this one ends with its parent.
process.on('SIGINT', () => undefined);

const progressMs = 500;
const { database, ...task } = JSON.parse(process.argv[2]!) as BuildTask;
let told = 0;

try {
  const catalog = await openCatalog(database);
  await buildGraph({ catalog, ...task }, { onProgress });
  await catalog.close();
  tell({ kind: 'built' });
} catch (error) {
  tell({ kind: 'failed', message: (error as Error).message });
}
process.disconnect?.();

function onProgress({ done, total }: { done: number; total: number }): void {
  if (performance.now() - told < progressMs) return;
  told = performance.now();
  tell({ kind: 'progress', done, total });
}

function tell(message: FromBuild): void {
  process.send?.(message);
}
