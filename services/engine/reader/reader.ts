// Reads the catalog for the indexes: what is little at once, what is much on another thread, so that
// searches are answered meanwhile.

import type { Catalog } from '#catalog';
import { Thread } from '#thread';
import type { PreparedRows } from '#vectors';
import type { Answer, Question } from './reader-thread';
import { readChanges, readRows, type Changes, type VectorSource } from './reading';

/** Of so many ids all are read in a few milliseconds. */
const fewIds = 4_000;
/** And so many vectors in 20 ms. */
const fewRows = 1_000;

export class Reader {
  private thread: Thread<Question, Answer, Changes | PreparedRows> | undefined;

  constructor(private readonly catalog: Catalog) {}

  /** Has the other thread ready if it is going to be asked for the vectors of a source. */
  prepare({ model }: Pick<VectorSource, 'model'>): void {
    const { images, texts } = this.catalog.models.embedded(model);
    if (images + texts > fewIds) this.start();
  }

  /** What a search may find now, against `known`, ascending. */
  async changes(source: VectorSource, known: Uint32Array): Promise<Changes> {
    if (known.length > fewIds) this.start();
    if (!this.thread) return readChanges(this.catalog, source, known);
    return (await this.thread.ask({ kind: 'changes', source, known })) as Changes;
  }

  /** The vectors of these ids; of those that have gone meanwhile there is nothing. */
  async rows(source: VectorSource, ids: Uint32Array): Promise<PreparedRows> {
    if (ids.length > fewRows) this.start();
    if (!this.thread) return readRows(this.catalog, source, ids);
    return (await this.thread.ask({ kind: 'rows', source, ids })) as PreparedRows;
  }

  async close(): Promise<void> {
    await this.thread?.close('the thread that reads the catalog is closed');
  }

  private start(): void {
    this.thread ??= new Thread({
      script: new URL('./reader-thread.mjs', import.meta.url),
      workerData: this.catalog.file,
      work: 'reads the catalog',
      read: (answer) => {
        if ('message' in answer) throw new Error(answer.message);
        return answer.result;
      },
    });
  }
}
