// Embeddings that are computed once: rows in a file of the run, looked up by what they are of. The
// system's cache of files keeps in memory what fits there.

import { closeSync, openSync, readSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import type { RunFolder } from '../run';

/** Rows of one stretch of the items. */
export interface Encoded {
  keys: string[];
  rows: Float32Array[];
  skipped: [image: string, reason: string][];
}

interface Index {
  /** Of the model that made them. */
  fingerprint: string;
  /** How many items they were made of. */
  items: number;
  dimension: number;
  /** What each row is of, in the order of the file. */
  keys: string[];
  skipped: Encoded['skipped'];
}

export interface KeepOptions<T> {
  name: string;
  fingerprint: string;
  dimension: number;
  items: readonly T[];
  /** Items that are encoded at once. */
  chunk: number;
  encode(items: readonly T[]): Promise<Encoded>;
  onProgress(done: number, total: number): void;
}

export class KeptRows {
  private readonly places: Map<string, number>;
  private readonly file: number;

  private constructor(
    file: string,
    private readonly index: Index,
  ) {
    this.places = new Map(index.keys.map((key, place) => [key, place]));
    this.file = openSync(file, 'r');
  }

  /** Encodes all items, unless the run's folder has their rows. NAME.bin holds them, NAME.json what they are of. */
  static async open<T>(run: RunFolder, options: KeepOptions<T>): Promise<KeptRows> {
    const { name, fingerprint, items } = options;
    const file = path.join(run.path, `${name}.bin`);
    const known = (await run.read(`${name}.json`)) as Index | undefined;
    if (known?.fingerprint === fingerprint && known.items === items.length) {
      return new KeptRows(file, known);
    }
    await mkdir(run.path, { recursive: true });
    const index = await writeRows(file, options);
    await run.write(`${name}.json`, index);
    return new KeptRows(file, index);
  }

  get dimension(): number {
    return this.index.dimension;
  }

  /** How many rows there are. */
  get size(): number {
    return this.places.size;
  }

  /** What could not be encoded. */
  get skipped(): Encoded['skipped'] {
    return this.index.skipped;
  }

  has(key: string): boolean {
    return this.places.has(key);
  }

  row(key: string): Float32Array {
    const place = this.places.get(key);
    if (place === undefined) throw new Error(`no embedding was kept of ${key}`);
    const row = new Float32Array(this.dimension);
    readSync(this.file, row, 0, row.byteLength, place * row.byteLength);
    return row;
  }

  release(): void {
    closeSync(this.file);
  }
}

/** Writes the rows, complete or absent, and returns what they are of. */
async function writeRows<T>(
  file: string,
  { fingerprint, dimension, items, chunk, encode, onProgress }: KeepOptions<T>,
): Promise<Index> {
  const index: Index = { fingerprint, items: items.length, dimension, keys: [], skipped: [] };
  const handle = await open(`${file}.writing`, 'w');
  try {
    for (let first = 0; first < items.length; first += chunk) {
      const { keys, rows, skipped } = await encode(items.slice(first, first + chunk));
      for (const row of rows) await handle.write(row);
      index.keys.push(...keys);
      index.skipped.push(...skipped);
      onProgress(Math.min(first + chunk, items.length), items.length);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.writing`, file);
  return index;
}
