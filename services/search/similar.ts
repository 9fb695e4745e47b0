// What stands around one item: pictures that are nearly the same, and the nearest of the others.

import type { Catalog } from '#catalog';
import type { SearchPorts } from './embed';
import { search } from './search';
import type { Hit, SearchQuery } from './types';

/** Neighbours among which the nearly same are looked for. */
const LOOKED_AT = 64;
const SHOWN = 12;
/** Of 64; so many may differ where a picture has only been saved anew, made smaller or brighter. */
const DIFFERENT_BITS = 6;
/** Saved anew a picture keeps its shape, to this share. */
const SHAPE = 0.02;

export interface Similar {
  /** Pictures that look the same but are other files; best first. */
  same: Hit[];
  /** The nearest others. */
  near: Hit[];
}

/** @throws SearchError if there is no such item; EngineUnavailable */
export async function similarTo(item: number, ports: SearchPorts): Promise<Similar> {
  const query: SearchQuery = { in: 'image', like: [{ item }], limit: LOOKED_AT };
  const { hits } = await search(query, ports);
  const same = sameLooks(
    item,
    hits.map(({ id }) => id),
    ports.catalog,
  );
  return {
    same: hits.filter(({ id }) => same.has(id)).slice(0, SHOWN),
    near: hits.filter(({ id }) => !same.has(id)).slice(0, SHOWN),
  };
}

/** Those of `others` whose perceptual hash and shape are those of an item, or nearly. */
function sameLooks(item: number, others: number[], catalog: Catalog): Set<number> {
  const hashes = catalog.perceptualHashes(Uint32Array.from([item, ...others]));
  const own = hashes.find(({ id }) => id === item);
  // A picture without edges has no bits, and looks like any other without.
  if (!own || BigInt(`0x${own.hash}`) === 0n) return new Set();
  const like = hashes.filter(({ id, hash, width, height }) => {
    const shape = (width * own.height) / (height * own.width);
    return (
      id !== item && Math.abs(shape - 1) <= SHAPE && differing(own.hash, hash) <= DIFFERENT_BITS
    );
  });
  return new Set(like.map(({ id }) => id));
}

/** In how many bits two hashes differ. */
function differing(one: string, other: string): number {
  const bits = (BigInt(`0x${one}`) ^ BigInt(`0x${other}`)).toString(2);
  return bits.replaceAll('0', '').length;
}
