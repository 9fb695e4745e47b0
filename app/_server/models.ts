// The models of this installation as the page and the API show them: folders, embeddings, runs, measurements.
import type { EvaluationAnswer, ModelAnswer, ModelsAnswer } from '#api';
import type { Catalog, CatalogModel } from '#catalog';
import { config } from '#config';
import { modelNames, readModelFolder, type ModelFolder } from '#model';
import { openRuns, type RunSummary } from '#runs';
import { bytesOf, fingerprintOf } from './model-files';
import { catalog, engine, jobs } from './services';

export async function listModels(): Promise<ModelsAnswer> {
  const store = await catalog();
  const [rows, serving, runs, recalls] = await Promise.all([
    store.models.list(),
    servingFingerprint(store),
    openRuns(config().home).list(),
    measuredRecalls(),
  ]);
  const left = new Map(rows.map((row) => [row.fingerprint, row]));
  const models: ModelAnswer[] = [];
  const tell = (known: Known) => {
    const run = runs.find(({ output }) => output !== null && output === known.folder?.path);
    models.push(describe(store, known, serving, run, recalls.get(known.fingerprint) ?? null));
    left.delete(known.fingerprint);
  };
  const told = new Set<string>();
  for (const name of [...(await modelNames()), ...outputsOf(runs)]) {
    const folder = await readModelFolder(name).catch(() => null);
    if (folder === null || told.has(folder.path)) continue;
    told.add(folder.path);
    const print = await fingerprintOf(folder);
    const row = left.get(print);
    tell({ name: folder.name, fingerprint: print, folder, row, bytes: await bytesOf(folder) });
  }
  for (const row of [...left.values()]) {
    const folder = await readModelFolder(row.folder).catch(() => null);
    const same = folder !== null && (await fingerprintOf(folder)) === row.fingerprint;
    const bytes = same ? await bytesOf(folder) : null;
    tell({ ...row, folder: same ? folder : null, row, bytes });
  }
  models.sort((one, other) => Number(other.serves) - Number(one.serves));
  return { models, previous: previousOf(rows, serving) ?? (await defaultModel(models)) };
}

/** What is known of a model before it is described. */
interface Known {
  name: string;
  fingerprint: string;
  /** Null where it is gone, or has other weights by now. */
  folder: ModelFolder | null;
  /** Undefined while it has embedded nothing. */
  row: CatalogModel | undefined;
  bytes: number | null;
}

function describe(
  store: Catalog,
  { name, fingerprint: print, folder, row, bytes }: Known,
  serving: string | undefined,
  run: RunSummary | undefined,
  recall: ModelAnswer['recall'],
): ModelAnswer {
  return {
    name,
    fingerprint: print,
    serves: print === serving,
    here: folder !== null,
    type: folder?.config.modelType ?? null,
    dimension: row?.dimension ?? folder?.config.dimension ?? null,
    bytes,
    base: run?.model ?? null,
    run: run?.name ?? null,
    embedded: row ? store.models.embedded(row) : { images: 0, texts: 0 },
    waiting: row
      ? store.countWaiting(row).images
      : store.filtered({ missing: false }, 'image').length,
    usedAt: row?.usedAt?.toISOString() ?? null,
    recall,
  };
}

/** Folders of models that runs have made outside the folders of models. */
function outputsOf(runs: readonly RunSummary[]): string[] {
  return runs.flatMap(({ output }) => output ?? []);
}

async function servingFingerprint(store: Catalog): Promise<string | undefined> {
  const chosen = await store.models.serving();
  return chosen?.fingerprint ?? (await engine().status()).model?.fingerprint;
}

/** Of those that were taken into use, the one before the one that serves. */
function previousOf(rows: readonly CatalogModel[], serving: string | undefined): string | null {
  const used = rows
    .filter(({ usedAt, fingerprint: print }) => usedAt !== null && print !== serving)
    .sort((one, other) => other.usedAt!.getTime() - one.usedAt!.getTime());
  return used[0]?.name ?? null;
}

/** Before any other was taken into use, the model of the settings served. */
async function defaultModel(models: readonly ModelAnswer[]): Promise<string | null> {
  const folder = await readModelFolder(config().model).catch(() => null);
  const found = models.find(({ name, serves, here }) => name === folder?.name && here && !serves);
  return found?.name ?? null;
}

/** What jobs have measured last, by fingerprint. */
async function measuredRecalls(): Promise<Map<string, ModelAnswer['recall']>> {
  const done = (await jobs().list()).filter(
    (job) => job.kind === 'evaluate' && job.state === 'done',
  );
  const recalls = new Map<string, ModelAnswer['recall']>();
  for (const { id, parameters, endedAt } of done) {
    const { result } = await jobs().get(id);
    const { model, ...figures } = result as EvaluationAnswer & { model: { fingerprint: string } };
    if (recalls.has(model.fingerprint)) continue;
    recalls.set(model.fingerprint, {
      collection: parameters.collection as string,
      pictures: figures.pairs,
      mean: figures.meanRecall.value,
      textToImage: cuts(figures.textToImage),
      imageToText: cuts(figures.imageToText),
      measuredAt: endedAt!,
    });
  }
  return recalls;
}

function cuts({ r1, r5, r10 }: { r1: number; r5: number; r10: number }) {
  return { r1, r5, r10 };
}
