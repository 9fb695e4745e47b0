// Named sets of items.

import type { Modality } from './embeddings';
import type { PrismaClient } from './prisma';
import {
  ADD_MEMBERS,
  atomically,
  INSERT_COLLECTION,
  MEMBERS,
  PRESENT_MEMBERS,
  readIds,
  REMOVE_MEMBERS,
  type Connection,
} from './sqlite';
import { write } from './transaction';

/** A collection as a page shows it. */
export interface CollectionOverview {
  name: string;
  items: number;
  /** Those of them that are on the disk. */
  present: number;
  /** At most four ids of items on the disk, evenly spread over it. */
  covers: number[];
  createdAt: Date;
}

const COVERS = 4;

export class Collections {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly database: Connection,
  ) {}

  /** Every collection with the number of its items, by name. */
  async list(): Promise<{ name: string; items: number }[]> {
    const rows = await this.prisma.collection.findMany({
      orderBy: { name: 'asc' },
      include: { _count: { select: { items: true } } },
    });
    return rows.map(({ name, _count }) => ({ name, items: _count.items }));
  }

  /** Every collection, by name, with a few of its pictures. */
  async overview(): Promise<CollectionOverview[]> {
    const rows = await this.prisma.collection.findMany({
      orderBy: { name: 'asc' },
      include: { _count: { select: { items: true } } },
    });
    return rows.map(({ id, name, createdAt, _count }) => {
      const present = readIds(this.database, PRESENT_MEMBERS, [id]);
      const step = Math.max(1, present.length / COVERS);
      const covers = Array.from(
        { length: Math.min(COVERS, present.length) },
        (_, n) => present[Math.floor(n * step)]!,
      );
      return { name, items: _count.items, present: present.length, covers, createdAt };
    });
  }

  /**
   * Forgets a collection. Its items stay.
   *
   * @throws UnknownCollection if there is none of that name.
   */
  async remove(name: string): Promise<void> {
    const id = this.find(name);
    await write(this.prisma, (tx) => tx.collection.deleteMany({ where: { id } }));
  }

  /** Puts items into a collection, which is made if there is none of that name. Returns how many were not in it. */
  async add(name: string, ids: readonly number[]): Promise<number> {
    return atomically(this.database, () => {
      this.database.prepare(INSERT_COLLECTION).run(name, Date.now());
      return this.database.prepare(ADD_MEMBERS).run(name, JSON.stringify(ids)).changes;
    });
  }

  /**
   * Takes items out of a collection; they stay in the library. Returns how many were in it.
   *
   * @throws UnknownCollection if there is none of that name.
   */
  async takeOut(name: string, ids: readonly number[]): Promise<number> {
    const id = this.find(name);
    return atomically(
      this.database,
      () => this.database.prepare(REMOVE_MEMBERS).run(id, JSON.stringify(ids)).changes,
    );
  }

  /**
   * The ids of a collection's items (image), or of their captions (text), ascending.
   *
   * @throws UnknownCollection if there is none of that name.
   */
  async ids(name: string, modality: Modality): Promise<number[]> {
    return this.database.prepare(MEMBERS[modality]).pluck().all(this.find(name)) as number[];
  }

  /** The id of a collection. Throws UnknownCollection if there is none of that name. */
  find(name: string): number {
    const find = this.database.prepare('SELECT "id" FROM "Collection" WHERE "name" = ?').pluck();
    const id = find.get(name) as number | undefined;
    if (id !== undefined) return id;
    const names = this.database
      .prepare('SELECT "name" FROM "Collection" ORDER BY "name"')
      .pluck()
      .all();
    throw new UnknownCollection(
      `no collection is named ${name}; there ${names.length === 0 ? 'is none yet' : `are: ${names.join(', ')}`}`,
    );
  }
}

export class UnknownCollection extends Error {
  override readonly name = 'UnknownCollection';
}
