// `bifocal index`: the vector indexes of the library. One file a subcommand.

import { Command } from 'commander';
import { build } from './index-build';
import { status } from './index-status';
import { tune } from './index-tune';

export const index = new Command('index')
  .description('build, inspect and tune the vector indexes')
  .addCommand(status)
  .addCommand(build)
  .addCommand(tune);
