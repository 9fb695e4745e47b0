// The engine in this process: one model, one live index a modality. The command line uses it as it
// is; a server uses it through a process of its own (child.ts), because encoding blocks the thread.

import path from 'node:path';
import { openCatalog, type Catalog, type Modality } from '#catalog';
import { config } from '#config';
import { loadDualEncoder, type DualEncoder } from '#model';
import { IdSet, type Neighbour } from '#vectors';
import { Batcher } from './batcher';
import { LiveIndex } from './live-index';
import {
  EngineUnavailable,
  type Engine,
  type EngineOptions,
  type EngineSearch,
  type EngineStatus,
} from './types';

/** Texts in one run of the text tower, however many ask at once. */
const textsInARun = 64;

/** What the caller has open already; it stays open when the engine closes. */
export interface EngineParts {
  encoder?: DualEncoder;
  catalog?: Catalog;
}

export class LocalEngine implements Engine {
  private readonly texts: Batcher<string, Float32Array>;
  /** Updates and saves, one after another. */
  private work: Promise<void> = Promise.resolve();
  private seen: number;
  private closed = false;
  private trouble: string | undefined;

  private constructor(
    private readonly encoder: DualEncoder,
    private readonly catalog: Catalog,
    private readonly indexes: Record<Modality, LiveIndex>,
    private readonly release: () => Promise<void>,
  ) {
    this.texts = new Batcher((texts) => encoder.encodeTexts(texts), textsInARun);
    this.seen = catalog.version();
  }

  static async open(options: EngineOptions & EngineParts = {}): Promise<LocalEngine> {
    const settings = config();
    const home = options.home ?? settings.home;
    const { device = settings.device, threads = settings.threads } = options;
    const encoder =
      options.encoder ??
      (await loadDualEncoder(options.model ?? settings.model, { device, threads }));
    let catalog = options.catalog;
    const release = async () => {
      if (!options.catalog) await catalog?.close();
      if (!options.encoder) await encoder.dispose();
    };
    try {
      catalog ??= await openCatalog(path.join(home, 'bifocal.db'));
      const indexes = await openIndexes(catalog, encoder, path.join(home, 'index'));
      const engine = new LocalEngine(encoder, catalog, indexes, release);
      engine.inBackground(() => engine.update());
      return engine;
    } catch (error) {
      await release();
      throw error;
    }
  }

  status(): Promise<EngineStatus> {
    const { name, fingerprint, dimension } = this.encoder;
    const { image, text } = this.indexes;
    return Promise.resolve({
      state: 'ready',
      model: { name, fingerprint, dimension },
      indexed: { image: image.size, text: text.size },
      method: { image: image.method, text: text.method },
      ...(this.trouble === undefined ? {} : { error: this.trouble }),
    });
  }

  async encodeTexts(texts: string[]): Promise<Float32Array[]> {
    this.checkOpen();
    return texts.length === 0 ? [] : this.texts.encode(texts);
  }

  async encodeImages(images: (string | Uint8Array)[]): Promise<Float32Array[]> {
    this.checkOpen();
    return images.length === 0 ? [] : this.encoder.encodeImages(images);
  }

  async search({ modality, vector, k, within }: EngineSearch): Promise<Neighbour[]> {
    this.checkOpen();
    return this.indexes[modality].search(vector, k, within && new IdSet(within));
  }

  refresh(): Promise<void> {
    return this.enqueue(async () => {
      await this.update();
      await this.save();
    });
  }

  /** Takes in what other processes have written, if they have; saves the indexes once they are quiet. */
  async poll(): Promise<void> {
    const version = this.catalog.version();
    const news = version !== this.seen;
    this.seen = version;
    this.inBackground(() => (news ? this.update() : this.save()));
    await this.work;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const indexes = Object.values(this.indexes);
    for (const index of indexes) index.abort();
    await this.work;
    try {
      await this.save();
    } finally {
      for (const index of indexes) await index.close();
      await this.release();
    }
  }

  private async update(): Promise<void> {
    for (const index of Object.values(this.indexes)) await index.update();
  }

  private async save(): Promise<void> {
    for (const index of Object.values(this.indexes)) await index.save();
  }

  private enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.work.then(() => {
      this.checkOpen();
      return task();
    });
    this.work = done.catch(() => undefined);
    return done;
  }

  /** Nobody waits for it, so what goes wrong is for status() to say. */
  private inBackground(task: () => Promise<void>): void {
    this.enqueue(task).then(
      () => (this.trouble = undefined),
      (error: Error) => (this.trouble = error.message),
    );
  }

  private checkOpen(): void {
    if (this.closed) throw new EngineUnavailable('the engine is closed');
  }
}

async function openIndexes(
  catalog: Catalog,
  encoder: DualEncoder,
  folder: string,
): Promise<Record<Modality, LiveIndex>> {
  const model = await catalog.models.register(encoder);
  const open = (modality: Modality) =>
    LiveIndex.open({
      catalog,
      model,
      modality,
      file: path.join(folder, encoder.fingerprint, `${modality}.hnsw`),
    });
  return { image: await open('image'), text: await open('text') };
}
