// What can be wrong inside the database, and how it is mended: deleted is only what ingest makes again.

import { setImmediate } from 'node:timers/promises';
import {
  atomically,
  BROKEN_REFERENCES,
  COMPARE_WORDS,
  deleteRows,
  DIFFERENT_WORDS,
  FORGET_COMPARISON,
  INTEGRITY,
  REMAKE_WORDS,
  type Connection,
} from './sqlite';

/** Something that is not as it should be, wherever it is. */
export interface Finding {
  /** What is wrong, of how many, and of which (the first few). */
  fault: string;
  count: number;
  examples: string[];
  /** What was done about it; null if nothing (yet). */
  mended: string | null;
}

/** How many examples of a fault are named. */
const EXAMPLES = 5;

/** Embeddings read at a time. */
const PAGE = 1000;

/** How far from 1 the length of an embedding may be: models that compute in half precision round. */
const TOLERANCE = 1e-2;

/** Rows that should not be. */
interface Rule {
  fault: string;
  table: 'File' | 'Item' | 'Embedding';
  /** Gives {id, label}. */
  find: string;
}

const RULES: Rule[] = [
  {
    fault: 'files that are present without a picture',
    table: 'File',
    find: `
      SELECT "id", "path" AS "label" FROM "File"
      WHERE "status" = 'present' AND "itemId" IS NULL`,
  },
  {
    fault: 'pictures that were in no file',
    table: 'Item',
    find: `
      SELECT i."id", i."sha256" AS "label" FROM "Item" AS i
      WHERE NOT EXISTS (SELECT 1 FROM "File" AS f WHERE f."itemId" = i."id")`,
  },
  {
    fault: 'embeddings of the wrong length',
    table: 'Embedding',
    find: `
      SELECT e."id", m."name" AS "label"
      FROM "Embedding" AS e JOIN "Model" AS m ON m."id" = e."modelId"
      WHERE length(e."vector") <> 4 * m."dimension"`,
  },
];

const FORGOTTEN = 'deleted; the next ingest makes anew what is still on the disk';

/**
 * Looks for faults inside the database, the gravest first, one at a time since each may come from the
 * one before; mends each if asked to. About 2 s for 100,000 embeddings of 512 numbers, and
 * another for 150,000 captions and file names.
 */
export async function* faults(
  database: Connection,
  repair: boolean,
): AsyncGenerator<Finding, void, undefined> {
  yield* damage(database, repair);
  yield* brokenReferences(database, repair);
  for (const { fault, table, find } of RULES) {
    const rows = database.prepare(find).all() as { id: number; label: string }[];
    yield* deleted(database, repair, fault, table, rows);
  }
  const spoilt = await spoiltEmbeddings(database);
  yield* deleted(database, repair, 'embeddings that are not of length one', 'Embedding', spoilt);
  yield* unfoundWords(database, repair);
}

/** What SQLite itself finds. Only its indexes can be made anew from the rest. */
function* damage(database: Connection, repair: boolean) {
  const check = () =>
    (database.prepare(INTEGRITY).pluck().all() as string[]).filter((line) => line !== 'ok');
  const lines = check();
  if (lines.length === 0) return;
  if (repair) database.exec('REINDEX');
  const mended = repair && check().length === 0 ? 'its indexes were made anew' : null;
  yield finding('damage to the database; a backup brings back what is lost', lines, mended);
}

async function* brokenReferences(database: Connection, repair: boolean) {
  const rows = database.prepare(BROKEN_REFERENCES).all() as {
    table: string;
    rowid: number;
    parent: string;
  }[];
  if (rows.length === 0) return;
  const labels = rows.map(({ table, rowid, parent }) => `${table} ${rowid} to ${parent}`);
  if (repair) {
    await atomically(database, () => {
      for (const { table, rowid } of rows) deleteRows(database, table, [rowid]);
    });
  }
  yield finding('references to rows that are not there', labels, repair ? FORGOTTEN : null);
}

/** Captions and file names that a search for their words does not find, or for others does. */
async function* unfoundWords(database: Connection, repair: boolean) {
  const compare = database.transaction(() => {
    database.exec(COMPARE_WORDS);
    const different = database.prepare(DIFFERENT_WORDS).pluck().all() as string[];
    database.exec(FORGET_COMPARISON);
    return different;
  });
  const labels = compare();
  if (labels.length === 0) return;
  if (repair) await atomically(database, () => database.exec(REMAKE_WORDS));
  const mended = repair ? 'the index of words was made anew' : null;
  yield finding('captions and file names with other words in the index of words', labels, mended);
}

async function* deleted(
  database: Connection,
  repair: boolean,
  fault: string,
  table: string,
  rows: { id: number; label: string }[],
) {
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  if (repair) await atomically(database, () => deleteRows(database, table, ids));
  const labels = rows.map(({ label }) => label);
  yield finding(fault, labels, repair ? FORGOTTEN : null);
}

/** Embeddings that no cosine can be taken of: not finite, or not normalised. */
async function spoiltEmbeddings(database: Connection): Promise<{ id: number; label: string }[]> {
  const page = database.prepare(`
    SELECT e."id", e."vector", m."name" FROM "Embedding" AS e JOIN "Model" AS m ON m."id" = e."modelId"
    WHERE e."id" > ? AND length(e."vector") = 4 * m."dimension"
    ORDER BY e."id" LIMIT ${PAGE}`);
  const spoilt: { id: number; label: string }[] = [];
  for (let last = 0; ;) {
    const rows = page.all(last) as { id: number; vector: Buffer; name: string }[];
    for (const { id, vector, name } of rows) {
      if (!isUnit(vector)) spoilt.push({ id, label: name });
    }
    if (rows.length < PAGE) return spoilt;
    last = rows.at(-1)!.id;
    await setImmediate();
  }
}

function isUnit(blob: Buffer): boolean {
  // Not aligned to four bytes where the driver puts it.
  const vector = new Float32Array(
    blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.length),
  );
  let square = 0;
  for (const x of vector) square += x * x;
  return Math.abs(Math.sqrt(square) - 1) < TOLERANCE;
}

/** A finding with all its examples, of which the first few are named. */
export function finding(fault: string, labels: string[], mended: string | null): Finding {
  return { fault, count: labels.length, examples: labels.slice(0, EXAMPLES), mended };
}
