// `npm run bench:http`: how long the real server takes to answer over HTTP, at one and at 32 connections, beside the
// framework's floor (a route of the same server that does nothing) and beside encoding alone. With --soak, whether
// its memory stays flat over many mixed requests. The library is made up: so many pictures that are nowhere.

import { execFileSync, spawn } from 'node:child_process';
import http from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { Command } from 'commander';
import sharp from 'sharp';
import { openCatalog } from '#catalog';
import { createClient } from '#client';
import { loadServingModel } from '#engine';
import { table } from '../output';
import { webArguments } from '../server.mjs';
import { wholeNumber } from '../whole-number';
import { fillLibrary } from './library';
import { inTemporaryFolder } from './temporary-folder';
import { clusteredSet } from './vectors';

const root = path.resolve(import.meta.dirname, '../..');
/** Half seconds without a graph being built after which none will be. */
const CALM = 6;
/** Answers before counting, so that everything is compiled and cached that will be. */
const WARMING = 200;

interface Request {
  method: 'GET' | 'POST' | 'OPTIONS';
  path: string;
  type?: string;
  body?: Buffer;
}

/** What is asked the nth time. */
type Asker = (n: number) => Request;

const subjects = ['dog', 'boat', 'red apple', 'guitar', 'old house', 'mountain', 'child', 'night'];
const words = (n: number) => `${subjects[n % subjects.length]} number ${n}`;
const get = (address: string): Request => ({ method: 'GET', path: address });

/** Next answers OPTIONS itself: through all of its routing, to a handler that does nothing. */
const floor: Asker = () => ({ method: 'OPTIONS', path: '/api/v1/search' });
const known: Asker = (n) =>
  get(`/api/v1/search?limit=20&q=${encodeURIComponent(subjects[n % subjects.length]!)}`);
const unknown: Asker = (n) => get(`/api/v1/search?limit=20&q=${encodeURIComponent(words(n))}`);
/** Words that stand in a caption of every second picture, and in some of them with a number. */
const common: Asker = (n) => {
  // More and more spaces, so that no answer is known.
  const spaces = ' '.repeat(1 + (Math.floor(n / 1_000) % 100));
  return get(`/api/v1/search?limit=20&q=${encodeURIComponent(`picture${spaces}${n % 1_000}`)}`);
};
const encoding: Asker = (n) => ({
  method: 'POST',
  path: '/api/v1/embeddings',
  type: 'application/json',
  body: Buffer.from(JSON.stringify({ texts: [words(n)] })),
});

const CASES: [string, Asker][] = [
  ['floor: an empty route', floor],
  ['encoding one text', encoding],
  ['search, words never seen', unknown],
  ['search, words of captions', common],
  ['search, words seen before', known],
];

const options = new Command('bench:http')
  .option('--items <number>', 'made-up pictures in the library', wholeNumber, 100_000)
  .option('--requests <number>', 'of each kind, at each number of connections', wholeNumber, 2_000)
  .option('--soak <number>', 'mixed requests, to see whether memory stays flat', wholeNumber)
  .parse()
  .opts<{ items: number; requests: number; soak?: number }>();

await inTemporaryFolder(async (home) => {
  process.env.BIFOCAL_HOME = home;
  await makeLibrary(options.items);
  const server = await serve(home);
  try {
    await indexed(server);
    if (options.soak !== undefined) await soak(server, options.soak);
    else await compare(server, options.requests);
  } finally {
    await server.close();
  }
});

async function makeLibrary(items: number): Promise<void> {
  const catalog = await openCatalog();
  const encoder = await loadServingModel(catalog);
  const model = await catalog.models.register(encoder);
  const set = clusteredSet({ count: items, dimension: encoder.dimension, queries: 1_000 });
  await fillLibrary(catalog, model, set, (done) => {
    if (done % 20_000 === 0) process.stderr.write(`${done} pictures made\n`);
  });
  await encoder.dispose();
  await catalog.close();
}

interface Server {
  port: number;
  pid: number;
  close(): Promise<void>;
}

