// Serves the page as its sources are, in a process of its own. Shared by `npm start` and `bifocal serve`.
import { createServer } from 'node:net';
import path from 'node:path';
import { SetupError, build, ended, root, start } from './setup.mjs';

export const DEFAULT_PORT = 3000;
export const DEFAULT_HOST = 'localhost';
/** The exit code of a web server that has said itself why it does not start. */
const SAID = 2;

/** Reads a port as it comes from the command line or the environment. */
export function parsePort(text) {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new SetupError(`a port is a whole number from 1 to 65535, not ${text}`);
}

/**
 * Serves until it is stopped; first the page is built if its sources have changed since.
 * @param {{ port: number, host: string }} where
 */
export async function serveApp({ port, host }) {
  await checkPort(port, host);
  await build();
  const { code, signal } = await ended(start(process.execPath, webArguments({ port, host })));
  if (code === SAID) process.exitCode = 1;
  // 128 and more: it was told to stop.
  else if (code && code < 128 && !signal)
    throw new SetupError(`the server ended (exit code ${code})`);
}

/**
 * What Node is started with as the web server.
 * @param {{ port: number, host: string }} where
 */
export function webArguments({ port, host }) {
  const web = path.join(root, 'scripts', 'web.mjs');
  // Megabytes for what is new. In the usual 16 the objects of answers under way are taken for old ones, and
  // the collections that find them dead again hold up everybody.
  return ['--max-semi-space-size=64', web, String(port), host];
}

/** Throws one line when nothing can listen there, before anything is loaded. */
export async function checkPort(port, host) {
  const probe = createServer();
  const failure = await new Promise((resolve) => {
    probe.once('error', resolve).listen(port, host, () => resolve(null));
  });
  if (failure?.code === 'EADDRINUSE') {
    throw new SetupError(
      `port ${port} is taken; choose another: PORT=${port + 1} npm start, or bifocal serve --port ${port + 1}`,
    );
  }
  if (failure) throw new SetupError(`cannot listen on ${host}:${port}: ${failure.message}`);
  await new Promise((resolve) => probe.close(resolve));
}
