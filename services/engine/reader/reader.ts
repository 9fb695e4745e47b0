// Reads the catalog for the indexes: what is little at once, what is much on another thread, so that
// searches are answered meanwhile.

import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Catalog } from '#catalog';
import { Thread } from '#thread';
import type { PreparedRows } from '#vector-rows';
import type { Answer, Question } from './reader-thread';
import type { Changes, VectorSource } from './reading';

/** Of so many ids all are read in a few milliseconds, and of so many the vectors in 40. */
const fewIds = 4_000;
const fewRows = 2_000;
/** A database of this size has more. */
const manyBytes = 2 ** 24;

/** While an engine starts, its own thread loads the model, and these share the rest. */
const threads = Math.min(2, availableParallelism());

type ReaderThread = Thread<Question, Answer, Changes | PreparedRows>;

/** What is read, and where from as long as it is little. */
type Source = VectorSource & { catalog: Catalog };

export class Reader {
  private threads: ReaderThread[] = [];

  /** @param file the catalog's. Where it is large, the thread starts at once: it takes a while. */
  constructor(private readonly file: string) {
    const { size } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0 };
    if (size > manyBytes) this.start();
  }

  /** What a search may find now, against `known`, ascending. */
  async changes({ catalog, model, modality }: Source, known: Uint32Array): Promise<Changes> {
    const source = { model, modality };
    if (known.length > fewIds) this.start();
    const thread = this.idlest();
    if (thread) return (await thread.ask({ kind: 'changes', source, known })) as Changes;
    const { readChanges } = await import('./reading');
    return readChanges(catalog.embeddings, source, known);
  }

  /** The vectors of these ids; of those that have gone meanwhile there is nothing. */
  async rows({ catalog, model, modality }: Source, ids: Uint32Array): Promise<PreparedRows> {
    const source = { model, modality };
    if (ids.length > fewRows) this.start();
    const thread = this.idlest();
    if (thread) return (await thread.ask({ kind: 'rows', source, ids })) as PreparedRows;
    const { readRows } = await import('./reading');
    return readRows(catalog.embeddings, source, ids);
  }

  async close(): Promise<void> {
    const excuse = 'the threads that read the catalog are closed';
    await Promise.all(this.threads.map((thread) => thread.close(excuse)));
  }

  private idlest(): ReaderThread | undefined {
    return this.threads.toSorted((a, b) => a.load - b.load)[0];
  }

  private start(): void {
    while (this.threads.length < threads) {
      const thread: ReaderThread = new Thread({
        program: 'services/engine/reader/reader-thread.ts',
        workerData: this.file,
        work: 'reads the catalog',
        read: (answer) => {
          if ('message' in answer) throw new Error(answer.message);
          return answer.result;
        },
      });
      this.threads.push(thread);
    }
  }
}
