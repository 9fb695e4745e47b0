// The exact index as it follows the catalog. It waits for nothing else: what another process has written
// can be found whatever becomes of HNSW meanwhile.

import { rowsInBlock, type PreparedRows } from '#vector-rows';
import { createExactIndex, type ExactIndex } from '#vectors';
import { Background } from './background';
import type { GraphSource } from './build/graph-source';
import type { Reader } from './reader/reader';

/** Reads that are under way at once. */
const readAhead = 2;

export interface LiveExactSource extends GraphSource {
  reader: Reader;
}

export class LiveExact {
  readonly index: ExactIndex;
  readonly background: Background;
  /** The ids that it holds, ascending; another array after each change. */
  ids: Uint32Array = new Uint32Array();
  /** Whether all that the catalog held has been taken in once. */
  isFilled = false;
  /** Whether a change has not been taken in to its end. */
  private unsure = false;
  private following: Promise<void> = Promise.resolve();
  private aborted = false;

  constructor(private readonly source: LiveExactSource) {
    this.index = createExactIndex({ dimension: source.model.dimension });
    this.background = new Background(this.index);
  }

  /** Takes in what has changed in the catalog; one call after the other. */
  follow(): Promise<void> {
    const done = this.following.then(() => this.takeIn());
    this.following = done.catch(() => undefined);
    return done;
  }

  /** The vectors of `ids`, so many at a time; the next are read while the last are taken in. */
  async *read(ids: Uint32Array, together: number): AsyncGenerator<PreparedRows> {
    const { reader } = this.source;
    const ask = (first: number) => {
      const rows = reader.rows(this.source, ids.slice(first, first + together));
      rows.catch(() => undefined); // whoever awaits it hears of it
      return rows;
    };
    const asked: Promise<PreparedRows>[] = [];
    for (let first = 0; first < ids.length || asked.length > 0;) {
      for (; first < ids.length && asked.length < readAhead; first += together) {
        asked.push(ask(first));
      }
      const rows = await asked.shift()!;
      if (this.aborted) throw new Error('the engine was closed while its index was updated');
      yield rows;
    }
  }

  /** Ends what is being read, with an error. */
  abort(): void {
    this.aborted = true;
  }

  async close(): Promise<void> {
    await this.following;
    await this.index.close();
  }

  private async takeIn(): Promise<void> {
    const { reader, model } = this.source;
    if (this.unsure) {
      this.ids = Uint32Array.from(this.index.ids()).sort();
      this.background.forget();
    }
    this.unsure = true;
    const { added, removed } = await reader.changes(this.source, this.ids);
    this.index.remove(removed);
    for await (const rows of this.read(added, rowsInBlock(model.dimension))) {
      this.index.addPrepared(rows);
    }
    this.unsure = false;
    this.isFilled = true;
    if (added.length + removed.length === 0) return;
    this.ids = combined(this.ids, added, removed);
    this.background.change(added, removed);
  }
}

function combined(known: Uint32Array, added: Uint32Array, removed: Uint32Array): Uint32Array {
  const gone = new Set(removed);
  const kept = gone.size === 0 ? known : known.filter((id) => !gone.has(id));
  const all = new Uint32Array(kept.length + added.length);
  all.set(kept);
  all.set(added, kept.length);
  return all.sort();
}
