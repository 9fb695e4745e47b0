// Ids in bulk, out of the database as fast as they leave it.

import type { Connection } from './database';

/**
 * The ids that a statement gives (its one column is "id"), ascending. They leave the database as one
 * text, in a third of the time that rows take.
 */
export function readIds(
  database: Connection,
  statement: string,
  parameters: (string | number)[],
): Uint32Array {
  const [count, text] = database
    .prepare(`SELECT count(*), CAST(group_concat("id") AS BLOB) FROM (${statement})`)
    .raw()
    .get(...parameters) as [number, Buffer | null];
  return text === null ? new Uint32Array() : parseIds(text, count).sort();
}

/** The numbers of a text that has commas between them. */
export function parseIds(text: Buffer, count: number): Uint32Array {
  const ids = new Uint32Array(count);
  let id = 0;
  let n = 0;
  for (const byte of text) {
    if (byte === COMMA) {
      ids[n++] = id;
      id = 0;
    } else id = id * 10 + byte - ZERO;
  }
  ids[n] = id;
  return ids;
}

const COMMA = 0x2c;
const ZERO = 0x30;
