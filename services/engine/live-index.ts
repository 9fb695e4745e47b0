// The index of one model and modality as it follows the catalog: exact at once, HNSW as soon as it
// has caught up, and a file so that HNSW is not built again at the next start.

import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Catalog, CatalogModel, ItemFilter, Modality } from '#catalog';
import {
  createExactIndex,
  createHnswIndex,
  IndexFileError,
  loadHnswIndex,
  readTuning,
  type HnswIndex,
  type Neighbour,
  type Tuning,
  type VectorIndex,
} from '#vectors';
import { FilterSets } from './filter-sets';

/** Vectors read from the catalog at a time: 4 MB at 512 dimensions. */
const rowsRead = 2_048;
/** Vectors taken in without a look at the clock. */
const rowsAdded = { exact: 1_024, hnsw: 1 };
/** How long taking in vectors may keep the thread from answering. */
const sliceMs = 4;

export interface LiveIndexSource {
  catalog: Catalog;
  model: CatalogModel;
  modality: Modality;
  /** Where HNSW is kept. */
  file: string;
}

export class LiveIndex {
  /** Whether HNSW holds what the exact index holds. */
  private current = false;
  /** Whether HNSW holds what its file does not. */
  private unsaved = false;
  private aborted = false;
  private readonly filters: FilterSets;

  private constructor(
    private readonly source: LiveIndexSource,
    private readonly exact: VectorIndex,
    private hnsw: HnswIndex,
    /** What `index tune` found out, if it was asked. */
    private tuning: Tuning | undefined,
  ) {
    this.filters = new FilterSets(source.catalog, source.modality);
  }

  /** Reads the exact index from the catalog, and HNSW from its file, which may lag behind. */
  static async open(source: LiveIndexSource): Promise<LiveIndex> {
    const { dimension } = source.model;
    const wanted = searchable(source);
    const exact = createExactIndex({ dimension });
    const tuning = await readTuning(source.file);
    const live = new LiveIndex(source, exact, await load(source, tuning), tuning);
    await live.apply(exact, difference(exact, wanted));
    live.current = isNone(difference(live.hnsw, wanted));
    // The first search makes the blocks of the scan; the first who asks shall not wait for them.
    if (live.method === 'exact') await exact.search(new Float32Array(dimension).fill(1), 1);
    return live;
  }

  get size(): number {
    return this.exact.size;
  }

  get method(): VectorIndex['kind'] {
    return this.current && !this.exactIsBetter ? 'hnsw' : 'exact';
  }

  /** The `k` nearest of what the catalog holds, or of what satisfies `filter`. */
  async search(vector: Float32Array, k: number, filter?: ItemFilter): Promise<Neighbour[]> {
    const within = filter && this.filters.of(filter);
    if (within && filter.missing === true) return this.searchMissing(vector, k, within.ids);
    // Asking a graph for most of what it holds costs more than comparing all of it.
    if (within || this.method === 'exact' || 2 * k > this.size) {
      return this.exact.search(vector, k, { within });
    }
    return this.hnsw.search(vector, k);
  }

  /** What is not on the disk is in no index: its vectors are read from the catalog, and compared. */
  private async searchMissing(vector: Float32Array, k: number, ids: Uint32Array) {
    const { catalog, model, modality } = this.source;
    const index = createExactIndex({ dimension: model.dimension });
    try {
      for (let first = 0; first < ids.length; first += rowsRead) {
        const some = Array.from(ids.subarray(first, first + rowsRead));
        const found = catalog.embeddings.found(model, modality, some);
        index.add(found.ids, found.vectors);
        await setImmediate();
      }
      return await index.search(vector, k);
    } finally {
      await index.close();
    }
  }

  /** Takes in what has changed in the catalog: exact first, so that it can answer meanwhile. */
  async update(): Promise<void> {
    await this.retune();
    const wanted = searchable(this.source);
    let change = difference(this.hnsw, wanted);
    this.current = isNone(change);
    await this.apply(this.exact, difference(this.exact, wanted));
    if (this.current || this.exactIsBetter) return;

    if (this.hnsw.rebuildsOnRemoving(change.removed.length)) {
      await this.hnsw.close();
      this.hnsw = emptyHnsw(this.source, this.tuning, wanted.length);
      change = difference(this.hnsw, wanted);
    }
    this.unsaved = true;
    await this.apply(this.hnsw, change);
    this.current = true;
  }

