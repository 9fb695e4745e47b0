// `bifocal model blend`: a model between two of the same architecture.

import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { readModelFolder } from '#model';
import { jsonOption, Output } from './output';

interface Options {
  alpha: number;
  out: string;
  json?: boolean;
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('not a number from 0 to 1.');
  }
  return value;
}

export const blend = new Command('blend')
  .description('mix two models of the same architecture: (1 − alpha) · a + alpha · b')
  .argument('<a>', 'a name, a folder or a hub id; the base, where b was tuned from it')
  .argument('<b>', 'another with the same graphs')
  .option('--alpha <share>', 'how much of b', share, 0.5)
  .requiredOption('--out <folder>', 'where the new model goes')
  .addOption(jsonOption())
  .action(async (a: string, b: string, { alpha, out, json }: Options) => {
    // Loaded here: the other model commands start without the trainer.
    const { blendModels } = await import('#training');
    const folder = path.resolve(out);
    await blendModels(await readModelFolder(a), await readModelFolder(b), alpha, folder);
    new Output(json === true).result({ model: folder, alpha }, ({ model }) => `model: ${model}`);
  });
