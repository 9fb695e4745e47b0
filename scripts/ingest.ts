// `bifocal ingest`: pictures from files and folders into the catalog, once or as long as they change.

import path from 'node:path';
import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import { openCatalog, type Catalog } from '#catalog';
import { config } from '#config';
import { loadServingModel, openEngine } from '#engine';
import {
  embedItems,
  FolderWatch,
  ingest as ingestPaths,
  prune,
  type IngestProgress,
  type IngestReport,
  type Pruned,
} from '#ingest';
import { loadDualEncoder, type DualEncoder } from '#model';
import { interruption, pace } from './long-work';
import { jsonOption, oneLine, Output, UsageError, type Extent } from './output';

interface Options {
  collection?: string;
  captions?: string;
  model?: string;
  prune?: boolean;
  watch?: boolean;
  json?: boolean;
}

export const ingest = new Command('ingest')
  .description('bring pictures into the catalog, and the catalog up to date with them')
  .argument('<path...>', 'pictures, and folders that hold some')
  .option('--collection <name>', 'put all of them into this collection')
  .option('--captions <file>', 'JSONL, CSV or TSV: a picture and a caption in each row')
  .option(
    '--model <name>',
    'model to embed with: a name, a folder or a hub id (default: the one that serves)',
  )
  .option('--prune', 'forget the pictures under these paths that have gone from the disk')
  .option('--watch', 'then go on taking in what changes in these folders, until Ctrl-C')
  .addOption(jsonOption())
  .action(run);

/** A run of the command: what is asked for, and what is open for it. */
interface Session {
  options: Options;
  output: Output;
  signal: AbortSignal;
  catalog: Catalog;
  model: DualEncoder;
}

type Report = IngestReport & { pruned?: Pruned };

async function run(paths: string[], options: Options): Promise<void> {
  const output = new Output(options.json === true);
  if (options.watch) await checkFolders(paths);
  const signal = interruption(output);
  const catalog = await openCatalog();
  const model = await loadModel(catalog, options);
  const session: Session = { options, output, signal, catalog, model };
  try {
    if (options.watch) await watch(session, paths);
    else output.result(await takeIn(session, paths), human);
  } finally {
    await catalog.close();
    await session.model.dispose();
  }
}

/** Pictures are decoded while others are encoded: neither may keep a core from the other for nothing. */
const BESIDE_DECODING = { waitAsleep: true };

function loadModel(catalog: Catalog, { model }: Options): Promise<DualEncoder> {
  if (model === undefined) return loadServingModel(catalog, BESIDE_DECODING);
  const { device, threads } = config();
  return loadDualEncoder(model, { device, threads, ...BESIDE_DECODING });
}

/** Takes in all that is under the paths, and brings the search indexes up to date. */
async function takeIn(session: Session, paths: string[]): Promise<Report> {
  const { catalog, options, output } = session;
  const report: Report = await embed(session, paths);
  if (options.prune) report.pruned = await prune(catalog, paths);
  await followModel(session);
  const whole = { done: report.found, total: report.found };
  output.progress('bringing the search indexes up to date', whole);
  const engine = await openEngine({ catalog, encoder: session.model });
  await engine.refresh();
  await engine.close();
  return report;
}

/** Takes in all, then what changes, until the signal. */
async function watch(session: Session, paths: string[]): Promise<void> {
  const { output, signal } = session;
  const roots = paths.map((root) => path.resolve(root));
  const onNote = (line: string) => output.note(oneLine(line));
  // Before the first look, so that nothing happens unseen between the two.
  const watched = await FolderWatch.open(roots, onNote);
  try {
    const total = await takeIn(session, paths);
    output.note(`${human(total)}; watching, Ctrl-C ends it`);
    const onChanges = async (changed: string[]) => {
      await followModel(session);
      const report = await embed(session, changed, roots);
      add(total, report);
      if (report.added + report.removed + report.failed > 0) output.note(changes(report));
    };
    await watched.run({ onChanges, onNote, signal });
    output.result(total, human);
  } finally {
    await watched.close();
  }
}

/** @param within - folders that the paths are changes in. */
async function embed(session: Session, paths: string[], within?: string[]): Promise<IngestReport> {
  const { catalog, model, options, output, signal } = session;
  const report = await ingestPaths(paths, {
    catalog,
    model,
    collection: options.collection,
    captions: options.captions,
    within,
    onProgress: (progress) => output.progress(describe(progress), extent(progress)),
    onWaiting: (path) =>
      output.note(`another ingest is at work in ${oneLine(path)}; this one goes on after it`),
    signal,
  });
  for (const { path, reason } of report.failures) {
    output.note(`left out ${oneLine(path)}: ${reason}`);
  }
  return report;
}

/** Where another model has come to serve meanwhile, goes on with that, from what it has not seen. */
async function followModel(session: Session): Promise<void> {
  const { catalog, options, output, signal } = session;
  const serving = await catalog.models.serving();
  if (options.model !== undefined || serving === null) return;
  if (serving.fingerprint === session.model.fingerprint) return;
  const model = await loadServingModel(catalog, BESIDE_DECODING);
  await session.model.dispose();
  session.model = model;
  output.note(`${oneLine(model.name)} serves now; embedding with it`);
  await embedItems(catalog, model, { signal });
}

async function checkFolders(paths: string[]): Promise<void> {
  for (const root of paths) {
    const info = await stat(root).catch(() => undefined);
    if (info && !info.isDirectory()) throw new UsageError(`--watch: ${root} is no folder`);
  }
}

function add(total: Report, { added, removed, failed, failures, seconds }: IngestReport): void {
  total.found += added;
  total.added += added;
  total.removed += removed;
  total.failed += failed;
  total.failures.push(...failures);
  total.seconds += seconds;
  total.imagesPerSecond = total.added / total.seconds;
}

function extent({ total, added, unchanged, failed, ...detail }: IngestProgress): Extent {
  const done = added + unchanged + failed;
  return { done, total, detail: { added, unchanged, failed, ...detail } };
}

function describe({ found, total, added, unchanged, failed, seconds }: IngestProgress): string {
  const done = added + unchanged + failed;
  const leftOut = failed > 0 ? `  ${failed} left out` : '';
  const far =
    total === undefined
      ? `${done} of ${found} and more  ${(done / seconds).toFixed(1)} images/s`
      : pace(done, total, seconds, 'images');
  return far + leftOut;
}

function changes({ added, removed, failed }: IngestReport): string {
  const time = new Date().toTimeString().slice(0, 8);
  return `${time}  ${added} added, ${removed} gone, ${failed} left out`;
}

function human(report: Report): string {
  const { found, added, unchanged, removed, failed, pruned, seconds, imagesPerSecond } = report;
  return (
    `${found} pictures found: ${added} added, ${unchanged} unchanged, ${failed} left out; ` +
    `${removed} gone since last time` +
    (pruned ? `; forgotten: ${pruned.items} pictures, ${pruned.files} paths` : '') +
    ` (${seconds.toFixed(1)} s, ${imagesPerSecond.toFixed(1)} images/s)`
  );
}