async function serve(home: string): Promise<Server> {
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
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const seconds = (performance.now() - started) / 1000;
  process.stderr.write(`ready after ${seconds.toFixed(1)} s\n`);
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
async function indexed({ port }: Server): Promise<void> {
  const client = createClient({ url: `http://localhost:${port}` });
  const started = performance.now();
  for (let calm = 0; calm < CALM;) {
    const { building } = await client.status();
    calm = Object.keys(building).length === 0 ? calm + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const { method } = await client.status();
  const seconds = (performance.now() - started) / 1000;
  process.stderr.write(`pictures by ${method.image} after ${seconds.toFixed(0)} s more\n`);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, 'localhost', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Resolves to the status, when the whole answer is there. */
function ask(port: number, agent: http.Agent, { method, path, type, body }: Request) {
  return new Promise<number>((resolve, reject) => {
    const headers = {
      ...(type && { 'Content-Type': type }),
      ...(body && { 'Content-Length': body.length }),
    };
    const request = http.request({ host: 'localhost', port, agent, method, path, headers });
    request.on('error', reject).on('response', (response) => {
      response.resume().on('end', () => resolve(response.statusCode!));
    });
    request.end(body);
  });
}

/**
 * Milliseconds of each answer, `connections` at a time. The first answer on each does not count: it waits
 * until all of them are open.
 */
async function times(port: number, asker: Asker, count: number, connections: number, from: number) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const taken: number[] = [];
  let next = 0;
  const one = async () => {
    const request = asker(from + next++);
    const began = performance.now();
    const status = await ask(port, agent, request);
    if (status >= 400) throw new Error(`${request.method} ${request.path}: ${status}`);
    return performance.now() - began;
  };
  const each = async (work: () => Promise<void>) => {
    await Promise.all(Array.from({ length: connections }, work));
  };
  await each(async () => void (await one()));
  const started = performance.now();
  await each(async () => {
    while (next < count + connections) taken.push(await one());
  });
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  taken.sort((a, b) => a - b);
  const at = (share: number) =>
    taken[Math.min(taken.length - 1, Math.floor(share * taken.length))]!;
  return { p50: at(0.5), p99: at(0.99), perSecond: count / seconds };
}

/** In turns, twice around, so that what the machine does beside falls on all alike; the better round counts. */
async function compare({ port }: Server, requests: number): Promise<void> {
  let from = 0;
  const best = new Map<string, Awaited<ReturnType<typeof times>>>();
  for (const [, asker] of CASES) await times(port, asker, WARMING, 4, (from += WARMING));
  for (let round = 0; round < 2; round++) {
    for (const connections of [1, 32]) {
      for (const [name, asker] of CASES) {
        from += requests;
        const figures = await times(port, asker, requests / 2, connections, from);
        const key = `${name}, ${connections}`;
        if (figures.p50 < (best.get(key)?.p50 ?? Infinity)) best.set(key, figures);
      }
    }
  }
  const rows = [1, 32].flatMap((connections) =>
    CASES.map(([name]) => {
      const { p50, p99, perSecond } = best.get(`${name}, ${connections}`)!;
      return [connections, name, p50.toFixed(1), p99.toFixed(1), perSecond.toFixed(0)];
    }),
  );
  console.log(
    table([['connections', `${options.items} pictures`, 'p50 ms', 'p99 ms', 'a second'], ...rows]),
  );
}

/** Words, known and new; pages of the library; a picture, its file and why it is found; the page itself; figures. */
async function mixture(port: number): Promise<Asker> {
  const picture = await sharp({
    create: { width: 320, height: 240, channels: 3, background: 'teal' },
  })
    .jpeg()
    .toBuffer();
  const item = `/api/v1/items/${await takeIn(port, picture)}`;
  const boundary = 'bench-boundary';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), picture, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const type = `multipart/form-data; boundary=${boundary}`;
  const kinds: Asker[] = [
    unknown,
    known,
    (n) => get(`/api/v1/search?limit=20&like=${(n % 500) + 1}&orientation=landscape`),
    (n) => get(`/api/v1/search?limit=20&in=text&q=${encodeURIComponent(words(n))}`),
    () => get('/api/v1/items?limit=60&order=added'),
    (n) => get(`/?q=${encodeURIComponent(words(n))}`),
    () => get('/api/v1/status'),
    () => ({ method: 'POST', path: '/api/v1/search', type, body }),
    () => get(`${item}/original`),
    (n) => get(`${item}/why?words=${encodeURIComponent(words(n % 100))}`),
  ];
  return (n) => kinds[n % kinds.length]!(n);
}

/** A picture with a file, and its id: those that are made up have none. */
async function takeIn(port: number, picture: Buffer): Promise<number> {
  const client = createClient({ url: `http://localhost:${port}` });
  const { folder } = await client.upload('teal.jpg', new Blob([new Uint8Array(picture)]));
  const { id } = await client.startJob({ kind: 'ingest', parameters: { paths: [folder] } });
  for await (const { error } of client.followJob(id)) if (error) throw new Error(error);
  const { items } = await client.items({ order: 'added', limit: 1 });
  return items[0]!.itemId;
}

async function soak({ port, pid }: Server, requests: number): Promise<void> {
  const asker = await mixture(port);
  const rows: (string | number)[][] = [];
  for (let part = 0; part <= 10; part++) {
    if (part > 0) await times(port, asker, requests / 10, 8, (part * requests) / 10);
    const [server, engine] = memory(pid);
    rows.push([(part * requests) / 10, server!.toFixed(0), engine!.toFixed(0)]);
    process.stderr.write(`${rows.at(-1)!.join('  ')}\n`);
  }
  console.log(table([['requests', 'server MB', 'engine MB'], ...rows]));
}

/** Megabytes of the server's process, and of its children together. */
function memory(pid: number): [server: number, children: number] {
  const processes = execFileSync('ps', ['-eo', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);
  const sum = (those: typeof processes) => those.reduce((all, [, , rss]) => all + rss / 1024, 0);
  return [
    sum(processes.filter(([each]) => each === pid)),
    sum(processes.filter(([, parent]) => parent === pid)),
  ];
}
