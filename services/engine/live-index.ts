// The index of one model and modality: exact at once (live-exact.ts), HNSW as soon as it has caught up,
// and a file so that HNSW is not built again at the next start.

import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ItemFilter } from '#catalog';
import {
  createHnswIndex,
  readTuning,
  writeTuning,
  type HnswIndex,
  type IdSet,
  type Neighbour,
  type Tuning,
  type VectorIndex,
} from '#vectors';
import { fewVectors, isMeasured } from './build/build-graph';
import type { Build, BuildProgress, Builds } from './build/builds';
import { savedGraph } from './build/graph-source';
import { FilterSets } from './filter-sets';
import { LiveRecall } from './live-recall';
import { LiveExact, type LiveExactSource } from './live-exact';
import { without, type Changes } from './reader/reading';
import { searchMissing } from './search-missing';

/** How long taking in vectors may keep the thread from answering. */
const sliceMs = 4;
/** Vectors read at a time for HNSW, which takes in one after another. */
const rowsForHnsw = 128;
/** Of a wide filter HNSW is asked for so many times what should do, but for no more than this. */
const wideFactor = 1.5;
const widest = 200;
/** Where measuring finds that too little is found, `ef` grows by this factor, up to a limit. */
const efGrowth = 1.5;
const largestEf = 768;
/** What is lost when the process is killed: HNSW takes it in again within a second. */
const unsavedShare = 0.01;
const mostUnsaved = 500;
/** A build that has failed is not tried again for this long. */
const patienceMs = 60_000;

export interface LiveIndexSource extends LiveExactSource {
  builds: Builds;
}

export class LiveIndex {
  private readonly exact: LiveExact;
  /** Undefined until it was read from its file. */
  private hnsw: HnswIndex | undefined;
  /** Vectors that HNSW has taken in or forgotten since it was saved. */
  private unsaved = 0;
  /** The ids that HNSW holds, ascending: those of the exact index itself once it has caught up. */
  private held: Uint32Array = new Uint32Array();
  /** What the exact index held when update() had done its work. */
  private tended: Uint32Array | undefined;
  private aborted = false;
  private build: Build | undefined;
  private failedBuild: { error: Error; until: number } | undefined;
  /** What building, or `index tune`, has found out. */
  private tuning: Tuning | undefined;
  private readonly filters: FilterSets;
  /** When what the catalog held at the start can be found. */
  readonly opened: Promise<void>;
  private readonly recalls = new LiveRecall();

  /** Begins to read the exact index from the catalog; HNSW comes with the first update. */
  constructor(private readonly source: LiveIndexSource) {
    this.exact = new LiveExact(source);
    this.filters = new FilterSets(source.catalog, source.modality);
    this.opened = this.retune().then(() => this.exact.follow());
    this.opened.catch(() => undefined); // whoever searches hears of it
  }

  /** As the constructor, and waits until searches need not. */
  static async open(source: LiveIndexSource): Promise<LiveIndex> {
    const live = new LiveIndex(source);
    await live.opened;
    return live;
  }

  get size(): number {
    return this.exact.index.size;
  }

  get method(): VectorIndex['kind'] {
    return this.current && !this.exactIsBetter ? 'hnsw' : 'exact';
  }

  /** Of the ten nearest, the share found: by the last queries, else as it was when tuned. */
  get recall(): number | null {
    if (this.method === 'exact') return 1;
    return this.recalls.measured?.recall ?? this.tuning?.recall ?? null;
  }

  /** How far a graph is that is being built. */
  get building(): BuildProgress | undefined {
    return this.build && (this.build.progress ?? { done: 0, total: this.size });
  }

  /** Whether there is something for update() to do: a graph that is ready, or changes it has not seen. */
  get hasNews(): boolean {
    return this.build?.ended === true || this.tended !== this.exact.ids;
  }

  /** The `k` nearest of what the catalog holds, or of what satisfies `filter`. */
  async search(vector: Float32Array, k: number, filter?: ItemFilter): Promise<Neighbour[]> {
    if (!this.exact.isFilled) await this.follow();
    const within = filter && this.filters.of(filter);
    if (within && filter.missing === true) return searchMissing(this.source, vector, k, within.ids);
    // Asking a graph for most of what it holds costs more than comparing all of it.
    if (this.method === 'hnsw' && 2 * k <= this.size) {
      if (!within) {
        this.recalls.offer(vector);
        return this.hnsw!.search(vector, k);
      }
      const found = await this.searchWide(vector, k, within);
      if (found) return found;
    }
    return this.exact.index.search(vector, k, { within });
  }

