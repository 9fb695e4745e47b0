// Paths and what was found there last: for skipping the unchanged, recording failures, noticing the vanished.

import { folderBounds } from './filter';
import type { PrismaClient } from './prisma';
import { HAS_ITEM, type Connection, type Statement } from './sqlite';
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

export interface KnownItem {
  id: number;
  content: Content;
  /** Whether it has an embedding under the model that was asked for. */
  embedded: boolean;
  captions: { text: string; source: string }[];
}

/** How many rows a query names or a page holds; well under SQLite's limit on parameters. */
const PAGE = 1000;

const itemFields = (modelId: number) => ({
  include: {
    captions: { select: { text: true, source: true } },
    embeddings: { where: { modelId }, select: { id: true } },
  },
});

export class Files {
  private readonly hasItem: Statement;

  constructor(
    private readonly prisma: PrismaClient,
    database: Connection,
  ) {
    this.hasItem = database.prepare(HAS_ITEM);
  }

  /** What is known of these paths (absolute), by path. */
  async known(paths: string[], modelId: number): Promise<Map<string, KnownFile>> {
    const rows = await this.prisma.file.findMany({
      where: { path: { in: paths } },
      include: { item: itemFields(modelId) },
    });
    return new Map(
      rows.map(({ path, size, mtimeMs, status, item }) => [
        path,
        {
          path,
          size: Number(size),
          mtimeMs,
          status: status as KnownFile['status'],
          item: item && knownItem(item),
        },
      ]),
    );
  }

  /** The item of a content, whatever paths hold it. */
  async itemOf(sha256: string, modelId: number): Promise<KnownItem | null> {
    // Asked for every new picture; most are not there, and Prisma takes a hundred times as long.
    if (this.hasItem.get(sha256) === undefined) return null;
    const row = await this.prisma.item.findUnique({ where: { sha256 }, ...itemFields(modelId) });
    return row && knownItem(row);
  }

  /** Records that a file cannot be used, and why; what it held before stays known. */
  async fail(failure: { path: string; size: number; mtimeMs: number; reason: string }) {
    const { path, mtimeMs, reason } = failure;
    const state = { size: BigInt(failure.size), mtimeMs, reason, status: 'failed' };
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

  /** Marks files as gone from the disk. Their items stay. Returns how many had been present. */
  async markMissing(ids: number[]): Promise<number> {
    if (ids.length === 0) return 0;
    return write(this.prisma, async (tx) => {
      const id = { in: ids };
      const present = await tx.file.count({ where: { id, status: 'present' } });
      await tx.file.deleteMany({ where: { id, itemId: null } });
      await tx.file.updateMany({ where: { id }, data: { status: 'missing', reason: null } });
      return present;
    });
  }

  /** Files that could not be used, with the reason. */
  async failures(): Promise<{ path: string; reason: string }[]> {
    const rows = await this.prisma.file.findMany({
      where: { status: 'failed' },
      select: { path: true, reason: true },
      orderBy: { path: 'asc' },
    });
    return rows.map(({ path, reason }) => ({ path, reason: reason ?? 'unknown' }));
  }
}

interface ItemRow {
  id: number;
  sha256: string;
  width: number;
  height: number;
  format: string;
  bytes: bigint;
  takenAt: Date | null;
  camera: string | null;
  latitude: number | null;
  longitude: number | null;
  perceptualHash: string | null;
  captions: { text: string; source: string }[];
  embeddings: { id: number }[];
}

function knownItem({ id, captions, embeddings, ...row }: ItemRow): KnownItem {
  const { sha256, width, height, format } = row;
  const content = { sha256, width, height, format, bytes: Number(row.bytes) };
  return {
    id,
    content: {
      ...content,
      takenAt: row.takenAt ?? undefined,
      camera: row.camera ?? undefined,
      latitude: row.latitude ?? undefined,
      longitude: row.longitude ?? undefined,
      perceptualHash: row.perceptualHash ?? undefined,
    },
    embedded: embeddings.length > 0,
    captions,
  };
}
