// A server that will be killed: starts an engine and says the number of its process once it is ready.

import type { ChildProcess } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { startEngine } from '#engine';

const [home, model] = process.argv.slice(2);
const engine = startEngine({ home: home!, model: model! });
while ((await engine.status()).state !== 'ready') await setTimeout(50);
process.stdout.write(`${(engine as unknown as { child: ChildProcess }).child.pid}\n`);
