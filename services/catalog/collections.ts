// Named sets of items.

import type { Modality } from './embeddings';
import type { PrismaClient } from './prisma';
import { MEMBERS, type Connection } from './sqlite';

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
