// `npm run bench:http`: how long the real server takes to answer over HTTP, at one and at 32 connections, beside the
// framework's floor (a route of the same server that does nothing) and beside encoding alone. With --soak, whether
// its memory stays flat over many mixed requests; with --ingest, how long searches take while pictures come in. The
// library is made up: so many pictures that are nowhere.

import { Command } from 'commander';
import { openCatalog } from '#catalog';
import { loadServingModel } from '#engine';
import { table } from '../output';
import { wholeNumber } from '../whole-number';
import { besideIngest } from './http-beside-ingest';
import { times, type Asker, type Times } from './http-load';
import { common, encoding, floor, known, unknown } from './http-requests';
import { indexed, serve, type Server } from './http-server';
import { soak } from './http-soak';
import { fillLibrary } from './library';
import { inTemporaryFolder } from './temporary-folder';
import { clusteredSet } from './vectors';

/** Answers before counting, so that everything is compiled and cached that will be. */
const WARMING = 200;

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
  .option('--ingest <number>', 'photographs that come in while searches are measured', wholeNumber)
  .parse()
  .opts<{ items: number; requests: number; soak?: number; ingest?: number }>();

await inTemporaryFolder(async (home) => {
  process.env.BIFOCAL_HOME = home;
  await makeLibrary(options.items);
  const server = await serve(home);
  try {
    await indexed(server);
    const { soak: mixed, ingest: pictures, requests } = options;
    if (mixed !== undefined) await soak(server, mixed);
    else if (pictures !== undefined)
      await besideIngest(server, { requests, pictures, folder: home });
    else await compare(server, requests);
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

/** In turns, twice around, so that what the machine does beside falls on all alike; the better round counts. */
async function compare({ port }: Server, requests: number): Promise<void> {
  let from = 0;
  const best = new Map<string, Times>();
  const measure = (asker: Asker, connections: number, count: number) => {
    from += requests;
    return times({ port, asker, connections, from, goesOn: (asked) => asked < count });
  };
  for (const [, asker] of CASES) await measure(asker, 4, WARMING);
  for (let round = 0; round < 2; round++) {
    for (const connections of [1, 32]) {
      for (const [name, asker] of CASES) {
        const figures = await measure(asker, connections, requests / 2);
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
