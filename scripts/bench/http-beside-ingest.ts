// How long searches take while a job takes in pictures, beside how long they take without.

import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { table } from '../output';
import { times, type Times } from './http-load';
import { unknown } from './http-requests';
import { clientOf, type Server } from './http-server';
import { copiesOf, photographs } from './photographs';

/** Different photographs, each taken in several times. */
const PHOTOGRAPHS = 32;
const CONNECTIONS = [1, 32];

/**
 * Searches for words never seen, `requests` at each number of connections; then as many seconds beside an
 * ingest of `pictures`, which is stopped in the end.
 *
 * @param folder - for the pictures.
 */
export async function besideIngest(
  server: Server,
  { requests, pictures, folder }: { requests: number; pictures: number; folder: string },
): Promise<void> {
  const { port } = server;
  const photos = path.join(folder, 'photographs');
  await photographs(path.join(folder, 'originals'), PHOTOGRAPHS);
  await copiesOf(path.join(folder, 'originals'), photos, Math.ceil(pictures / PHOTOGRAPHS));
  let from = 0;
  const measure = (connections: number, goesOn: (asked: number) => boolean) =>
    times({ port, asker: unknown, connections, from: (from += 100_000), goesOn });
  await measure(4, (asked) => asked < requests);

  const rows: (string | number)[][] = [];
  const row = (connections: number, when: string, { p50, p99, perSecond }: Times, of: string) => [
    connections,
    when,
    p50.toFixed(1),
    p99.toFixed(1),
    (p99 / p50).toFixed(1),
    perSecond.toFixed(0),
    of,
  ];
  const alone: number[] = [];
  for (const connections of CONNECTIONS) {
    const started = performance.now();
    rows.push(
      row(connections, 'alone', await measure(connections, (asked) => asked < requests), ''),
    );
    alone.push(performance.now() - started);
  }

  const client = clientOf(server);
  const { id } = await client.startJob({ kind: 'ingest', parameters: { paths: [photos] } });
  const takenIn = async () => {
    const { progress, state } = await client.job(id);
    if (state !== 'running') throw new Error('the ingest has ended: take in more --pictures');
    return progress?.done ?? 0;
  };
  while ((await takenIn()) === 0) await setTimeout(100);
  for (const [at, connections] of CONNECTIONS.entries()) {
    const [before, started] = [await takenIn(), performance.now()];
    const taken = await measure(connections, () => performance.now() - started < 3 * alone[at]!);
    const rate = ((await takenIn()) - before) / ((performance.now() - started) / 1000);
    rows.push(row(connections, 'beside', taken, rate.toFixed(1)));
  }
  await client.stopJob(id);
  const head = ['connections', 'ingest', 'p50 ms', 'p99 ms', 'p99 / p50', 'a second', 'images/s'];
  console.log(table([head, ...rows]));
}
