// Paths and what was found there last: for skipping the unchanged, recording failures, noticing the vanished.

import { folderBounds } from './filter';
import type { PrismaClient } from './prisma';
import {
  atomically,
  COUNT_PRESENT,
  DELETE_UNREADABLE,
  MARK_MISSING,
  DISTRUST_FILES,
  FAILURES,
  FILES_PAGE,
  KNOWN_FILES,
  KNOWN_ITEM,
  type Connection,
} from './sqlite';
import type { Content } from './store';
import { write } from './transaction';

export interface KnownFile {
  path: string;
  size: number;
  mtimeMs: number;
  status: 'present' | 'missing' | 'failed';
  /** The content it had when it was last readable. */
  item: KnownItem | null;
}

/** What was found at a path, and the content it had. */
export interface FileState {
  id: number;
  path: string;
  size: number;
  mtimeMs: number;
  status: 'present' | 'missing' | 'failed';
  sha256: string | null;
}

export interface Failure {
  path: string;
  reason: string;
  /** The one that it was to be in, by name. */
  collection: string | null;
}

interface Failed {
  path: string;
  size: number;
  mtimeMs: number;
  reason: string;
  collection?: string | undefined;
}

export interface KnownItem {
  id: number;
  content: Content;
  /** Whether it has an embedding under the model that was asked for. */
  embedded: boolean;
  captions: { text: string; source: string }[];
}

/** How many rows a page holds; well under SQLite's limit on parameters. */
const PAGE = 1000;

export class Files {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly database: Connection,
  ) {}

  /** What is known of these paths (absolute), by path. Some 20 µs a path, a tenth of Prisma's time. */
  async known(paths: string[], modelId: number): Promise<Map<string, KnownFile>> {
    const rows = this.database
      .prepare(KNOWN_FILES)
      .all({ paths: JSON.stringify(paths), model: modelId }) as (FileRow & (ItemRow | NoItemRow))[];
    return new Map(
      rows.map(({ path, size, mtimeMs, status, ...item }) => [
        path,
        { path, size, mtimeMs, status, item: item.id === null ? null : knownItem(item) },
      ]),
    );
  }

  /** The item of a content, whatever paths hold it. */
  async itemOf(sha256: string, modelId: number): Promise<KnownItem | null> {
    const row = this.database.prepare(KNOWN_ITEM).get({ sha256, model: modelId });
    return row === undefined ? null : knownItem(row as ItemRow);
  }

  /**
   * Records that a file cannot be used, why, and the collection that it was to be in; what it held before
   * stays known.
   */
  async fail({ path, size, collection, ...why }: Failed) {
    const into = collection === undefined ? {} : { collection };
    const state = { size: BigInt(size), ...why, ...into, status: 'failed' };
    await write(this.prisma, (tx) =>
      tx.file.upsert({ where: { path }, create: { path, ...state }, update: state }),
    );
  }

  /** The files at or under `root` that should be on the disk, in pages. */
  async *under(root: string): AsyncGenerator<{ id: number; path: string }[]> {
    const [, inside, end] = folderBounds(root);
    const bounds = { gte: root, lt: end };
    for (let last = ''; ;) {
      const page = await this.prisma.file.findMany({
        where: {
          status: { not: 'missing' },
          path: { ...bounds, gt: last },
          OR: [{ path: root }, { path: { startsWith: inside } }],
        },
        select: { id: true, path: true },
        orderBy: { path: 'asc' },
        take: PAGE,
      });
      if (page.length === 0) return;
      yield page;
      last = page.at(-1)!.path;
    }
  }

  /** Every file, whatever its state, in pages. */
  *all(): Generator<FileState[]> {
    const page = this.database.prepare(FILES_PAGE);
    for (let last = 0; ;) {
      const rows = page.all(last, PAGE) as FileState[];
      if (rows.length === 0) return;
      yield rows;
      last = rows.at(-1)!.id;
    }
  }

  /** Makes the next ingest read these files again. */
  async distrust(ids: number[]): Promise<void> {
    const statement = this.database.prepare(DISTRUST_FILES);
    await atomically(this.database, () => statement.run(JSON.stringify(ids)));
  }

  /** Marks files as gone from the disk. Their items stay. Returns how many had been present. */
  async markMissing(ids: number[]): Promise<number> {
    const { database } = this;
    const list = JSON.stringify(ids);
    return atomically(database, () => {
      const present = database.prepare(COUNT_PRESENT).pluck().get(list) as number;
      database.prepare(DELETE_UNREADABLE).run(list);
      database.prepare(MARK_MISSING).run(list);
      return present;
    });
  }

  /** Files that could not be used, with the reason, by path; a page of them, if asked for. */
  failures({ limit = -1, offset = 0 } = {}): Failure[] {
    return this.database.prepare(FAILURES).all(limit, offset) as Failure[];
  }

  /** How many files could not be used. */
  countFailed(): Promise<number> {
    return this.prisma.file.count({ where: { status: 'failed' } });
  }
}

type FileRow = Pick<KnownFile, 'path' | 'size' | 'mtimeMs' | 'status'>;

interface NoItemRow {
  id: null;
}

interface ItemRow {
  id: number;
  sha256: string;
  width: number;
  height: number;
  format: string;
  bytes: number;
  /** Milliseconds since 1970. */
  takenAt: number | null;
  camera: string | null;
  latitude: number | null;
  longitude: number | null;
  perceptualHash: string | null;
  embedded: 0 | 1;
  /** A JSON array. */
  captions: string;
}

function knownItem({ id, embedded, captions, ...row }: ItemRow): KnownItem {
  const { sha256, width, height, format, bytes } = row;
  return {
    id,
    content: {
      sha256,
      width,
      height,
      format,
      bytes,
      takenAt: row.takenAt === null ? undefined : new Date(row.takenAt),
      camera: row.camera ?? undefined,
      latitude: row.latitude ?? undefined,
      longitude: row.longitude ?? undefined,
      perceptualHash: row.perceptualHash ?? undefined,
    },
    embedded: embedded === 1,
    captions: JSON.parse(captions) as KnownItem['captions'],
  };
}
