// `bifocal model resize`: a model for pictures of another size.

import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { readModelFolder } from '#model';
import { jsonOption, Output } from './output';

interface Options {
  side: number;
  out: string;
  json?: boolean;
}

function pixels(text: string): number {
  const side = Number(text);
  if (!Number.isInteger(side) || side < 16 || side > 2048) {
    throw new InvalidArgumentError('not a whole number of pixels from 16 to 2048.');
  }
  return side;
}

export const resize = new Command('resize')
  .description('make a model for larger or smaller pictures, to be trained a little at that size')
  .argument('<name>', 'a name, a folder or a hub id')
  .requiredOption('--side <pixels>', 'height and width that its pictures have then', pixels)
  .requiredOption('--out <folder>', 'where the new model goes')
  .addOption(jsonOption())
  .action(async (name: string, { side, out, json }: Options) => {
    // Loaded here: the other model commands start without the trainer.
    const { resizeModel } = await import('#training');
    const folder = path.resolve(out);
    await resizeModel(await readModelFolder(name), side, folder);
    new Output(json === true).result({ model: folder, side }, ({ model }) => `model: ${model}`);
  });
