// `bifocal serve`: the search page, on this machine.
import { Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_HOST, DEFAULT_PORT, parsePort, serveApp } from './server.mjs';

export const serve = new Command('serve')
  .description('serve the search page')
  .addOption(
    new Option('--port <number>', 'port to listen on')
      .env('PORT')
      .default(DEFAULT_PORT)
      .argParser(readPort),
  )
  .option('--host <name>', 'address to listen on; by default only this machine', DEFAULT_HOST)
  .action((options: { port: number; host: string }) => serveApp(options));

/** A wrong port is wrong usage here, for commander to say. */
function readPort(text: string): number {
  try {
    return parsePort(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
