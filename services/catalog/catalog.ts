// Opens the catalog and ties its parts together; what each part does stands in its own file.

import path from 'node:path';
import { config } from '#config';
import { backup } from './backup';
import { browse, type Browsed, type BrowseQuery } from './browse';
import { Collections } from './collections';
import { copies, perceptualHashes, type Copies, type PerceptualHash } from './duplicates';
import { Embeddings, type Modality } from './embeddings';
import { facets, type Facets } from './facets';
import { faults, type Finding } from './faults';
import { Files } from './files';
import { filterConditions, filterStatement, type ItemFilter } from './filter';
import {
  captionsByIds,
  datedByIds,
  itemFacts,
  itemsByIds,
  type CaptionDetail,
  type Dated,
  type ItemDetail,
  type ItemFacts,
} from './items';
import { migrate } from './migrate';
import { Models } from './models';
import type { PrismaClient } from './prisma';
import {
  identity,
  inTurn,
  openBulk,
  PRESENT_ITEMS,
  prismaAdapter,
  readIds,
  type Connection,
  version,
} from './sqlite';
import { forgetItems, prune, type Pruned } from './prune';
import { store, type Batch } from './store';
import type { CatalogModel } from './models';
import { carriers, sampleTexts } from './texts';
import {
  countWaiting,
  embedCaptions,
  embedItems,
  unembeddedCaptions,
  unembeddedItems,
  type Waiting,
  type WaitingItem,
} from './waiting';
import { fullText, type TextMatch } from './words';

/** Finds words in captions and file names, on this thread or another. */
export interface FullText {
  fullText(words: string, query: TextQuery): TextMatch[] | Promise<TextMatch[]>;
}

export interface TextQuery {
  limit: number;
  filter?: ItemFilter | undefined;
  /** Texts: what one of them matches does not come. */
  not?: readonly string[] | undefined;
}

/** What a catalog holds, in numbers. */
export interface Counts {
  items: number;
  files: { present: number; missing: number; failed: number };
  captions: number;
  collections: number;
}

export interface PageQuery {
  limit: number;
  offset?: number | undefined;
  collection?: string | undefined;
}

export class Catalog implements FullText {
  readonly models: Models;
  readonly files: Files;
  readonly collections: Collections;
  readonly embeddings: Embeddings;
  /** Made with the database: no other has it, not even one that takes its place in the same file. */
  readonly id: string;

  private constructor(
    readonly file: string,
    private readonly prisma: PrismaClient,
    private readonly bulk: Connection,
  ) {
    this.models = new Models(prisma, bulk);
    this.files = new Files(prisma, bulk);
    this.collections = new Collections(prisma, bulk);
    this.embeddings = new Embeddings(bulk);
    this.id = identity(bulk);
  }

  static async open(file: string): Promise<Catalog> {
    await migrate(file);
    // Loaded here: who only reads embeddings (openEmbeddings) can do without.
    const { PrismaClient } = await import('./prisma');
    const bulk = await inTurn(() => openBulk(file));
    return new Catalog(file, new PrismaClient({ adapter: prismaAdapter(file) }), bulk);
  }

  /** Changes when anybody, in any process, has written to the catalog. Costs microseconds. */
  version(): number {
    return version(this.bulk);
  }

  /**
   * The ids, ascending, of all items (image) that satisfy a filter, or of their captions (text): of
   * those without an embedding too, and where the filter does not say, of the missing.
   *
   * @throws UnknownCollection if there is none of the name in the filter.
   */
  filtered(filter: ItemFilter, modality: Modality): Uint32Array {
    const { sql, parameters } = filterStatement(filter, this.collectionOf(filter), modality);
    return readIds(this.bulk, sql, parameters);
  }

  /**
   * How many pictures of each kind satisfy a filter, of those on the disk if it does not say which;
   * each kind is counted without the filter's own condition on it. About 0.1 s for 100,000 pictures.
   *
   * @throws UnknownCollection if there is none of the name in the filter.
   */
  facets(filter: ItemFilter = {}): Facets {
    return facets(this.bulk, filter, this.collectionOf(filter));
  }

  /**
   * Items on the disk of which one caption or one file name has all of `words`, in any order: the shortest
   * text first, each item once. The last word may be the beginning of one, what stands in double
   * quotes is a phrase, and nothing else is syntax.
   *
   * @throws UnknownCollection if there is none of the name in the filter.
   */
  fullText(words: string, { limit, filter = {}, not = [] }: TextQuery): TextMatch[] {
    const conditions = filterConditions(filter, this.collectionOf(filter));
    return fullText(this.bulk, words, limit, not, conditions);
  }

  /** Stores pictures with captions and embeddings: all of the batch, or nothing. */
  store(batch: Batch): Promise<void> {
    return store(this.bulk, batch);
  }

  /** Items by id, with path and captions; ids that are gone are absent. */
  async items(ids: number[]): Promise<Map<number, ItemDetail>> {
    return itemsByIds(this.bulk, ids);
  }

  /** All that is known of one item; null if there is none. */
  itemFacts(id: number): ItemFacts | null {
    return itemFacts(this.bulk, id);
  }

  /**
   * Items in order of time, a page after the other.
   *
   * @throws UnknownCollection, InvalidCursor
   */
  list(query: BrowseQuery): Browsed {
    return browse(this.bulk, query, this.collectionOf(query.filter ?? {}));
  }

