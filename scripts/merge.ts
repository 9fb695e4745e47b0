// `bifocal model merge`: a model from a base and the adapters that were trained beside it.

import path from 'node:path';
import { Command } from 'commander';
import { readModelFolder } from '#model';
import { jsonOption, Output } from './output';

interface Options {
  out: string;
  json?: boolean;
}

export const merge = new Command('merge')
  .description('merge adapters of train --lora into the model that they belong to')
  .argument('<base>', 'a name, a folder or a hub id')
  .argument('<adapters>', "adapters.safetensors of a run's folder")
  .requiredOption('--out <folder>', 'where the new model goes')
  .addOption(jsonOption())
  .action(async (base: string, adapters: string, { out, json }: Options) => {
    // Loaded here: the other model commands start without the trainer.
    const { mergeAdapters } = await import('#training');
    const folder = path.resolve(out);
    await mergeAdapters(await readModelFolder(base), path.resolve(adapters), folder);
    new Output(json === true).result({ model: folder }, ({ model }) => `model: ${model}`);
  });
