// Whether a server's memory stays flat over many mixed requests.

import { execFileSync } from 'node:child_process';
import sharp from 'sharp';
import { table } from '../output';
import { times, type Asker } from './http-load';
import { get, known, unknown, words } from './http-requests';
import { clientOf, type Server } from './http-server';

const CONNECTIONS = 8;

/** Prints megabytes before, and after each tenth of the requests. */
export async function soak(server: Server, requests: number): Promise<void> {
  const asker = await mixture(server);
  const tenth = requests / 10;
  const rows: (string | number)[][] = [];
  for (let part = 0; part <= 10; part++) {
    const load = { port: server.port, asker, connections: CONNECTIONS, from: part * tenth };
    if (part > 0) await times({ ...load, goesOn: (asked) => asked < tenth });
    const [own, engine] = memory(server.pid);
    rows.push([part * tenth, own!.toFixed(0), engine!.toFixed(0)]);
    process.stderr.write(`${rows.at(-1)!.join('  ')}\n`);
  }
  console.log(table([['requests', 'server MB', 'engine MB'], ...rows]));
}

/** Words, known and new; pages of the library; a picture, its file and why it is found; the page itself; figures. */
async function mixture(server: Server): Promise<Asker> {
  const picture = await sharp({
    create: { width: 320, height: 240, channels: 3, background: 'teal' },
  })
    .jpeg()
    .toBuffer();
  const item = `/api/v1/items/${await takeIn(server, picture)}`;
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
async function takeIn(server: Server, picture: Buffer): Promise<number> {
  const client = clientOf(server);
  const { folder } = await client.upload('teal.jpg', new Blob([new Uint8Array(picture)]));
  const { id } = await client.startJob({ kind: 'ingest', parameters: { paths: [folder] } });
  for await (const { error } of client.followJob(id)) if (error) throw new Error(error);
  const { items } = await client.items({ order: 'added', limit: 1 });
  return items[0]!.itemId;
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