  /** A page of the items that are on the disk, in order of id; of one collection, if given. */
  async page({ limit, offset = 0, collection }: PageQuery): Promise<ItemDetail[]> {
    const ids = await this.presentIds(collection);
    return this.inOrder(ids.slice(offset, offset + limit));
  }

  /** At most `count` of the items that are on the disk, evenly spread; of one collection, if given. */
  async sample(count: number, collection?: string): Promise<ItemDetail[]> {
    const ids = await this.presentIds(collection);
    const step = Math.max(1, ids.length / count);
    const picked = ids.filter((_, n) => Math.floor(n / step) !== Math.floor((n - 1) / step));
    return this.inOrder(picked.slice(0, count));
  }

  /** Captions by id, each with its item; ids that are gone are absent. */
  async captions(ids: number[]): Promise<Map<number, CaptionDetail>> {
    return captionsByIds(this.bulk, ids);
  }

  /**
   * When the pictures of these items (image) or captions (text) were taken, in the order of `ids`; only
   * of those on the disk, or only of the missing. A text that several captions have comes once.
   */
  dated(ids: readonly number[], modality: Modality, missing = false): Dated[] {
    return datedByIds(this.bulk, ids, modality, missing);
  }

  /** At most `count` different captions of pictures on the disk, evenly spread over the catalog. */
  sampleTexts(count: number): string[] {
    return sampleTexts(this.bulk, count);
  }

  /** The items that carry each text, word for word; texts that none carries are absent. */
  carriers(texts: readonly string[]): Map<string, number[]> {
    return carriers(this.bulk, texts);
  }

  /** How much waits for an embedding by a model. A second for a million of items. */
  countWaiting(model: CatalogModel): Waiting {
    return countWaiting(this.bulk, model);
  }

  /** Items on the disk that lack an embedding by a model, in order of id, from the one after `after` on. */
  unembeddedItems(model: CatalogModel, after: number, limit: number): WaitingItem[] {
    return unembeddedItems(this.bulk, model, after, limit);
  }

  /** Stores embeddings of items: all of them, or nothing. Items that are gone are skipped. */
  embedItems(model: CatalogModel, vectors: ReadonlyMap<number, Float32Array>): Promise<void> {
    return embedItems(this.bulk, model, vectors);
  }

  /**
   * Captions that lack an embedding under a model although their picture has one, in order of id,
   * from the one after `after` on.
   */
  unembeddedCaptions(model: CatalogModel, after: number, limit: number) {
    return unembeddedCaptions(this.prisma, model, after, limit);
  }

  /** Stores embeddings of captions: all of them, or nothing. Captions that are gone are skipped. */
  embedCaptions(model: CatalogModel, vectors: ReadonlyMap<number, Float32Array>): Promise<void> {
    return embedCaptions(this.bulk, model, vectors);
  }

  /**
   * Forgets the missing files at or under `root` (absolute), and the items that have no other file,
   * with all that belongs to them. Interrupted, it has done a part; run again, the rest.
   */
  prune(root: string): Promise<Pruned> {
    return prune(this.bulk, root);
  }

  /**
   * Forgets items with all that belongs to them, and that their files were there: an ingest takes in
   * anew what is still on the disk. All of them, or none. Returns how many there were.
   */
  forgetItems(ids: readonly number[]): Promise<number> {
    return forgetItems(this.bulk, ids);
  }

  /** What is wrong inside the database, as it is found; mended too, if asked for. */
  faults(repair: boolean): AsyncGenerator<Finding, void, undefined> {
    return faults(this.bulk, repair);
  }

  /** Of these items, those with more than one file on the disk. */
  copies(ids: Uint32Array): Copies[] {
    return copies(this.bulk, ids);
  }

  /** The perceptual hashes of these items, in order of id; some have none. */
  perceptualHashes(ids: Uint32Array): PerceptualHash[] {
    return perceptualHashes(this.bulk, ids);
  }

  /** Copies the database to `file` as it is now, complete or not at all, while others go on. */
  backup(file: string, onProgress: (share: number) => void): Promise<void> {
    return backup(this.file, path.resolve(file), onProgress);
  }

  async counts(): Promise<Counts> {
    const { prisma } = this;
    const files = (status: string) => prisma.file.count({ where: { status } });
    return {
      items: await prisma.item.count(),
      files: {
        present: await files('present'),
        missing: await files('missing'),
        failed: await files('failed'),
      },
      captions: await prisma.caption.count(),
      collections: await prisma.collection.count(),
    };
  }

  /** The id of a filter's collection. */
  private collectionOf({ collection }: ItemFilter): number | undefined {
    return collection === undefined ? undefined : this.collections.find(collection);
  }

  private async presentIds(collection?: string): Promise<number[]> {
    const present = this.bulk.prepare(PRESENT_ITEMS).pluck().all() as number[];
    if (collection === undefined) return present;
    const members = new Set(await this.collections.ids(collection, 'image'));
    return present.filter((id) => members.has(id));
  }

  private async inOrder(ids: number[]): Promise<ItemDetail[]> {
    const items = await this.items(ids);
    return ids.flatMap((id) => items.get(id) ?? []);
  }

  async close(): Promise<void> {
    await this.prisma.$disconnect();
    this.bulk.close();
  }
}

/**
 * Opens the catalog, made or brought up to date if need be.
 *
 * @param file - the database; by default bifocal.db in the data folder.
 */
export function openCatalog(file = path.join(config().home, 'bifocal.db')): Promise<Catalog> {
  return Catalog.open(path.resolve(file));
}
