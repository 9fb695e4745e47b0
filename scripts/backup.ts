// `bifocal backup`: a consistent copy of the catalog's database while everything goes on.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { openCatalog } from '#catalog';
import { jsonOption, Output } from './output';

export const backup = new Command('backup')
  .description('copy the catalog to one file, also while a server or an ingest runs')
  .argument('<file>', 'the copy; a copy from before is replaced once the new one is complete')
  .addHelpText(
    'after',
    "\nThe copy holds the database: pictures' paths, captions, collections, embeddings. It does not hold the\npictures, the models and runs, nor indexes and thumbnails, which are made anew.",
  )
  .addOption(jsonOption())
  .action(async (name: string, { json }: { json?: boolean }) => {
    const output = new Output(json === true);
    const file = path.resolve(name);
    const catalog = await openCatalog();
    try {
      await catalog.backup(file, (share) => output.progress(`copied ${Math.floor(100 * share)} %`));
    } finally {
      await catalog.close();
    }
    const { size } = await stat(file);
    output.result({ file, bytes: size }, () => `${file}: ${(size / 1e6).toFixed(1)} MB`);
  });
