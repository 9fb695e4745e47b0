// The engine in this process: one model serves, another may be opened beside it and take over. The
// command line uses it as it is; a server uses it through a process of its own (child.ts), because
// encoding blocks the thread.

import path from 'node:path';
import { openCatalog, type Catalog, type CatalogModel } from '#catalog';
import { config } from '#config';
import { loadDualEncoder, type DualEncoder } from '#model';
import type { Neighbour } from '#vectors';
import { Builds } from './build/builds';
import { loadCatalogModel, loadModelInUse } from './model-in-use';
import { readPreparing } from './preparing';
import { Reader } from './reader/reader';
import { openIndexes, Serving, type Indexes, type IndexSetting } from './serving';
import {
  EngineUnavailable,
  ModelChanged,
  type Engine,
  type EngineBackground,
  type EngineOptions,
  type EngineSearch,
  type EngineStatus,
  type Preparing,
} from './types';

/** What the caller has open already; it stays open when the engine closes. */
export interface EngineParts {
  encoder?: DualEncoder;
  catalog?: Catalog;
  /** The first query of words is to be as quick as the second: the text tower is loaded at once. */
  warm?: boolean;
  /** Of the catalog's file; it closes with the engine. */
  reader?: Reader;
}

/** What every model of an engine is opened with. */
interface Setting extends IndexSetting {
  device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  threads: number;
  /** Beside a server: threads that wait for the next text would take half a processor from it. */
  waitAsleep: boolean;
}

export class LocalEngine implements Engine {
  private seen: number;
  private preparing: Preparing | undefined;
  /** Whether the catalog may name another model by now. */
  private unsure = true;
  /** Another model on its way to take over. */
  private change: Promise<void> | undefined;
  /** When the model was taken into use that could not take over, and why not. */
  private refused: { usedAt: number | undefined; reason: string } | undefined;
  private closed = false;

  private constructor(
    private readonly setting: Setting,
    private serving: Serving,
    /** Whether the catalog says which model serves. */
    private readonly follows: boolean,
    private readonly release: () => Promise<void>,
  ) {
    this.seen = setting.catalog.version();
  }

  static async open(options: EngineOptions & EngineParts = {}): Promise<LocalEngine> {
    const { home = config().home, device = config().device, threads = config().threads } = options;
    const catalog = options.catalog ?? (await openCatalog(path.join(home, 'bifocal.db')));
    const reader = options.reader ?? new Reader(catalog.file);
    const release = async () => {
      await reader.close();
      if (!options.catalog) await catalog.close();
    };
    const waitAsleep = options.warm === true;
    const setting = { catalog, home, device, threads, waitAsleep, reader, builds: new Builds() };
    try {
      const keepEncoder = options.encoder !== undefined;
      const early = openLikely(setting);
      const encoder = options.encoder ?? (await loadEncoder(setting, options.model));
      const source = { ...setting, encoder, keepEncoder, warm: waitAsleep };
      const serving = await Serving.open(source, early);
      const follows = !keepEncoder && options.model === undefined;
      return new LocalEngine(setting, serving, follows, release);
    } catch (error) {
      await release();
      throw error;
    }
  }

  status(): Promise<EngineStatus> {
    const error = this.refused?.reason;
    return Promise.resolve({
      ...this.serving.status(),
      ...(this.preparing && { preparing: this.preparing }),
      ...(error !== undefined && { error }),
    });
  }

  async encodeTexts(texts: string[], model?: string): Promise<Float32Array[]> {
    return this.of(model).encodeTexts(texts);
  }

  async countPieces(texts: string[], model?: string): Promise<number[]> {
    return this.of(model).countPieces(texts);
  }

  async encodeImages(images: (string | Uint8Array)[], model?: string): Promise<Float32Array[]> {
    return this.of(model).encodeImages(images);
  }

  async search(request: EngineSearch): Promise<Neighbour[]> {
    return this.of(request.model).search(request);
  }

  async background(request: EngineBackground): Promise<Float32Array> {
    const { modality, vector, filter } = request;
    return this.of(request.model).background(modality, vector, filter);
  }

  async refresh(): Promise<void> {
    await this.of().refresh();
  }

  /** Follows what other processes have written, in the background; to be called every so often. */
  async poll(): Promise<void> {
    this.preparing = await readPreparing(this.setting.home);
    if (this.closed) return;
    const version = this.setting.catalog.version();
    const news = version !== this.seen;
    this.seen = version;
    this.serving.follow(news);
    this.unsure ||= news;
    if (!this.follows || !this.unsure || this.change) return;
    this.unsure = false;
    this.change = this.followModel().finally(() => (this.change = undefined));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.change;
    await this.serving.close();
    await this.release();
  }

  /** The model that serves. Throws if it is not the one that a query began with. */
  private of(model?: string): Serving {
    if (this.closed) throw new EngineUnavailable('the engine is closed');
    if (model !== undefined && model !== this.serving.fingerprint) {
      throw new ModelChanged(`${this.serving.name} serves now; ask again`);
    }
    return this.serving;
  }

  /** Lets the model take over that the catalog says is in use, if it is another. */
  private async followModel(): Promise<void> {
    let usedAt: number | undefined;
    let name = 'the model in use';
    try {
      const inUse = await this.setting.catalog.models.serving();
      if (!inUse) return;
      ({ name } = inUse);
      usedAt = inUse.usedAt?.getTime();
      // Whoever has mended it takes it into use again.
      if (usedAt === this.refused?.usedAt) return;
      if (inUse.fingerprint === this.serving.fingerprint) this.refused = undefined;
      else await this.takeOver(inUse);
    } catch (error) {
      const reason = `${name} cannot take over from ${this.serving.name}: ${(error as Error).message}`;
      this.refused = { usedAt, reason };
    }
  }

  /**
   * Opens a model with its indexes beside those that serve, and puts it in their place in one step.
   * What was asked before is answered by the old ones, which then close.
   */
  private async takeOver(model: CatalogModel): Promise<void> {
    const encoder = await loadCatalogModel(model, this.setting);
    const next = await Serving.open({ ...this.setting, encoder, keepEncoder: false, warm: true });
    const before = this.serving;
    this.serving = next;
    this.refused = undefined;
    next.follow(true);
    // It serves no more: what goes wrong now (a full disk) costs time when it is opened next.
    await before.close().catch(({ message }: Error) => {
      process.stderr.write(`bifocal: the indexes of ${before.name} were not saved: ${message}\n`);
    });
  }
}

/**
 * Begins to read the indexes of the model that will serve, if nothing is unusual, while it is loaded:
 * the one in use, or the only one that there is.
 */
async function openLikely(setting: Setting): Promise<Indexes | undefined> {
  try {
    const { models } = setting.catalog;
    const known = await models.list();
    const likely = (await models.serving()) ?? (known.length === 1 ? known[0] : undefined);
    return likely && (await openIndexes(setting, likely));
  } catch {
    return undefined; // then they are read once it is loaded, and what is wrong with them is said
  }
}

function loadEncoder(setting: Setting, model?: string): Promise<DualEncoder> {
  const { catalog, device, threads, waitAsleep } = setting;
  const options = { device, threads, waitAsleep };
  return model === undefined ? loadModelInUse(catalog, options) : loadDualEncoder(model, options);
}
