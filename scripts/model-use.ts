// `bifocal model use`: embeds what the library holds by another model, beside the one that serves, builds
// its index, and then lets it serve. May be killed at any moment and run again.

import path from 'node:path';
import { Command } from 'commander';
import { openCatalog, tryLock, type Catalog, type CatalogModel } from '#catalog';
import { config } from '#config';
import { hasIndex, loadNamedModel, openEngine, writePreparing } from '#engine';
import { embedItems, type Failure } from '#ingest';
import type { DualEncoder } from '#model';
import { interruption, pace } from './long-work';
import { jsonOption, oneLine, Output } from './output';

interface Options {
  switch: boolean;
  dryRun?: boolean;
  json?: boolean;
}

interface Outcome {
  model: string;
  fingerprint: string;
  /** The model that served before; null if none was ever chosen. */
  previous: string | null;
  /** Whether it serves now. */
  serves: boolean;
  /** Embeddings that it has. */
  embedded: { images: number; texts: number };
  /** Embeddings that it lacks of pictures on the disk. */
  waiting: { images: number; texts: number };
  /** Pictures whose files are missing; they are embedded when they are back and ingested. */
  missing: number;
  failures: Failure[];
  seconds: number;
}

export const use = new Command('use')
  .description(
    'embed and index all pictures by a model beside the one that serves, then let it serve',
  )
  .argument(
    '<model>',
    'a name (see model list), a folder, a hub id that was pulled, or a run of training',
  )
  .option('--no-switch', 'only embed and index; the model that serves goes on')
  .option('--dry-run', 'only say how much there is to embed')
  .addOption(jsonOption())
  .action(run);

/** One attempt: what is embedded with, where to, and who is told. */
interface Task {
  catalog: Catalog;
  encoder: DualEncoder;
  row: CatalogModel;
  output: Output;
  signal: AbortSignal;
}

async function run(name: string, options: Options): Promise<void> {
  const started = performance.now();
  const output = new Output(options.json === true);
  const catalog = await openCatalog();
  const unlock = tryLock(path.join(config().home, 'models.lock'));
  let encoder: DualEncoder | undefined;
  try {
    if (!unlock) throw new Error('another `bifocal model` command is at work; let it end first');
    // Pictures are decoded while others are encoded.
    encoder = await loadNamedModel(catalog, name, { waitAsleep: true });
    const previous = await catalog.models.serving();
    const row = await catalog.models.register(encoder);
    const task = { catalog, encoder, row, output, signal: interruption(output) };
    const failures = options.dryRun ? [] : await embedAndIndex(task);
    const switches = options.switch && !options.dryRun;
    if (switches) await catalog.models.use(row);
    const { missing, ...waiting } = catalog.countWaiting(row);
    const outcome: Outcome = {
      model: row.name,
      fingerprint: row.fingerprint,
      previous: previous?.name ?? null,
      serves: switches || previous?.id === row.id,
      embedded: catalog.models.embedded(row),
      waiting,
      missing,
      failures,
      seconds: (performance.now() - started) / 1000,
    };
    for (const { path, reason } of failures) output.note(`left out ${oneLine(path)}: ${reason}`);
    output.result(outcome, human);
  } finally {
    unlock?.();
    await catalog.close();
    await encoder?.dispose();
  }
}

/**
 * Embeds until nothing waits that has not been tried, for others may bring pictures in meanwhile. A way
 * back to a model that has everything takes no time: whoever opens its index brings it up to date.
 */
async function embedAndIndex(task: Task): Promise<Failure[]> {
  const { home } = config();
  try {
    for (;;) {
      const before = count(task);
      const { images, texts } = task.catalog.countWaiting(task.row);
      const failures = images + texts > 0 ? await embed(task) : [];
      const more = count(task) > before;
      if (more || !(await hasIndex(home, task.row.fingerprint))) await index(task);
      if (!more) return failures;
    }
  } finally {
    await writePreparing(home);
  }
}

/** Embeddings that the model has. */
function count({ catalog, row }: Task): number {
  const { images, texts } = catalog.models.embedded(row);
  return images + texts;
}

async function embed(task: Task): Promise<Failure[]> {
  const { catalog, encoder, row, output, signal } = task;
  const { home } = config();
  const before = count(task);
  let told = 0;
  let telling = Promise.resolve();
  const { failures } = await embedItems(catalog, encoder, {
    signal,
    onProgress: ({ done, total, failed, seconds }) => {
      const left = failed > 0 ? `  ${failed} left out` : '';
      output.progress(`${row.name}: ${pace(done, total, seconds, 'images')}${left}`, {
        done,
        total,
        detail: { failed },
      });
      if (performance.now() - told < 1_000) return;
      told = performance.now();
      const preparing = { model: row.name, done: before + done, total: before + total };
      // Nobody depends on it, on a full disk either.
      telling = telling.then(() => writePreparing(home, preparing)).catch(() => undefined);
    },
  });
  await telling;
  return failures;
}

async function index({ catalog, encoder, row, output }: Task): Promise<void> {
  output.progress(`${row.name}: building its search index`);
  const engine = await openEngine({ catalog, encoder });
  try {
    await engine.refresh();
  } finally {
    await engine.close();
  }
}

function human(outcome: Outcome): string {
  const { model, previous, serves, embedded, waiting, missing, failures, seconds } = outcome;
  const lines = [
    serves
      ? `${model} serves${previous !== null && previous !== model ? ` in place of ${previous}` : ''}`
      : `${model} does not serve yet: bifocal model use ${model}`,
    `${embedded.images} pictures and ${embedded.texts} captions embedded (${seconds.toFixed(1)} s)`,
  ];
  if (waiting.images + waiting.texts > 0) {
    lines.push(`${waiting.images} pictures and ${waiting.texts} captions are not embedded by it`);
  }
  if (failures.length > 0) lines.push(`${failures.length} pictures cannot be read any more`);
  if (missing > 0) {
    lines.push(
      `${missing} pictures are missing on the disk; ingest embeds them when they are back`,
    );
  }
  return lines.join('\n');
}
