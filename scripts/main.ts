// The command line: which commands there are, and how a command ends. What they do is in one file each.

import { debuglog } from 'node:util';
import { Command, CommanderError } from 'commander';
import { UsageError } from './output';

/** Loaded when needed: `search` starts without the trainer, `--help` loads all. */
const commands: Record<string, () => Promise<Command>> = {
  ingest: async () => (await import('./ingest')).ingest,
  duplicates: async () => (await import('./duplicates')).duplicates,
  search: async () => (await import('./search')).search,
  classify: async () => (await import('./classify')).classify,
  train: async () => (await import('./train')).train,
  evaluate: async () => (await import('./evaluate')).evaluate,
  model: async () => (await import('./model')).model,
  map: async () => (await import('./map')).map,
  index: async () => (await import('./index-commands')).index,
  serve: async () => (await import('./serve')).serve,
  backup: async () => (await import('./backup')).backup,
  restore: async () => (await import('./restore')).restore,
  doctor: async () => (await import('./doctor')).doctor,
};

/** With NODE_DEBUG=bifocal: the stack and the causes of a failure. */
const debug = debuglog('bifocal');

/** Runs one command. Returns the exit code: 0 done, 1 failed, 2 wrong usage. */
export async function main(argv: string[]): Promise<number> {
  const program = new Command('bifocal')
    .description('Search pictures with words and words with pictures, and teach that search.')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'bifocal: ')) })
    .exitOverride();
  for (const stream of [process.stdout, process.stderr]) stream.on('error', leave);
  try {
    for (const command of await load(argv[0])) {
      inherit(command, program);
      program.addCommand(command);
    }
    await program.parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return failure(error);
  }
}

/** Whoever read what is said has gone (`| head`): end as other commands do, by SIGPIPE. */
function leave(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(141);
}

function load(name = ''): Promise<Command[]> {
  const known = commands[name];
  return Promise.all(known ? [known()] : Object.values(commands).map((command) => command()));
}

/** Usage errors of a subcommand are to end where those of the program do. */
function inherit(command: Command, from: Command): void {
  command.copyInheritedSettings(from);
  for (const child of command.commands) inherit(child, from);
}

function failure(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed its line; asking for help or the version is no error.
    return ['commander.helpDisplayed', 'commander.version'].includes(error.code) ? 0 : 2;
  }
  const { message } = error as Error;
  process.stderr.write(`bifocal: ${message.replaceAll('\n', ' ')}\n`);
  debug('%o', error);
  return error instanceof UsageError ? 2 : 1;
}
