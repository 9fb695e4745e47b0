// The engine's process: opens a local engine and answers what the parent asks. Entry point only.

import { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { config } from '#config';
import { PIPE } from '#process';
import { FramedPipe } from './frames';
import { Outbox } from './outbox';
import { decodeOptions, type Call, type FromChild, type Reply } from './protocol';
import { Reader } from './reader/reader';

/** Another process's writes, and the model that it has taken into use, are noticed after this long. */
const pollMs = 250;

/** The parent has gone, or wants us gone. */
let leave: () => void = () => process.exit();
process.on('disconnect', () => leave());
// Ctrl-C reaches every process of a terminal; this one ends with its parent, and saves first.
process.on('SIGINT', () => undefined);

// Nothing is asked before the status has been told.
const socket = new Socket({ fd: PIPE, readable: true, writable: true });
const pipe = new FramedPipe<FromChild, Call>(socket, (calls) => {
  for (const call of calls) void answer(call);
});
const options = decodeOptions(process.argv[2]!);
// Its thread starts while the rest of the engine is loaded.
const reader = new Reader(path.join(options.home ?? config().home, 'bifocal.db'));
const { LocalEngine } = await import('./local');
const engine = await LocalEngine.open({ ...options, reader, warm: true }).catch(refuse);

leave = () => void engine.close().finally(() => process.exit());
// Whoever does not take it any more has gone.
const outbox = new Outbox<FromChild>((messages) => void pipe.send(messages).catch(() => undefined));
let said = '';
await tellStatus();
while (process.connected) {
  await setTimeout(pollMs);
  await engine.poll();
  await tellStatus();
}

async function answer({ number, method, args }: Call): Promise<void> {
  const run = engine[method] as (...args: unknown[]) => Promise<unknown>;
  const reply = await run.apply(engine, args).then(
    (value): Reply => ({ kind: 'value', number, value }),
    ({ name, message }: Error): Reply => ({ kind: 'error', number, name, message }),
  );
  await tellStatus();
  outbox.put(reply);
}

/** Says how things are, if not as it said before: whoever gets an answer knows what it came from. */
async function tellStatus(): Promise<void> {
  const status = await engine.status();
  const now = JSON.stringify(status);
  if (now === said) return;
  said = now;
  outbox.put({ kind: 'status', status });
}

/** Says why, and ends this process. */
async function refuse(error: Error): Promise<never> {
  const failure: FromChild = { kind: 'failed', message: error.message };
  await pipe.send([failure]);
  return process.exit(1);
}
