// Drawings (SVG) are programs: a few bytes can ask for minutes of work, by what uses what, by filters, markers
// or styles, and nothing interrupts librsvg. So it runs in processes of its own, which are ended when a drawing
// takes too long, and with it whatever memory it took.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { startProcess } from '#process';
import type { Decoding, Source } from './decode';
import { ImageError } from './error';

/** What a drawing may take; of 8,000 of Openclipart the slowest takes half a second of a processor. */
const SECONDS = 10;

/** libvips refuses larger drawings. */
const BYTES = 10_000_000;

/** Each draws one at a time, so that what is ended takes nothing else with it. */
const PROCESSES = 2;

const IDLE_MS = 60_000;

/** Whether a file that begins like this may be one: packed, or in any encoding of XML. */
export function isDrawing(begins: string): boolean {
  return begins.startsWith('\x1f\x8b') || /^(\xef\xbb\xbf)?[\s\0]*(<|$)/.test(begins);
}

/** A drawing by its path may show the files beside it; by its bytes it is all there is. */
export async function fileOf(source: Source): Promise<Uint8Array> {
  const size = typeof source === 'string' ? (await stat(source)).size : source.byteLength;
  if (size > BYTES) throw new ImageError(`an SVG of more than ${BYTES / 1e6} MB`);
  return typeof source === 'string' ? readFile(source) : source;
}

/** A method of Decoding and what it is asked with. */
export type Request = {
  [Method in keyof Decoding]: [Method, ...Parameters<Decoding[Method]>];
}[keyof Decoding];

export type Answer = { result: unknown } | { problem: string };

/** One process, started when it is first asked and ended when nobody has asked for a while. */
export class DrawingProcess {
  /** @param seconds - that one request may take */
  constructor(private readonly seconds = SECONDS) {}

  private child: ChildProcess | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private idle: NodeJS.Timeout | undefined;
  /** Requests that have not been answered yet. */
  load = 0;

  ask(request: Request): Promise<unknown> {
    this.load++;
    const result = this.last.then(() => this.draw(request)).finally(() => this.load--);
    this.last = result.catch(() => {});
    return result;
  }

  private async draw(request: Request): Promise<unknown> {
    clearTimeout(this.idle);
    const child = (this.child ??= await this.start());
    hold(child);
    const timer = setTimeout(() => child.kill('SIGKILL'), this.seconds * 1000);
    try {
      child.send(request);
      const answer = (await messageOf(child)) as Answer;
      if ('problem' in answer) throw new ImageError(answer.problem);
      return answer.result;
    } finally {
      clearTimeout(timer);
      letGo(child);
      this.idle = setTimeout(() => this.end(child), IDLE_MS).unref();
    }
  }

  private async start(): Promise<ChildProcess> {
    const child = startProcess('services/picture/drawing-process.ts');
    child.once('exit', () => this.forget(child));
    // It says when it has loaded what it needs.
    await messageOf(child);
    return child;
  }

  /** Forgotten first: what is asked for before it has gone is for another. */
  private end(child: ChildProcess): void {
    this.forget(child);
    child.kill();
  }

  private forget(child: ChildProcess): void {
    if (this.child === child) this.child = undefined;
  }
}

/** Whoever waits for a process is kept from ending, nobody else. */
function hold(child: ChildProcess): void {
  child.ref();
  child.channel?.ref();
}

function letGo(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

/** What a process says next. Throws ImageError where it ends first. */
async function messageOf(child: ChildProcess): Promise<unknown> {
  const first = new AbortController();
  const { signal } = first;
  const ended = once(child, 'exit', { signal }).then(([code, by]) => {
    if (by === 'SIGKILL') throw new ImageError(`takes too long, or too much memory, to draw`);
    throw new ImageError(`cannot be drawn: what draws it ended with ${by ?? code}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), ended]);
    return message;
  } finally {
    first.abort();
  }
}

// Next compiles each route to a module of its own; what they share has to live on the global object.
const shared = globalThis as typeof globalThis & { bifocalDrawing?: DrawingProcess[] };
const processes = (shared.bifocalDrawing ??= Array.from(
  { length: PROCESSES },
  () => new DrawingProcess(),
));

function ask(...request: Request): Promise<unknown> {
  return processes.reduce((a, b) => (b.load < a.load ? b : a)).ask(request);
}

export const inDrawingProcess = {
  header: (...asked) => ask('header', ...asked),
  pixels: (...asked) => ask('pixels', ...asked),
  fitted: (...asked) => ask('fitted', ...asked),
} as Decoding;