  /** The cosines of a query with a sample of what is held, or of what satisfies `filter`. */
  async background(vector: Float32Array, filter?: ItemFilter): Promise<Float32Array> {
    if (!this.exact.isFilled) await this.follow();
    return this.exact.background.cosines(vector, filter && this.filters.of(filter));
  }

  /**
   * Brings the exact index up to date with the catalog, also while update() is under way: until HNSW
   * has caught up, exact answers.
   */
  follow(): Promise<void> {
    return this.exact.follow();
  }

  /** follow(), and does for HNSW what there is to do, which may take long. */
  async update(): Promise<void> {
    await this.takeBuilt();
    await this.retune();
    await this.exact.follow();
    const { ids } = this.exact;
    await this.exact.index.compile();
    const unmeasured = this.size > fewVectors && !isMeasured(this.tuning, this.size);
    if (this.exactIsBetter) await this.forgetHnsw();
    else await this.updateHnsw();
    const lags = !this.exactIsBetter && !this.current;
    if (!this.build && (lags || unmeasured)) this.startBuild();
    this.tended = ids;
  }

  /** update(), and waits for the graph if it has to be built elsewhere. */
  async settle(): Promise<void> {
    await this.update();
    while (this.build) {
      await this.build.end;
      await this.update();
    }
  }

  /** Writes HNSW to its file, if it has changed since. */
  async save(): Promise<void> {
    if (!this.aborted && (await this.retune())) await this.update();
    if (this.unsaved === 0 || !this.hnsw || this.build) return;
    await this.hnsw.save(this.source.file, this.source.catalog.id);
    this.unsaved = 0;
  }

  /** save(), once reading the changes again would take longer than writing all of the file. */
  async saveSome(): Promise<void> {
    if (this.unsaved >= Math.min(mostUnsaved, unsavedShare * this.size)) await this.save();
    else if (await this.retune()) await this.update();
  }

  /** Sees whether HNSW finds what it should, and has it search more thoroughly where it does not. */
  async measure(): Promise<void> {
    if (this.method === 'exact') return;
    const { ids, index } = this.exact;
    if (!(await this.recalls.measure(this.hnsw!, index))) return;
    // Where vectors have come meanwhile, the two were not asked about the same.
    if (ids !== this.exact.ids) return this.recalls.forget();
    const { recall, standardError } = this.recalls.measured!;
    const { tuning } = this;
    if (!tuning || recall + 2 * standardError >= tuning.target || tuning.ef >= largestEf) return;
    const ef = Math.min(largestEf, Math.ceil(efGrowth * tuning.ef));
    this.tuning = { ...tuning, ef };
    this.hnsw!.setEf(ef);
    await writeTuning(this.source.file, this.tuning);
  }

  /** Ends an update that is under way, with an error, and a graph that is being built. */
  async abort(): Promise<void> {
    this.aborted = true;
    this.exact.abort();
    await this.build?.cancel();
  }

  async close(): Promise<void> {
    await this.exact.close();
    await this.hnsw?.close();
  }

  private get exactIsBetter(): boolean {
    return this.tuning?.method === 'exact';
  }

  /** Whether HNSW holds what the exact index holds. */
  private get current(): boolean {
    return this.hnsw !== undefined && this.held === this.exact.ids;
  }

  /**
   * HNSW's answer to a search within a set that holds a good part of everything: of enough neighbours,
   * those that are in the set. Undefined where that is not worth while, or where they are too few.
   */
  private async searchWide(vector: Float32Array, k: number, within: IdSet) {
    const wanted = Math.ceil((wideFactor * k * this.size) / within.size) + k;
    if (!(wanted <= Math.min(widest, this.size / 2))) return undefined;
    const ef = Math.max(this.hnsw!.settings.ef, 2 * wanted);
    const found = await this.hnsw!.search(vector, wanted, { ef });
    const inside = found.filter(({ id }) => within.has(id));
    return inside.length < k ? undefined : inside.slice(0, k);
  }

