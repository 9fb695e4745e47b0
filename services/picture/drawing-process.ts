// The process that draws, one drawing after the other, as drawing.ts asks. Entry point only.

import { decoding } from './decode';
import type { Answer, Request } from './drawing';
import { ImageError } from './error';

// A thread of libvips may be at work for minutes: no ordinary end would come before it is done.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl-C reaches every process of a terminal; this one ends with its parent.
process.on('SIGINT', () => undefined);
process.on('message', (request: Request) => void answer(request));
process.send!('ready');

async function answer([method, ...asked]: Request): Promise<void> {
  const work = decoding[method] as (...asked: unknown[]) => Promise<unknown>;
  try {
    tell({ result: await work(...asked) });
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    tell({ problem: error.message });
  }
}

function tell(answer: Answer): void {
  process.send!(answer);
}
