// `bifocal map`: lays all pictures of a model out in two dimensions, or brings the layout up to date.

import { Command } from 'commander';
import { openCatalog, type Catalog, type CatalogModel } from '#catalog';
import { config } from '#config';
import { updateMap, type MapProgress } from '#map';
import { fingerprint, readModelFolder } from '#model';
import { interruption } from './long-work';
import { jsonOption, Output, type Extent } from './output';

interface Outcome {
  model: string;
  pictures: number;
  /** Of them, those that were laid out together. */
  base: number;
  seconds: number;
}

export const map = new Command('map')
  .description('lay the pictures out by what they look like, for the map page')
  .option('--model <name>', 'a model that has embedded pictures (default: the one that serves)')
  .option('--afresh', 'lay everything out anew')
  .addOption(jsonOption())
  .action(async ({ model, afresh, json }: { model?: string; afresh?: boolean; json?: boolean }) => {
    const started = performance.now();
    const output = new Output(json === true);
    const catalog = await openCatalog();
    try {
      const row = await embedder(catalog, model);
      const made = await updateMap(config().home, catalog, row, {
        afresh: afresh === true,
        onProgress: (progress) => output.progress(describe(progress), extent(progress)),
        signal: interruption(output),
      });
      const seconds = (performance.now() - started) / 1000;
      const outcome = { model: row.name, pictures: made.ids.length, base: made.base, seconds };
      output.result(outcome, human);
    } finally {
      await catalog.close();
    }
  });

/** A model of the catalog by name, or the one that serves. */
async function embedder(catalog: Catalog, name: string | undefined): Promise<CatalogModel> {
  const serving = name === undefined ? await catalog.models.serving() : null;
  if (serving) return serving;
  const folder = await readModelFolder(name ?? config().model);
  const row = await catalog.models.find(await fingerprint(folder));
  if (row && catalog.models.embedded(row).images > 0) return row;
  throw new Error(`no picture is embedded by ${folder.name} yet; there is nothing to map`);
}

const phases: Record<MapProgress['phase'], string> = {
  reading: 'reading the pictures',
  neighbours: 'looking for neighbours',
  layout: 'laying out',
  placing: 'placing pictures among those laid out',
};

function describe({ phase, done, total }: MapProgress): string {
  return `${phases[phase]}: ${done}/${total}`;
}

function extent({ phase, done, total }: MapProgress): Extent {
  return { done, total, detail: { phase } };
}

function human({ model, pictures, base, seconds }: Outcome): string {
  return `${pictures} pictures on the map of ${model}, ${base} of them laid out together (${seconds.toFixed(1)} s)`;
}
