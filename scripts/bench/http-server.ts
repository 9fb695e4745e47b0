// The web server in a process of its own, as it is in production, with a library of its own.

import { spawn } from 'node:child_process';
import http from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createClient } from '#client';
import { webArguments } from '../server.mjs';
import { build } from '../setup.mjs';
import { ask } from './http-load';
import { get } from './http-requests';

const root = path.resolve(import.meta.dirname, '../..');
/** Half seconds without a graph being built after which none will be. */
const CALM = 6;

export interface Server {
  port: number;
  pid: number;
  close(): Promise<void>;
}

/** Builds the page if its sources have changed, and resolves when health is good. */
export async function serve(home: string): Promise<Server> {
  await build();
  const port = await freePort();
  const child = spawn(process.execPath, webArguments({ port, host: 'localhost' }), {
    cwd: root,
    env: { ...process.env, BIFOCAL_HOME: home, BIFOCAL_ROOT: root, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const agent = new http.Agent();
  const started = performance.now();
  for (;;) {
    const status = await ask(port, agent, get('/api/health')).catch(() => 0);
    if (status === 200) break;
    if (child.exitCode !== null) throw new Error(`the server ended (exit code ${child.exitCode})`);
    await setTimeout(100);
  }
  process.stderr.write(`ready after ${secondsSince(started).toFixed(1)} s\n`);
  return {
    port,
    pid: child.pid!,
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Waits until the graphs are built, which takes the processor that requests are to have. */
export async function indexed(server: Server): Promise<void> {
  const client = clientOf(server);
  const started = performance.now();
  for (let calm = 0; calm < CALM;) {
    const { building } = await client.status();
    calm = Object.keys(building).length === 0 ? calm + 1 : 0;
    await setTimeout(500);
  }
  const { method } = await client.status();
  const after = secondsSince(started).toFixed(0);
  process.stderr.write(`pictures by ${method.image} after ${after} s more\n`);
}

export function clientOf({ port }: Server) {
  return createClient({ url: `http://localhost:${port}` });
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, 'localhost', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
