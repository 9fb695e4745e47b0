// Forgets files that are gone from the disk, and with its last file each picture; and pictures that
// nobody wants. Only on request.

import { folderBounds } from './filter';
import {
  atomically,
  COUNT_FILELESS_CAPTIONS,
  DELETE_FILELESS,
  DELETE_FILES_OF,
  deleteRows,
  MISSING_FILES,
  type Connection,
} from './sqlite';

export interface Pruned {
  files: number;
  items: number;
  captions: number;
}

/** Files forgotten in one transaction: others may write in between. */
const PAGE = 1000;

/**
 * Forgets the missing files at or under `root` (absolute), and the items that have no other file, with
 * all that belongs to them: captions, embeddings, places in collections.
 */
export async function prune(database: Connection, root: string): Promise<Pruned> {
  const pruned = { files: 0, items: 0, captions: 0 };
  for (;;) {
    const page = await atomically(database, () => prunePage(database, root));
    pruned.files += page.files;
    pruned.items += page.items;
    pruned.captions += page.captions;
    if (page.files < PAGE) return pruned;
  }
}

/**
 * Forgets items with all that belongs to them, and that their files were there: an ingest takes in
 * anew what is still on the disk. All of them, or none. Returns how many there were.
 */
export async function forgetItems(database: Connection, ids: readonly number[]): Promise<number> {
  const list = JSON.stringify(ids);
  return atomically(database, () => {
    database.prepare(DELETE_FILES_OF).run(list);
    return database.prepare(DELETE_FILELESS).run(list).changes;
  });
}

function prunePage(database: Connection, root: string): Pruned {
  const rows = database.prepare(MISSING_FILES).all(...folderBounds(root), PAGE) as {
    id: number;
    itemId: number | null;
  }[];
  deleteRows(
    database,
    'File',
    rows.map(({ id }) => id),
  );
  const items = JSON.stringify(rows.map(({ itemId }) => itemId));
  const captions = database.prepare(COUNT_FILELESS_CAPTIONS).pluck().get(items) as number;
  const { changes } = database.prepare(DELETE_FILELESS).run(items);
  return { files: rows.length, items: changes, captions };
}
