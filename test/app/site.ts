// The built page over a small library, served for a test file.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { createClient } from '#client';
import { entry, makeEmptyLibrary, makeLibrary, root, type Library } from './library';

export interface Site {
  url: string;
  /** Where the pictures are. */
  folder: string;
  server: ChildProcess;
  close(): Promise<void>;
}

/** Milliseconds that a busy machine may need to ingest and start. */
export const SLOWEST_START = 400_000;

/** The page over a library of drawings, a photograph's shape and an SVG. */
export async function startSite(): Promise<Site> {
  return serveSite(await makeLibrary());
}

/** The page over a library that has never seen a picture. `token`: who asks has to know it. */
export async function startEmptySite(token?: string): Promise<Site> {
  return serveSite(await makeEmptyLibrary(), token);
}

async function serveSite({ environment, home, folder }: Library, token?: string): Promise<Site> {
  if (!existsSync(path.join(root, '.next', 'BUILD_ID'))) {
    throw new Error('the page is not built: npm run build');
  }
  const port = await freePort();
  const env = token === undefined ? environment : { ...environment, BIFOCAL_TOKEN: token };
  const args = [entry, 'serve', '--port', String(port)];
  const server = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  // For a test run that is cut short.
  process.once('exit', () => server.kill());
  const url = `http://localhost:${port}`;
  const close = async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  await until(async () => (await status(url, token)) === 'ready', 'the engine to be ready');
  return { url, folder, server, close };
}

export async function status(url: string, token?: string): Promise<string | null> {
  try {
    const client = createClient({ url, ...(token !== undefined && { token }) });
    return (await client.status()).state;
  } catch {
    return null;
  }
}

/** Waits for something to become true; the failure says what it was. */
export async function until(happens: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + SLOWEST_START / 2;
  while (!(await happens())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, 'localhost', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