  /** Writes HNSW to its file, if it is complete and has changed since. */
  async save(): Promise<void> {
    if (await this.retune()) await this.update();
    if (!this.unsaved || !this.current) return;
    await this.hnsw.save(this.source.file, this.source.catalog.id);
    this.unsaved = false;
  }

  private get exactIsBetter(): boolean {
    return this.tuning?.method === 'exact';
  }

  /** Takes up what `index tune` has chosen since; true if that calls for an update. */
  private async retune(): Promise<boolean> {
    const before = this.tuning;
    this.tuning = await readTuning(this.source.file);
    if (this.tuning === undefined || isDeepStrictEqual(this.tuning, before)) return false;
    if (isShapedAs(this.hnsw, this.tuning)) {
      this.hnsw.setEf(this.tuning.ef);
      return before?.method !== this.tuning.method;
    }
    this.current = false;
    await this.hnsw.close();
    this.hnsw = await load(this.source, this.tuning);
    return true;
  }

  /** Ends an update that is under way, with an error. */
  abort(): void {
    this.aborted = true;
  }

  async close(): Promise<void> {
    await this.exact.close();
    await this.hnsw.close();
  }

  /** In slices, between which searches are answered. */
  private async apply(index: VectorIndex, { added, removed }: Difference): Promise<void> {
    const { catalog, model, modality } = this.source;
    const rows = rowsAdded[index.kind];
    let pause = performance.now() + sliceMs;
    index.remove(removed);
    for (let first = 0; first < added.length; first += rowsRead) {
      const ids = added.slice(first, first + rowsRead);
      const vectors = catalog.embeddings.vectors(model, modality, ids);
      for (let row = 0; row < ids.length; row += rows) {
        const slice = vectors.subarray(row * model.dimension, (row + rows) * model.dimension);
        index.add(ids.slice(row, row + rows), slice);
        if (performance.now() < pause) continue;
        await setImmediate();
        if (this.aborted) throw new Error('the engine was closed while its index was updated');
        pause = performance.now() + sliceMs;
      }
    }
  }
}

interface Difference {
  added: number[];
  removed: number[];
}

/** What an index has to take in and to forget. An embedding never changes, so ids say it all. */
function difference(index: VectorIndex, wanted: readonly number[]): Difference {
  const added = wanted.filter((id) => !index.has(id));
  if (index.size + added.length === wanted.length) return { added, removed: [] };
  const keep = new Set(wanted);
  return { added, removed: [...index.ids()].filter((id) => !keep.has(id)) };
}

function isNone({ added, removed }: Difference): boolean {
  return added.length === 0 && removed.length === 0;
}

function searchable({ catalog, model, modality }: LiveIndexSource): number[] {
  return catalog.embeddings.searchableIds(model, modality);
}

function emptyHnsw({ model }: LiveIndexSource, tuning?: Tuning, capacity = 0): HnswIndex {
  const { dimension } = model;
  if (!tuning) return createHnswIndex({ dimension, capacity });
  const { M, efConstruction, ef } = tuning;
  return createHnswIndex({ dimension, capacity, M, efConstruction, ef });
}

/** HNSW from its file; an empty one if there is none, none of this catalog, or none as it was tuned. */
async function load(source: LiveIndexSource, tuning?: Tuning): Promise<HnswIndex> {
  try {
    // What does not answer takes no memory.
    if (tuning?.method === 'exact') return emptyHnsw(source, tuning);
    const { index, tag } = await loadHnswIndex(source.file);
    const isOurs = tag === source.catalog.id && index.dimension === source.model.dimension;
    if (isOurs && (!tuning || isShapedAs(index, tuning))) {
      if (tuning) index.setEf(tuning.ef);
      return index;
    }
    await index.close();
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!absent && !(error instanceof IndexFileError)) throw error;
  }
  return emptyHnsw(source, tuning);
}

function isShapedAs({ settings }: HnswIndex, { M, efConstruction }: Tuning): boolean {
  return settings.M === M && settings.efConstruction === efConstruction;
}
