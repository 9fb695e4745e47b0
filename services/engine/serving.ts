// One model with its indexes: what answers queries. Which model that is, and when another takes over,
// is the engine's business (local.ts).

import type { Catalog, CatalogModel, ItemFilter, Modality } from '#catalog';
import type { DualEncoder } from '#model';
import type { Neighbour } from '#vectors';
import { Batcher } from '#batcher';
import type { Builds } from './build/builds';
import { Chore } from './chore';
import { indexFile } from './index-files';
import { LiveIndex } from './live-index';
import type { Reader } from './reader/reader';
import { EngineUnavailable, type EngineSearch, type EngineStatus } from './types';

/** Texts in one run of the text tower, however many ask at once. */
const textsInARun = 64;
/** Without news for this long, the indexes are saved. */
const quietMs = 1_000;

/** What the indexes of any model are opened with. */
export interface IndexSetting {
  catalog: Catalog;
  /** The data folder. */
  home: string;
  reader: Reader;
  builds: Builds;
}

export interface ServingSource extends IndexSetting {
  encoder: DualEncoder;
  /** The encoder stays open when this closes. */
  keepEncoder: boolean;
  /** Whether the first query of words shall be as quick as the second. */
  warm: boolean;
}

export interface Indexes {
  fingerprint: string;
  image: LiveIndex;
  text: LiveIndex;
}

/**
 * Opens the indexes of a model: exact at first. That of the pictures is ready then; that of the texts is
 * read afterwards, and lets who asks it wait so long.
 */
export async function openIndexes(
  { home, ...setting }: IndexSetting,
  model: CatalogModel,
): Promise<Indexes> {
  const { fingerprint } = model;
  const open = (modality: Modality) => {
    const file = indexFile(home, fingerprint, modality);
    return new LiveIndex({ ...setting, model, modality, file });
  };
  const image = open('image');
  await image.opened;
  return { fingerprint, image, text: open('text') };
}

export class Serving {
  private readonly texts: Batcher<string, Float32Array>;
  /** Calls that have not been answered yet. */
  private readonly calls = new Set<Promise<unknown>>();
  /** What changes HNSW or its file, one after another. */
  private work: Promise<void> = Promise.resolve();
  /** What other processes write is found at once, however long HNSW is loaded, built or saved. */
  private readonly follows = new Chore(() => this.all((index) => index.follow()));
  private readonly updates = new Chore(() => this.enqueue((index) => index.update()));
  private readonly keeps = new Chore(() => this.enqueue(keep));
  private quietFrom = 0;
  private closed = false;

  private readonly indexes: Record<Modality, LiveIndex>;

  private constructor(
    private readonly source: ServingSource,
    { image, text }: Indexes,
  ) {
    this.indexes = { image, text };
    this.texts = new Batcher((texts) => source.encoder.encodeTexts(texts), textsInARun);
  }

  /**
   * Ready to answer, as far as the catalog goes.
   * @param early indexes that are on their way already, if they are the encoder's
   */
  static async open(
    source: ServingSource,
    early: Promise<Indexes | undefined> = Promise.resolve(undefined),
  ): Promise<Serving> {
    const { catalog, encoder } = source;
    try {
      const model = await catalog.models.register(encoder);
      if (source.warm) await encoder.encodeTexts(['warm']);
      const found = await early;
      if (found?.fingerprint === encoder.fingerprint) return new Serving(source, found);
      await found?.image.close();
      await found?.text.close();
      return new Serving(source, await openIndexes(source, model));
    } catch (error) {
      if (!source.keepEncoder) await encoder.dispose();
      throw error;
    }
  }

  get fingerprint(): string {
    return this.source.encoder.fingerprint;
  }

  get name(): string {
    return this.source.encoder.name;
  }

  status(): EngineStatus {
    const { image, text } = this.indexes;
    const { name, fingerprint, dimension } = this.source.encoder;
    const building = {
      ...(image.building && { image: image.building }),
      ...(text.building && { text: text.building }),
    };
    return {
      state: 'ready',
      model: { name, fingerprint, dimension },
      indexed: { image: image.size, text: text.size },
      method: { image: image.method, text: text.method },
      recall: { image: image.recall, text: text.recall },
      ...(Object.keys(building).length > 0 && { building }),
      ...(this.trouble !== undefined && { error: this.trouble }),
    };
  }

  encodeTexts(texts: string[]): Promise<Float32Array[]> {
    return this.call(async () => (texts.length === 0 ? [] : this.texts.ask(texts)));
  }

  countPieces(texts: string[]): number[] {
    return texts.map((text) => this.source.encoder.countPieces(text));
  }

  encodeImages(images: (string | Uint8Array)[]): Promise<Float32Array[]> {
    const { encoder } = this.source;
    return this.call(async () => (images.length === 0 ? [] : encoder.encodeImages(images)));
  }

  search({ modality, vector, k, filter }: EngineSearch): Promise<Neighbour[]> {
    return this.call(() => this.indexes[modality].search(vector, k, filter));
  }

  background(modality: Modality, vector: Float32Array, filter?: ItemFilter): Promise<Float32Array> {
    return this.call(() => this.indexes[modality].background(vector, filter));
  }

  /** Takes in what has been written to the catalog, and brings the saved indexes up to date. */
  async refresh(): Promise<void> {
    await this.enqueue((index) => index.settle());
    await this.enqueue((index) => index.save());
  }

  /**
   * Goes on in the background: takes in the news, if there are any, and saves the indexes once there
   * have been none for a while. What goes wrong is for status() to say.
   */
  follow(news: boolean): void {
    if (this.closed) return;
    if (news) this.quietFrom = performance.now() + quietMs;
    this.follows.tend(news);
    const behind = Object.values(this.indexes).some((index) => index.hasNews);
    this.updates.tend(behind);
    if (!behind && performance.now() > this.quietFrom) this.keeps.tend(true);
  }

  /** Answers what has been asked before, saves the indexes, and frees them and the model. */
  async close(): Promise<void> {
    this.closed = true;
    const indexes = Object.values(this.indexes);
    await Promise.all(indexes.map((index) => index.abort()));
    await this.work;
    await Promise.allSettled(this.calls);
    try {
      await this.each((index) => index.save());
    } finally {
      await this.each((index) => index.close());
      if (!this.source.keepEncoder) await this.source.encoder.dispose();
    }
  }

  private get trouble(): string | undefined {
    return this.follows.trouble ?? this.updates.trouble ?? this.keeps.trouble;
  }

  private async all(task: (index: LiveIndex) => Promise<void>): Promise<void> {
    await Promise.all(Object.values(this.indexes).map(task));
  }

  private async each(task: (index: LiveIndex) => Promise<void>): Promise<void> {
    for (const index of Object.values(this.indexes)) await task(index);
  }

  private call<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(closedError());
    const call = work().finally(() => this.calls.delete(call));
    this.calls.add(call);
    return call;
  }

  /** Does something with each index, after what was begun before. */
  private enqueue(task: (index: LiveIndex) => Promise<void>): Promise<void> {
    const done = this.work.then(() => {
      if (this.closed) throw closedError();
      return this.each(task);
    });
    this.work = done.catch(() => undefined);
    return done;
  }
}

/** What there is time for while nothing is new. */
async function keep(index: LiveIndex): Promise<void> {
  await index.saveSome();
  await index.measure();
}

function closedError(): EngineUnavailable {
  return new EngineUnavailable('the engine is closed');
}
