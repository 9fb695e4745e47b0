// A thread that hashes and decodes pictures as it is asked to. Entry point only, for picture-threads.ts.

import { parentPort, workerData } from 'node:worker_threads';
import type { SideText } from '#captions';
import type { Preprocessing } from '#preprocess';
import { reasonOf } from '../reasons';
import { hashFile, readPicture, type ReadPicture } from './read-picture';

/** What a file is known by, before it is decoded. */
export interface Identified {
  sha256: string;
  /** What the text file beside it says. */
  beside: SideText;
}

/** `read` decodes; without it the file is hashed, and the text file beside it read, if one is named. */
export type Question = { path: string } & (
  { read: true } | { read: false; textFile: string | undefined }
);
export type Request = Question & { number: number };

/** `null` ends the thread when it has answered all before. */
export type ToThread = Request | null;

export type Answer = { number: number } & (
  { result: Identified | ReadPicture } | { reason: string }
);

/** Pictures that one thread works on at once: while one is decoded another is read. */
const LANES = 4;

const port = parentPort!;
const settings = workerData as Preprocessing;
const queue: Request[] = [];
let busy = 0;

let ending = false;

port.on('message', (request: ToThread) => {
  if (request === null) ending = true;
  else queue.push(request);
  if (busy < LANES) void work();
});

async function work(): Promise<void> {
  busy++;
  for (let request = queue.shift(); request; request = queue.shift()) await answer(request);
  busy--;
  if (ending && busy === 0) port.close();
}

async function answer(request: Request): Promise<void> {
  const { number, path } = request;
  try {
    const result = request.read ? await readPicture(path, settings) : await identify(request);
    port.postMessage(
      { number, result } satisfies Answer,
      'pixels' in result ? [result.pixels.buffer as ArrayBuffer] : [],
    );
  } catch (error) {
    port.postMessage({ number, reason: reasonOf(error, path) } satisfies Answer);
  }
}

async function identify({ path, textFile }: Request & { read: false }): Promise<Identified> {
  const sha256 = await hashFile(path);
  if (textFile === undefined) return { sha256, beside: { texts: [] } };
  // The room of lists takes a while to load: only where it is needed.
  const { readSideText } = await import('#captions');
  return { sha256, beside: await readSideText(textFile) };
}
