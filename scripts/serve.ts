// `bifocal serve`: the search page, as built, on this machine.
import { Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_HOST, DEFAULT_PORT, serveApp } from './server.mjs';

export const serve = new Command('serve')
  .description('serve the search page')
  .addOption(
    new Option('--port <number>', 'port to listen on')
      .env('PORT')
      .default(DEFAULT_PORT)
      .argParser(parsePort),
  )
  .option('--host <name>', 'address to listen on; by default only this machine', DEFAULT_HOST)
  .action((options: { port: number; host: string }) => serveApp(options));

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('a port is a whole number from 1 to 65535.');
  }
  return port;
}
