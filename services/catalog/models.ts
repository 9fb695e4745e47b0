// Models that have embeddings in the catalog, by fingerprint.

import type { PrismaClient } from './prisma';
import { atomically, COUNT_EMBEDDED, DELETE_EMBEDDINGS, MODEL, type Connection } from './sqlite';
import { write } from './transaction';

export interface CatalogModel {
  id: number;
  /** Hex sha256 over what decides the embeddings: graphs, tokenizer, preprocessing settings. */
  fingerprint: string;
  name: string;
  folder: string;
  dimension: number;
  /** When it was last taken into use, to serve. */
  usedAt: Date | null;
}

interface ModelRow extends Omit<CatalogModel, 'usedAt'> {
  /** Milliseconds since 1970. */
  usedAt: number | null;
}

const fields = {
  id: true,
  fingerprint: true,
  name: true,
  folder: true,
  dimension: true,
  usedAt: true,
} as const;

export class Models {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly database: Connection,
  ) {}

  /** The model's row, made or renamed as needed. */
  async register(model: Omit<CatalogModel, 'id' | 'usedAt'>): Promise<CatalogModel> {
    const { fingerprint, name, folder, dimension } = model;
    const known = await this.find(fingerprint);
    if (known?.name === name && known.folder === folder) return known;
    return write(this.prisma, (tx) =>
      tx.model.upsert({
        where: { fingerprint },
        create: { fingerprint, name, folder, dimension },
        update: { name, folder },
        select: fields,
      }),
    );
  }

  /** Through the driver, in a tenth of the time that Prisma takes: searches ask for it. */
  async find(fingerprint: string): Promise<CatalogModel | null> {
    const row = this.database.prepare(MODEL).get(fingerprint) as ModelRow | undefined;
    return row ? { ...row, usedAt: row.usedAt === null ? null : new Date(row.usedAt) } : null;
  }

  list(): Promise<CatalogModel[]> {
    return this.prisma.model.findMany({ select: fields, orderBy: { id: 'asc' } });
  }

  /** How many embeddings a model has. */
  embedded({ id: model }: CatalogModel): { images: number; texts: number } {
    return this.database.prepare(COUNT_EMBEDDED).get({ model }) as {
      images: number;
      texts: number;
    };
  }

  /** The model that serves: the one used last. Null if none was ever chosen. */
  serving(): Promise<CatalogModel | null> {
    return this.prisma.model.findFirst({
      where: { usedAt: { not: null } },
      select: fields,
      orderBy: [{ usedAt: 'desc' }, { id: 'desc' }],
    });
  }

  /** Makes a model the one that serves. */
  async use({ id }: CatalogModel): Promise<void> {
    await write(this.prisma, async (tx) => {
      const { _max } = await tx.model.aggregate({ _max: { usedAt: true } });
      // A clock that was set back must not hide the choice.
      const usedAt = new Date(Math.max(Date.now(), (_max.usedAt?.getTime() ?? 0) + 1));
      await tx.model.update({ where: { id }, data: { usedAt } });
    });
  }

  /** Forgets a model with all its embeddings. Interrupted, it has forgotten some; run again, the rest. */
  async drop({ id }: CatalogModel): Promise<void> {
    const { database } = this;
    const page = database.prepare(DELETE_EMBEDDINGS);
    while ((await atomically(database, () => page.run(id, PAGE).changes)) > 0);
    await write(this.prisma, (tx) => tx.model.deleteMany({ where: { id } }));
  }
}

/** Embeddings deleted in one transaction: others may write in between, and the log stays short. */
const PAGE = 5000;