  /** Has HNSW take in what it lacks, as long as that is little. */
  private async updateHnsw(): Promise<void> {
    if (!this.hnsw) this.use(await this.load());
    while (!this.current) {
      const { held } = this;
      const { ids } = this.exact;
      const change = { added: without(ids, held), removed: without(held, ids) };
      if (!this.fewEnough(change)) return;
      this.held = await this.applyToHnsw(change).then(
        () => ids,
        (error: Error) => {
          this.use(this.hnsw!); // it may have taken in some
          throw error;
        },
      );
    }
  }

  /** Whether HNSW can take in a change beside answering; what is built anew must be small. */
  private fewEnough({ added, removed }: Changes): boolean {
    if (added.length > fewVectors) return false;
    return !this.hnsw!.rebuildsOnRemoving(removed.length) || this.size <= fewVectors;
  }

  /** In slices, between which searches are answered. */
  private async applyToHnsw({ added, removed }: Changes): Promise<void> {
    const { hnsw } = this;
    this.unsaved += added.length + removed.length;
    hnsw!.remove(removed);
    let pause = performance.now() + sliceMs;
    for await (const { ids, rows } of this.exact.read(added, rowsForHnsw)) {
      const width = rows.length / ids.length;
      for (const [row, id] of ids.entries()) {
        hnsw!.add([id], rows.subarray(row * width, (row + 1) * width));
        if (performance.now() < pause) continue;
        await setImmediate();
        pause = performance.now() + sliceMs;
      }
    }
  }

  private startBuild(): void {
    if (this.aborted) return;
    if (this.failedBuild && performance.now() < this.failedBuild.until)
      throw this.failedBuild.error;
    const { catalog, model, modality, file, builds } = this.source;
    this.build = builds.start({ database: catalog.file, model, modality, file });
  }

  /** Puts the graph that was built elsewhere in the place of the one that answers. */
  private async takeBuilt(): Promise<void> {
    const { build } = this;
    if (!build?.ended) return;
    this.build = undefined;
    if (build.error) {
      this.failedBuild = { error: build.error, until: performance.now() + patienceMs };
      throw build.error;
    }
    this.failedBuild = undefined;
    this.tuning = await readTuning(this.source.file);
    if (!this.exactIsBetter) await this.reload();
  }

  /** Takes up what `index tune` has chosen since; true if that calls for an update. */
  private async retune(): Promise<boolean> {
    const before = this.tuning;
    const tuning = await readTuning(this.source.file);
    if (tuning === undefined || isDeepStrictEqual(tuning, before)) return false;
    this.tuning = tuning;
    if (this.hnsw && !this.exactIsBetter) {
      if (!isShapedAs(this.hnsw, tuning)) {
        await this.reload();
        return true;
      }
      this.hnsw.setEf(tuning.ef);
      this.recalls.forget();
    }
    return before?.method !== tuning.method;
  }

  private async reload(): Promise<void> {
    const fresh = await this.load();
    await this.forgetHnsw();
    this.use(fresh);
  }

  private use(hnsw: HnswIndex): void {
    this.hnsw = hnsw;
    this.held = Uint32Array.from(hnsw.ids()).sort();
  }

  /** What does not answer takes no memory. */
  private async forgetHnsw(): Promise<void> {
    const { hnsw } = this;
    this.hnsw = undefined;
    this.unsaved = 0;
    this.recalls.forget();
    await hnsw?.close();
  }

  /** HNSW from its file; an empty one if there is none, none of this catalog, or none as it was tuned. */
  private async load(): Promise<HnswIndex> {
    const { source, tuning } = this;
    const saved = await savedGraph(source);
    if (saved && (!tuning || isShapedAs(saved, tuning))) {
      if (tuning) saved.setEf(tuning.ef);
      return saved;
    }
    await saved?.close();
    const { M, efConstruction, ef } = tuning ?? {};
    const { dimension } = source.model;
    return createHnswIndex({
      dimension,
      ...(M && efConstruction && ef ? { M, efConstruction, ef } : {}),
    });
  }
}

function isShapedAs({ settings }: HnswIndex, { M, efConstruction }: Tuning): boolean {
  return settings.M === M && settings.efConstruction === efConstruction;
}
