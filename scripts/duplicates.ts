// `bifocal duplicates`: pictures that are there twice, as the same file or nearly so.

import { Command } from 'commander';
import { openCatalog, type Catalog, type CatalogModel } from '#catalog';
import { duplicates as findDuplicates, type Duplicates } from '#ingest';
import { jsonOption, oneLine, Output } from './output';

interface Options {
  collection?: string;
  exact?: boolean;
  json?: boolean;
}

export const duplicates = new Command('duplicates')
  .description('list files with the same content, and pictures that look alike')
  .option('--exact', 'only files with the same content')
  .option('--collection <name>', 'only among the pictures of this collection')
  .addOption(jsonOption())
  .action(run);

async function run({ collection, exact, json }: Options): Promise<void> {
  const catalog = await openCatalog();
  try {
    const model = await modelToAsk(catalog);
    const found = await findDuplicates(catalog, { collection, exactOnly: exact, model });
    new Output(json === true).result(found, human);
  } finally {
    await catalog.close();
  }
}

/** The one that serves, else the first there is. */
async function modelToAsk(catalog: Catalog): Promise<CatalogModel | undefined> {
  return (await catalog.models.serving()) ?? (await catalog.models.list())[0];
}

function human({ exact, similar }: Duplicates): string {
  const same = exact.map(({ bytes, paths }) =>
    [
      `${paths.length} files with the same content, ${size(bytes)} each`,
      ...paths.map((path) => `  ${oneLine(path)}`),
    ].join('\n'),
  );
  const alike = similar.map((group) =>
    [
      `${group.length} pictures that look alike`,
      ...group.map(({ path, width, height, bytes, similarity }, n) => {
        const cosine = n === 0 || similarity === null ? '' : `  ${similarity.toFixed(3)}`;
        return `  ${oneLine(path)}  ${width} × ${height}  ${size(bytes)}${cosine}`;
      }),
    ].join('\n'),
  );
  const spare = exact.reduce((sum, { bytes, paths }) => sum + bytes * (paths.length - 1), 0);
  const summary =
    `${exact.length} contents in several files (${size(spare)} to spare), ` +
    `${similar.length} groups that look alike`;
  return [...same, ...alike, summary].join('\n');
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
