// `bifocal model drop`: forgets the embeddings and the index of a model. Its folder stays.

import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { openCatalog, tryLock, type Catalog, type CatalogModel } from '#catalog';
import { config } from '#config';
import { removeIndexes } from '#engine';
import { fingerprint, readModelFolder } from '#model';
import { jsonOption, Output, UsageError } from './output';

interface Outcome {
  model: string;
  fingerprint: string;
  /** Embeddings that are gone. */
  dropped: { images: number; texts: number };
}

export const drop = new Command('drop')
  .description('forget the embeddings and the index of a model that does not serve')
  .argument('<model>', 'its name, its folder, or the beginning of its fingerprint')
  .option('--yes', 'do not ask')
  .addOption(jsonOption())
  .action(run);

async function run(name: string, { yes, json }: { yes?: boolean; json?: boolean }): Promise<void> {
  const output = new Output(json === true);
  const { home } = config();
  const catalog = await openCatalog();
  const unlock = tryLock(path.join(home, 'models.lock'));
  try {
    if (!unlock) throw new Error('another `bifocal model` command is at work; let it end first');
    const row = await findModel(catalog, name);
    if (row.fingerprint === (await servingFingerprint(catalog))) {
      throw new Error(`${row.name} serves; let another serve first: bifocal model use NAME`);
    }
    const dropped = catalog.models.embedded(row);
    const what = `the embeddings of ${dropped.images} pictures and ${dropped.texts} captions by ${row.name}`;
    if (!yes && !(await confirmed(what))) throw new Error('nothing was dropped');
    // In this order: an index without embeddings would be one of nothing.
    await removeIndexes(home, row.fingerprint);
    await catalog.models.drop(row);
    const outcome: Outcome = { model: row.name, fingerprint: row.fingerprint, dropped };
    output.result(
      outcome,
      () => `dropped ${what}; the database keeps the space for what comes in later`,
    );
  } finally {
    unlock?.();
    await catalog.close();
  }
}

/** A model of the catalog, whether or not its folder is still there. */
async function findModel(catalog: Catalog, name: string): Promise<CatalogModel> {
  const models = await catalog.models.list();
  const folder = path.resolve(name);
  const found = models.filter(
    (one) =>
      one.name === name ||
      one.folder === folder ||
      (name.length >= 6 && one.fingerprint.startsWith(name)),
  );
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    const known = models.map((one) => one.name).join(', ');
    throw new Error(`no model ${name} has embeddings here; those that have: ${known || 'none'}`);
  }
  const prints = found.map((one) => one.fingerprint.slice(0, 12)).join(', ');
  throw new Error(
    `${found.length} models are called ${name}; name one by its fingerprint: ${prints}`,
  );
}

/** Before any was taken into use, the model of the settings serves. */
async function servingFingerprint(catalog: Catalog): Promise<string | undefined> {
  const serving = await catalog.models.serving();
  if (serving) return serving.fingerprint;
  const folder = await readModelFolder(config().model).catch(() => undefined);
  return folder && fingerprint(folder);
}

async function confirmed(what: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError(`this drops ${what}; say so with --yes`);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test(await prompt.question(`Drop ${what}? [y/N] `));
  } finally {
    prompt.close();
  }
}
