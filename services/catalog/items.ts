// Items and captions as a search result shows them.

import type { PrismaClient } from './prisma';

export interface ItemDetail {
  id: number;
  sha256: string;
  /** A file that holds it now; null when every file is missing or failed. */
  path: string | null;
  /** In pixels, as shown. */
  width: number;
  height: number;
  format: string;
  bytes: number;
  takenAt: Date | null;
  captions: string[];
}

export interface CaptionDetail {
  id: number;
  text: string;
  source: string;
  language: string | null;
  item: ItemDetail;
}

const itemFields = {
  files: { where: { status: 'present' }, orderBy: { id: 'asc' }, take: 1, select: { path: true } },
  captions: { orderBy: { id: 'asc' }, select: { text: true } },
} as const;

/** Reads items by id; ids that are gone are absent from the result. */
export async function itemsByIds(
  prisma: PrismaClient,
  ids: number[],
): Promise<Map<number, ItemDetail>> {
  const rows = await prisma.item.findMany({ where: { id: { in: ids } }, include: itemFields });
  return new Map(rows.map((row) => [row.id, itemDetail(row)]));
}

/** Reads captions by id, each with its item; ids that are gone are absent from the result. */
export async function captionsByIds(
  prisma: PrismaClient,
  ids: number[],
): Promise<Map<number, CaptionDetail>> {
  const rows = await prisma.caption.findMany({
    where: { id: { in: ids } },
    include: { item: { include: itemFields } },
  });
  return new Map(
    rows.map(({ id, text, source, language, item }) => [
      id,
      { id, text, source, language, item: itemDetail(item) },
    ]),
  );
}

interface ItemRow {
  id: number;
  sha256: string;
  width: number;
  height: number;
  format: string;
  bytes: bigint;
  takenAt: Date | null;
  files: { path: string }[];
  captions: { text: string }[];
}

function itemDetail({ id, sha256, width, height, format, takenAt, ...row }: ItemRow): ItemDetail {
  return {
    id,
    sha256,
    path: row.files[0]?.path ?? null,
    width,
    height,
    format,
    bytes: Number(row.bytes),
    takenAt,
    captions: row.captions.map(({ text }) => text),
  };
}
