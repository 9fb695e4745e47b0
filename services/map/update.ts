// Brings a model's map up to date with the catalog: takes out what has gone, places what is new, and
// lays all of it out anew where the map has outgrown what it was laid out from.

import type { Catalog, CatalogModel } from '#catalog';
import { Random } from '#random';
import { createExactIndex } from '#vectors';
import { readMap, writeMap } from './file';
import { FEWEST, layOut, turn } from './layout';
import { place } from './place';
import { EDGE, type MapOptions, type PictureMap } from './types';

/** Pictures that are laid out together; of more, a random choice. UMAP takes 20 s for so many. */
const BASE = 10_000;
/** A map is made anew when it has grown to this many times what it was laid out from, BASE at most. */
const GROWTH = 2;
/** Vectors that are read at a time. */
const CHUNK = 4096;

/** What is to be done about a map. */
export interface MapState {
  /** Pictures that the model has embedded and that are on the disk. */
  pictures: number;
  /** Pictures without a place, and places of pictures that have gone. */
  added: number;
  gone: number;
}

/** How a map differs from the catalog; all pictures are added where there is none. */
export function compareMap(
  catalog: Catalog,
  model: CatalogModel,
  map: PictureMap | undefined,
): MapState {
  const now = catalog.embeddings.searchableIds(model, 'image');
  if (!fits(map, catalog)) return { pictures: now.length, added: now.length, gone: 0 };
  const mapped = new Set(map.ids);
  const kept = now.reduce((count, id) => count + Number(mapped.has(id)), 0);
  return { pictures: now.length, added: now.length - kept, gone: mapped.size - kept };
}

/** The map of a model as the catalog is now, read, brought up to date or made. */
export async function updateMap(
  home: string,
  catalog: Catalog,
  model: CatalogModel,
  options: MapOptions & { afresh?: boolean } = {},
): Promise<PictureMap> {
  const ids = catalog.embeddings.searchableIds(model, 'image');
  const found = options.afresh ? undefined : await readMap(home, model.fingerprint);
  const known = fits(found, catalog) && !outgrown(found, ids) ? found : undefined;
  const map = await (known
    ? extend(catalog, model, known, ids, options)
    : make(catalog, model, ids, options));
  if (map !== found) await writeMap(home, map);
  return map;
}

function fits(map: PictureMap | undefined, catalog: Catalog): map is PictureMap {
  return map?.catalog === catalog.id;
}

/** Whether too little of what is there now has been laid out together. */
function outgrown({ base, ids: mapped }: PictureMap, ids: readonly number[]): boolean {
  const now = new Set(ids);
  const kept = mapped.reduce((count, id) => count + Number(now.has(id)), 0);
  return (
    Math.min(ids.length, BASE) > GROWTH * Math.min(base, kept) ||
    (base < FEWEST && (kept < base || ids.length > base))
  );
}

/** Lays out a choice of the pictures and places the others among them. */
async function make(
  catalog: Catalog,
  model: CatalogModel,
  ids: readonly number[],
  options: MapOptions,
): Promise<PictureMap> {
  const order = new Random(1).permutation(ids.length);
  const base = [...order.subarray(0, BASE)].map((at) => ids[at]!).sort((a, b) => a - b);
  const rows = await readVectors(catalog, model, base, options);
  const index = createExactIndex({ dimension: model.dimension });
  try {
    index.add(Array.from(base.keys()), rows);
    const places = inSquare(await layOut(rows, base.length, index, options));
    const now = new Date().toISOString();
    const laidOut: PictureMap = {
      model: model.fingerprint,
      catalog: catalog.id,
      madeAt: now,
      updatedAt: now,
      base: base.length,
      ids: Uint32Array.from(base),
      places,
    };
    return await extend(catalog, model, laidOut, ids, options);
  } finally {
    await index.close();
  }
}

/** The same map without what has gone, and with what is new; the map itself where that is nothing. */
async function extend(
  catalog: Catalog,
  model: CatalogModel,
  map: PictureMap,
  ids: readonly number[],
  options: MapOptions,
): Promise<PictureMap> {
  const rowOf = new Map([...map.ids].map((id, row) => [id, row]));
  const placeOf = new Map<number, [number, number]>();
  for (const id of ids) {
    const row = rowOf.get(id);
    if (row !== undefined) placeOf.set(id, [map.places[2 * row]!, map.places[2 * row + 1]!]);
  }
  const added = ids.filter((id) => !placeOf.has(id));
  if (added.length === 0 && placeOf.size === map.ids.length) return map;
  if (added.length > 0) await placeAll(catalog, model, added, placeOf, options);
  return {
    ...map,
    updatedAt: new Date().toISOString(),
    ids: Uint32Array.from(ids),
    places: Uint16Array.from(ids.flatMap((id) => placeOf.get(id)!)),
  };
}

/** Adds the places of new pictures, each among those that had one before. */
async function placeAll(
  catalog: Catalog,
  model: CatalogModel,
  added: readonly number[],
  placeOf: Map<number, [number, number]>,
  options: MapOptions,
): Promise<void> {
  const index = createExactIndex({ dimension: model.dimension });
  const known = [...placeOf.keys()];
  try {
    for (let first = 0; first < known.length; first += CHUNK) {
      const some = known.slice(first, first + CHUNK);
      index.add(some, catalog.embeddings.vectors(model, 'image', some));
    }
    for (let first = 0; first < added.length; first += CHUNK) {
      const ids = added.slice(first, first + CHUNK);
      const rows = catalog.embeddings.vectors(model, 'image', ids);
      const places = await place({ ids, rows }, index, (id) => placeOf.get(id)!, options);
      for (const [i, id] of ids.entries()) placeOf.set(id, [places[2 * i]!, places[2 * i + 1]!]);
      options.onProgress?.({ phase: 'placing', done: first + ids.length, total: added.length });
    }
  } finally {
    await index.close();
  }
}

async function readVectors(
  catalog: Catalog,
  model: CatalogModel,
  ids: readonly number[],
  { onProgress, signal }: MapOptions,
): Promise<Float32Array> {
  const rows = new Float32Array(ids.length * model.dimension);
  for (let first = 0; first < ids.length; first += CHUNK) {
    const some = ids.slice(first, first + CHUNK);
    rows.set(catalog.embeddings.vectors(model, 'image', some), first * model.dimension);
    onProgress?.({ phase: 'reading', done: first + some.length, total: ids.length });
    await turn(signal);
  }
  return rows;
}

/** A layout as it fills a square, its proportions kept, in the middle of it. */
function inSquare(layout: Float32Array): Uint16Array {
  const box = [0, 1].map((axis) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = axis; i < layout.length; i += 2) {
      low = Math.min(low, layout[i]!);
      high = Math.max(high, layout[i]!);
    }
    return { low, high };
  });
  const span = Math.max(...box.map(({ low, high }) => high - low), 1e-6);
  const middle = box.map(({ low, high }) => (low + high) / 2);
  return Uint16Array.from(layout, (value, i) =>
    Math.round(EDGE * (0.5 + (value - middle[i % 2]!) / span)),
  );
}
