// `bifocal model list`: the models of this installation, and what the catalog holds of each.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { openCatalog, type CatalogModel } from '#catalog';
import { config } from '#config';
import { modelNames } from '#model';
import { describe, megabytes, type ModelInfo } from './model-info';
import { jsonOption, Output, table } from './output';

/** What is known only of a model whose folder is still there may be absent. */
interface Listed extends Partial<ModelInfo> {
  name: string;
  fingerprint: string;
  /** Whether searches use it. */
  serves: boolean;
  /** Embeddings that the catalog has by it. */
  embedded: { images: number; texts: number };
}

/** A model of the catalog with its number of embeddings. */
type Embedded = CatalogModel & Pick<Listed, 'embedded'>;

export const list = new Command('list')
  .description('list the models: which one serves, and what is embedded by each')
  .addOption(jsonOption())
  .action(async ({ json }: { json?: boolean }) => {
    const output = new Output(json === true);
    output.result({ models: await listed(output) }, ({ models }) =>
      models.length === 0
        ? 'no models yet; from the hub: bifocal model pull ORG/NAME'
        : table([['', 'name', 'size', 'numbers', 'pictures', 'captions'], ...models.map(row)]),
    );
  });

async function listed(output: Output): Promise<Listed[]> {
  const { serving, models: embedded } = await embeddedModels();
  const left = new Map(embedded.map((one) => [one.fingerprint, one]));
  const models: Listed[] = [];
  const add = (info: ModelInfo, known: Embedded | undefined) => {
    const { name, fingerprint } = info;
    const serves = serving ? serving.fingerprint === fingerprint : name === config().model;
    const none = { images: 0, texts: 0 };
    models.push({ ...info, serves, embedded: known?.embedded ?? none });
    left.delete(fingerprint);
  };
  for (const name of await modelNames()) {
    await describe(name).then(
      (info) => add(info, left.get(info.fingerprint)),
      (error: Error) => output.note(`left out ${name}: ${error.message}`),
    );
  }
  // Runs, and folders elsewhere.
  for (const known of [...left.values()]) {
    const info = await describe(known.folder).catch(() => null);
    if (info?.fingerprint === known.fingerprint) add(info, known);
    else models.push({ ...gone(known), serves: serving?.id === known.id });
  }
  return models;
}

/** Looks only: no catalog is made where there is none. */
async function embeddedModels(): Promise<{ serving: CatalogModel | null; models: Embedded[] }> {
  if (!existsSync(path.join(config().home, 'bifocal.db'))) return { serving: null, models: [] };
  const catalog = await openCatalog();
  try {
    const rows = await catalog.models.list();
    const models = rows.map((one) => ({ ...one, embedded: catalog.models.embedded(one) }));
    return { serving: await catalog.models.serving(), models };
  } finally {
    await catalog.close();
  }
}

function gone({ name, folder, fingerprint, dimension, embedded }: Embedded) {
  return { name, folder, fingerprint, dimension, embedded };
}

function row({ name, serves, dimension, embedded: { images, texts }, bytes }: Listed) {
  const size = bytes === undefined ? 'folder gone' : megabytes(bytes);
  return [serves ? 'serves' : '', name, size, dimension ?? '', images, texts];
}
