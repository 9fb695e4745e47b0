// Finds pictures under files and folders: by name, by content where the name does not tell. Skips what
// is hidden, enters no folder twice, and reads nothing further than its first bytes.

import type { Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { folderCaptions, type CaptionList } from './captions';
import { mapAhead } from './pipeline';
import { reasonOf, type Failure } from './reasons';

/** A file that is, or claims to be, a picture. */
export interface FoundFile {
  path: string;
  size: number;
  mtimeMs: number;
  /** False where no text file of the same name lies beside it. */
  hasText: boolean;
  /** The lists that may name it: the user's, and those in its folder and above. */
  lists: readonly CaptionList[];
}

type Found = AsyncGenerator<FoundFile | Failure>;

interface Folder {
  path: string;
  lists: readonly CaptionList[];
}

/** The state of one walk. */
interface Walk {
  /** Device and inode of each folder that was entered. */
  entered: Set<string>;
  /** Left to the end, so that a picture goes by its real path if that is found too. */
  linked: Folder[];
}

/**
 * Walks `roots` (absolute, existing): a folder's own pictures first, then the folders in it, by name,
 * and at the end the folders behind links.
 */
export async function* walk(roots: readonly string[], lists: readonly CaptionList[]): Found {
  const state: Walk = { entered: new Set(), linked: [] };
  for (const root of roots) {
    const info = await stat(root);
    if (info.isDirectory()) yield* walkFolder({ path: root, lists }, state);
    else yield { path: root, size: info.size, mtimeMs: info.mtimeMs, hasText: true, lists };
  }
  for (let link = state.linked.shift(); link; link = state.linked.shift()) {
    if (await leadsBack(link.path)) {
      yield { path: link.path, reason: 'a link that leads back to a folder it lies in' };
    } else {
      yield* walkFolder(link, state);
    }
  }
}

/** Counts what a walk will find, ahead of the work on it. The total stays unknown if stopped before. */
export function countFound(roots: readonly string[]) {
  let stopped = false;
  const count = async () => {
    const found = walk(roots, []);
    let total = 0;
    while (!stopped && !(await found.next()).done) total++;
    return stopped ? undefined : total;
  };
  return { total: count(), stop: () => void (stopped = true) };
}

async function* walkFolder(folder: Folder, state: Walk): Found {
  let entries: Dirent[];
  try {
    const { dev, ino } = await stat(folder.path, { bigint: true });
    if (state.entered.has(`${dev}:${ino}`)) return;
    state.entered.add(`${dev}:${ino}`);
    entries = await readdir(folder.path, { withFileTypes: true });
  } catch (error) {
    yield { path: folder.path, reason: reasonOf(error, folder.path) };
    return;
  }
  const own = await folderCaptions(folder.path, entries);
  yield* own.failures;
  const lists = [...folder.lists, ...own.lists];
  const texts = new Set(entries.map(({ name }) => name).filter((name) => name.endsWith('.txt')));
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  const byName = visible.sort((a, b) => (a.name < b.name ? -1 : 1));

  for await (const entry of mapAhead(byName, LOOK_AHEAD, (one) => inspect(folder.path, one))) {
    if (entry === undefined) continue;
    if ('reason' in entry) yield entry;
    else if ('size' in entry) {
      yield { ...entry, hasText: texts.has(`${path.parse(entry.path).name}.txt`), lists };
    } else state.linked.push({ path: entry.path, lists });
  }
  for (const entry of byName.filter((one) => one.isDirectory())) {
    yield* walkFolder({ path: path.join(folder.path, entry.name), lists }, state);
  }
}

/** How many entries of a folder are looked at together. */
const LOOK_AHEAD = 64;

type Entry = Pick<FoundFile, 'path' | 'size' | 'mtimeMs'> | { path: string } | Failure;

/** A picture, the path of a linked folder, or a failure; undefined for anything else. */
async function inspect(folder: string, entry: Dirent): Promise<Entry | undefined> {
  const file = path.join(folder, entry.name);
  const byName = PICTURE.test(file);
  if (!(entry.isFile() || entry.isSymbolicLink()) || NO_PICTURE.test(file)) return undefined;
  try {
    const info = await stat(file);
    if (info.isDirectory()) return { path: file };
    if (!info.isFile() || !(byName || (await startsLikePicture(file)))) return undefined;
    return { path: file, size: info.size, mtimeMs: info.mtimeMs };
  } catch (error) {
    const isTold = byName || (error as NodeJS.ErrnoException).code === 'ELOOP';
    return isTold ? { path: file, reason: reasonOf(error, file) } : undefined;
  }
}

/** Names of pictures, and names that need no look inside. */
const PICTURE = /\.(jpe?g|jpe|jfif|png|webp|avif|gif|tiff?|svg|heic|heif|bmp)$/i;
const NO_PICTURE =
  /\.(txt|md|jsonl?|csv|tsv|html?|xml|pdf|zip|mp[34]|mov|mkv|webm|[jt]sx?|py|db|onnx)$/i;

/** JPEG, PNG, GIF, WebP, AVIF and HEIF by their first bytes. */
const SIGNATURE = /^(\xff\xd8\xff|\x89PNG\r\n|GIF8|RIFF....WEBP|....ftyp(avi[fs]|hei[cx]|mif1))/s;

async function startsLikePicture(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    return SIGNATURE.test(buffer.toString('latin1', 0, bytesRead));
  } finally {
    await handle.close();
  }
}

async function leadsBack(link: string): Promise<boolean> {
  const target = await realpath(link);
  const parent = await realpath(path.dirname(link));
  return parent === target || parent.startsWith(path.join(target, path.sep));
}
