// The web server's process: the gate, and behind it Next. Started by server.mjs, which has checked the port.
import { createServer } from 'node:http';
import os from 'node:os';
import { setTimeout } from 'node:timers';
import next from 'next';
import { load } from '../services/load.mjs';
import { root } from './setup.mjs';

/** Milliseconds that answers under way have when the server is to end. */
const GRACE = 2_000;
/** The server has said itself why it cannot start. */
const SAID = 2;

// Pictures are decoded on Node's own threads: four, unless it is told otherwise before they start.
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, os.availableParallelism()));

const port = Number(process.argv[2]);
const host = process.argv[3] ?? 'localhost';
const { answerUnreadable, exposure, Gate } = await load('services/gate/index.ts');
const { config } = await load('services/config.ts');

const { token } = config();
const danger = exposure(host, token);
if (danger !== null) {
  console.error(`bifocal: ${danger}`);
  process.exit(SAID);
}
globalThis.bifocalGate = true;
// A server that never listens: to its own Next would add a handler of upgrades, which leaves some of them open.
const httpServer = createServer();
const app = next({ dev: false, dir: root, hostname: host, port, httpServer });
await app.prepare();
const answer = app.getRequestHandler();
const gate = new Gate({ host, token, methodsOf: (path) => globalThis.bifocalMethodsOf?.(path) });
const server = createServer((request, response) => {
  gate
    .admit(request, response)
    .then((passes) => (passes ? answer(request, response) : undefined))
    .catch((error) => {
      console.error(error);
      response.destroy();
    });
});
server.on('clientError', answerUnreadable);
server.listen(port, host);

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), GRACE).unref();
  });
}
