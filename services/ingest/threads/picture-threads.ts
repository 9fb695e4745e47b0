// The threads that hash and decode pictures, so that both go on while this one is held by a model's run.

import { availableParallelism } from 'node:os';
import type { Preprocessing } from '#preprocess';
import { Thread } from '#thread';
import type { Answer, Identified, Question } from './picture-thread';
import type { ReadPicture } from './read-picture';

export type { Identified } from './picture-thread';
export type { ReadPicture } from './read-picture';

/** A picture that cannot be used; the message is one line for the user. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}

/**
 * Decoding is libvips', on threads of its own; what is left for one of ours, hashing and sorting bytes
 * into tensors, is less than half of the work.
 */
const THREADS = Math.ceil(availableParallelism() / 2);

type PictureThread = Thread<Question, Answer, Identified | ReadPicture>;

export class PictureThreads {
  private readonly threads: PictureThread[] = [];

  /** Threads start when there is work for them. */
  constructor(private readonly settings: Preprocessing) {}

  /** The hash of a file, and what the text file says that is named. Throws Unusable. */
  identify(path: string, textFile?: string): Promise<Identified> {
    return this.next().ask({ path, read: false, textFile }) as Promise<Identified>;
  }

  /** Decodes a picture. Throws Unusable. */
  read(path: string): Promise<ReadPicture> {
    return this.next().ask({ path, read: true }) as Promise<ReadPicture>;
  }

  /** Ends the threads when they have done what they were asked for. */
  async close(): Promise<void> {
    await Promise.all(
      this.threads.map((thread) => thread.close('the threads that read pictures are closed')),
    );
  }

  /** The one with the least to do; a new one before any waits long. */
  private next(): PictureThread {
    const idlest = this.threads.toSorted((a, b) => a.load - b.load)[0];
    if (idlest && (idlest.load < 8 || this.threads.length >= THREADS)) return idlest;
    const thread = openThread(this.settings);
    this.threads.push(thread);
    return thread;
  }
}

function openThread(workerData: Preprocessing): PictureThread {
  return new Thread({
    program: 'services/ingest/threads/picture-thread.ts',
    workerData,
    work: 'reads pictures',
    read: (answer) => {
      if ('reason' in answer) throw new Unusable(answer.reason);
      return answer.result;
    },
  });
}
