// What there is several times: files of one content, and the hashes by which pictures that look alike
// are found.

import { COPIES, PERCEPTUAL_HASHES, type Connection } from './sqlite';

/** Files on the disk with the same bytes. */
export interface Copies {
  /** The item that they all are. */
  id: number;
  bytes: number;
  paths: string[];
}

export interface PerceptualHash {
  id: number;
  /** 16 hexadecimal digits. */
  hash: string;
  /** Of the picture, in pixels. */
  width: number;
  height: number;
}

/** Of these items, those with more than one file on the disk. */
export function copies(database: Connection, ids: Uint32Array): Copies[] {
  const rows = database
    .prepare(COPIES)
    .raw()
    .all(JSON.stringify([...ids]));
  return (rows as [number, number, string][]).map(([id, bytes, paths]) => ({
    id,
    bytes,
    paths: (JSON.parse(paths) as string[]).sort(),
  }));
}

/** The hashes of these items, in order of id; pictures stored before there were any have none. */
export function perceptualHashes(database: Connection, ids: Uint32Array): PerceptualHash[] {
  return database.prepare(PERCEPTUAL_HASHES).all(JSON.stringify([...ids])) as PerceptualHash[];
}
