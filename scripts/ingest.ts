// `bifocal ingest`: pictures from files and folders into the catalog.

import { Command } from 'commander';
import { openCatalog } from '#catalog';
import { config } from '#config';
import { openEngine } from '#engine';
import { ingest as ingestPaths, type IngestProgress, type IngestReport } from '#ingest';
import { loadDualEncoder } from '#model';
import { jsonOption, Output } from './output';

interface Options {
  collection?: string;
  captions?: string;
  model: string;
  json?: boolean;
}

export const ingest = new Command('ingest')
  .description('bring pictures into the catalog, and the catalog up to date with them')
  .argument('<path...>', 'pictures, and folders that hold some')
  .option('--collection <name>', 'put all of them into this collection')
  .option('--captions <file>', 'JSONL, CSV or TSV: a picture and a caption in each row')
  .option('--model <name>', 'model to embed with: a name, a folder or a hub id', config().model)
  .addOption(jsonOption())
  .action(run);

async function run(paths: string[], options: Options): Promise<void> {
  const output = new Output(options.json === true);
  const { device, threads } = config();
  const model = await loadDualEncoder(options.model, { device, threads });
  const catalog = await openCatalog();
  try {
    const report = await ingestPaths(paths, {
      catalog,
      model,
      collection: options.collection,
      captions: options.captions,
      onProgress: (progress) => output.progress(describe(progress)),
      signal: interruption(output),
    });
    output.progress('bringing the search indexes up to date');
    const engine = await openEngine({ catalog, encoder: model });
    await engine.refresh();
    await engine.close();
    for (const { path, reason } of report.failures) {
      output.note(`left out ${oneLine(path)}: ${reason}`);
    }
    output.result(report, human);
  } finally {
    await catalog.close();
    await model.dispose();
  }
}

/** Aborted by the first Ctrl-C; the second one ends the process as ever. */
function interruption(output: Output): AbortSignal {
  const stop = new AbortController();
  const interrupt = () => {
    output.note('stopping after this batch …');
    stop.abort(new Error('interrupted; what is stored stays, run the command again to go on'));
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  return stop.signal;
}

function describe({ found, total, added, unchanged, failed, seconds }: IngestProgress): string {
  const done = added + unchanged + failed;
  const rate = done / seconds;
  return [
    total === undefined ? `${done} of ${found} and more` : `${done}/${total}`,
    `${rate.toFixed(1)} images/s`,
    ...(total === undefined ? [] : [`${minutes((total - done) / rate)} left`]),
    ...(failed > 0 ? [`${failed} left out`] : []),
  ].join('  ');
}

function minutes(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function human(report: IngestReport): string {
  const { found, added, unchanged, removed, failed, seconds, imagesPerSecond } = report;
  return (
    `${found} pictures found: ${added} added, ${unchanged} unchanged, ${failed} left out; ` +
    `${removed} gone since last time (${seconds.toFixed(1)} s, ${imagesPerSecond.toFixed(1)} images/s)`
  );
}

/** Names may hold line breaks, and worse. */
function oneLine(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
