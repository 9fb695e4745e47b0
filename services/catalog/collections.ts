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
    return this.database
      .prepare(MEMBERS[modality])
      .pluck()
      .all(await this.find(name)) as number[];
  }

  private async find(name: string): Promise<number> {
    const found = await this.prisma.collection.findUnique({ where: { name } });
    if (found) return found.id;
    const names = (await this.list()).map((collection) => collection.name);
    throw new UnknownCollection(
      `no collection is named ${name}; there ${names.length === 0 ? 'is none yet' : `are: ${names.join(', ')}`}`,
    );
  }
}

export class UnknownCollection extends Error {
  override readonly name = 'UnknownCollection';
}
