// Pictures that are there twice: files with the same bytes, and pictures that look alike, by perceptual
// hash and embedding both.

import type { Catalog, CatalogModel, Copies, PerceptualHash } from '#catalog';
import { HashIndex } from './similar-hashes';

/** Hashes of pictures that look alike differ in at most so many of their 64 bits, */
const BITS = 6;

/** and in no more than this share of the bits that either has. */
const SHARE = 0.25;

/** Fewer bits than this are set where there is next to nothing on a picture. */
const LEAST_BITS = 6;

/** Their embeddings have at least this cosine. */
const COSINE = 0.9;

/** One of several pictures that look alike. */
export interface LookAlike {
  id: number;
  path: string;
  width: number;
  height: number;
  bytes: number;
  /** The cosine with the first of the group; null without embeddings. */
  similarity: number | null;
}

export interface Duplicates {
  exact: Copies[];
  /** Groups, in each the largest picture first. */
  similar: LookAlike[][];
}

export interface DuplicatesOptions {
  collection?: string | undefined;
  /** Only files with the same bytes. */
  exactOnly?: boolean | undefined;
  /** The model whose embeddings are compared, if there is one. */
  model: CatalogModel | undefined;
}

/** Finds them among the pictures on the disk. Throws UnknownCollection. */
export async function duplicates(
  catalog: Catalog,
  { collection, exactOnly, model }: DuplicatesOptions,
): Promise<Duplicates> {
  const ids = catalog.filtered({ collection, missing: false }, 'image');
  const exact = catalog.copies(ids);
  if (exactOnly) return { exact, similar: [] };
  return { exact, similar: await similar(catalog, ids, model) };
}

/**
 * Groups around their largest picture: each of the others looks like that one, so that a chain of small
 * differences does not end in a different picture.
 */
async function similar(
  catalog: Catalog,
  ids: Uint32Array,
  model: CatalogModel | undefined,
): Promise<LookAlike[][]> {
  const hashes = catalog.perceptualHashes(ids);
  const index = new HashIndex(hashes.map(({ hash }) => hash));
  const taken = new Uint8Array(hashes.length);
  const groups: LookAlike[][] = [];
  for (const first of largestFirst(hashes)) {
    if (taken[first] || index.setBits(first) < LEAST_BITS) continue;
    const near = index
      .near(first, BITS)
      .filter((other) => !taken[other] && alike(index, first, other));
    if (near.length === 0) continue;
    const places = [first, ...near.sort((a, b) => area(hashes[b]!) - area(hashes[a]!) || a - b)];
    const group = await described(
      catalog,
      model,
      places.map((place) => hashes[place]!.id),
    );
    if (group.length < 2) continue;
    const kept = new Set(group.map(({ id }) => id));
    for (const place of places) if (kept.has(hashes[place]!.id)) taken[place] = 1;
    groups.push(group);
  }
  return groups;
}

function largestFirst(hashes: readonly PerceptualHash[]): Uint32Array {
  return Uint32Array.from(hashes.keys()).sort(
    (a, b) => area(hashes[b]!) - area(hashes[a]!) || a - b,
  );
}

function area({ width, height }: PerceptualHash): number {
  return width * height;
}

function alike(index: HashIndex, a: number, b: number): boolean {
  const differing = index.differing(a, b);
  const either = (index.setBits(a) + index.setBits(b) + differing) / 2;
  return differing <= SHARE * either;
}

/** The pictures of a group whose embedding is like that of the first. */
async function described(
  catalog: Catalog,
  model: CatalogModel | undefined,
  ids: number[],
): Promise<LookAlike[]> {
  const vectors = model ? vectorsOf(catalog, model, ids) : new Map<number, Float32Array>();
  const similarities = ids.map((id) => cosine(vectors.get(ids[0]!), vectors.get(id)));
  const items = await catalog.items(ids);
  return ids.flatMap((id, n): LookAlike[] => {
    const item = items.get(id);
    const similarity = similarities[n]!;
    if (!item || item.path === null || (similarity !== null && similarity < COSINE)) return [];
    const { path, width, height, bytes } = item;
    return [{ id, path, width, height, bytes, similarity }];
  });
}

/** The embeddings of those items that have one. */
function vectorsOf(
  catalog: Catalog,
  model: CatalogModel,
  ids: number[],
): Map<number, Float32Array> {
  const found = catalog.embeddings.found(model, 'image', ids);
  const width = model.dimension;
  return new Map(
    found.ids.map((id, row) => [id, found.vectors.subarray(row * width, (row + 1) * width)]),
  );
}

/** Of two L2-normalised embeddings; null where one of them is not there. */
function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number | null {
  return a && b ? a.reduce((sum, value, n) => sum + value * b[n]!, 0) : null;
}
