// `bifocal restore`: a backup takes the place of the catalog's database; what was there is kept aside.

import path from 'node:path';
import { Command } from 'commander';
import { restore as bringBack } from '#catalog';
import { config } from '#config';
import { jsonOption, Output } from './output';

export const restore = new Command('restore')
  .description('put a backup in the place of the catalog; the former one is kept beside it')
  .argument('<file>', 'what bifocal backup has written')
  .addOption(jsonOption())
  .action(async (file: string, { json }: { json?: boolean }) => {
    const catalog = path.join(config().home, 'bifocal.db');
    const former = await bringBack(path.resolve(file), catalog);
    new Output(json === true).result({ catalog, former }, () =>
      former === null
        ? `${catalog} is restored`
        : `${catalog} is restored; the former one: ${former}`,
    );
  });
