// Finds pictures under files and folders: by name, by content where the name does not tell. Skips what
// is hidden, enters no folder twice, and reads nothing further than its first bytes.

import { isUtf8 } from 'node:buffer';
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

/** Where a walk begins. */
export interface Start {
  /** Absolute, existing: folders, and files that are taken whatever their name. */
  roots: readonly string[];
  /** The user's lists. */
  lists: readonly CaptionList[];
  /**
   * Folders that the roots are but parts of: the lists on the way down to a root hold for it, and a root
   * that is no picture is passed over, as it would be in a walk from above.
   */
  within?: readonly string[] | undefined;
}

/** The state of one walk. */
interface Walk {
  /** Device and inode of each folder that was entered. */
  entered: Set<string>;
  /** Left to the end, so that a picture goes by its real path if that is found too. */
  linked: Folder[];
}

/**
 * Walks the roots: a folder's own pictures first, then the folders in it, by name, and at the end the
 * folders behind links.
 */
export async function* walk({ roots, lists, within }: Start): Found {
  const state: Walk = { entered: new Set(), linked: [] };
  const above = new ListsAbove(within ?? []);
  for (const root of roots) {
    const info = await stat(root);
    const inForce = [...lists, ...(await above.of(root))];
    if (info.isDirectory()) yield* walkFolder({ path: root, lists: inForce }, state);
    else if (within === undefined || (await isPicture(root))) {
      yield { path: root, size: info.size, mtimeMs: info.mtimeMs, hasText: true, lists: inForce };
    }
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
export function countFound(start: Start) {
  let stopped = false;
  const count = async () => {
    const found = walk({ ...start, lists: [] });
    let total = 0;
    while (!stopped && !(await found.next()).done) total++;
    return stopped ? undefined : total;
  };
  return { total: count(), stop: () => void (stopped = true) };
}

/** A folder and all below it. A list of what is left, not a call within a call: trees may be deep. */
async function* walkFolder(top: Folder, state: Walk): Found {
  const left = [top];
  for (let folder = left.pop(); folder; folder = left.pop()) {
    const below = yield* walkOne(folder, state);
    left.push(...below.reverse());
  }
}

/** The pictures in a folder itself. Returns the folders in it, by name. */
async function* walkOne(
  folder: Folder,
  state: Walk,
): AsyncGenerator<FoundFile | Failure, Folder[]> {
  let entries: Entries;
  try {
    const { dev, ino } = await stat(folder.path, { bigint: true });
    if (state.entered.has(`${dev}:${ino}`)) return [];
    state.entered.add(`${dev}:${ino}`);
    entries = await entriesOf(folder.path);
  } catch (error) {
    yield { path: folder.path, reason: reasonOf(error, folder.path) };
    return [];
  }
  yield* entries.failures;
  const names = entries.dirents.map(({ name }) => name);
  const own = await folderCaptions(folder.path, names);
  yield* own.failures;
  const lists = [...folder.lists, ...own.lists];
  const texts = new Set(names.filter((name) => name.endsWith('.txt')));
  const visible = entries.dirents.filter(({ name }) => !name.startsWith('.'));
  const byName = visible.sort((a, b) => (a.name < b.name ? -1 : 1));

  for await (const entry of mapAhead(byName, LOOK_AHEAD, (one) => inspect(folder.path, one))) {
    if (entry === undefined) continue;
    if ('reason' in entry) yield entry;
    else if ('size' in entry) {
      yield { ...entry, hasText: texts.has(`${path.parse(entry.path).name}.txt`), lists };
    } else state.linked.push({ path: entry.path, lists });
  }
  return byName
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ path: path.join(folder.path, name), lists }));
}

interface Entries {
  dirents: Dirent[];
  /** Entries whose name is no text, which no path can hold as it is. */
  failures: Failure[];
}

async function entriesOf(folder: string): Promise<Entries> {
  const dirents = await readdir(folder, { withFileTypes: true });
  // What is not UTF-8 comes with a replacement character; which a name may have of its own.
  if (!dirents.some(({ name }) => name.includes('\uFFFD'))) return { dirents, failures: [] };
  const exact = await readdir(folder, { encoding: 'buffer' });
  const real = new Set(exact.filter((name) => isUtf8(name)).map(String));
  const byName = new Map(dirents.map((entry) => [entry.name, entry]));
  const mangled = exact.filter((name) => !isUtf8(name)).map(String);
  return {
    dirents: [...byName.values()].filter(({ name }) => real.has(name)),
    failures: mangled
      .filter((name) => PICTURE.test(name) || byName.get(name)?.isDirectory())
      .map((name) => ({
        path: path.join(folder, name),
        reason: 'its name is not valid UTF-8; rename it',
      })),
  };
}

/** The lists of the folders between where a walk would have begun and where it does. */
class ListsAbove {
  private readonly known = new Map<string, Promise<CaptionList[]>>();

  constructor(private readonly tops: readonly string[]) {}

  /** Those of the folders above a path, from the top on; not its own. */
  async of(file: string): Promise<CaptionList[]> {
    const folder = path.dirname(file);
    const isInside = this.tops.some((top) => `${folder}/`.startsWith(path.join(top, '/')));
    if (!isInside) return [];
    const known = this.known.get(folder);
    if (known !== undefined) return known;
    const read = this.read(folder);
    this.known.set(folder, read);
    return read;
  }

  private async read(folder: string): Promise<CaptionList[]> {
    const above = await this.of(folder);
    const { lists } = await folderCaptions(folder, await readdir(folder));
    return [...above, ...lists];
  }
}

/** How many entries of a folder are looked at together. */
const LOOK_AHEAD = 64;

type Entry = Pick<FoundFile, 'path' | 'size' | 'mtimeMs'> | { path: string } | Failure;

/** A picture, the path of a linked folder, or a failure; undefined for anything else. */
async function inspect(folder: string, entry: Dirent): Promise<Entry | undefined> {
  const file = path.join(folder, entry.name);
  if (entry.isDirectory() || NO_PICTURE.test(file)) return undefined;
  if (VIDEO.test(file)) return { path: file, reason: 'a video; only pictures are taken in' };
  const byName = PICTURE.test(file);
  // A pipe or a device: reading it may wait for ever.
  const isReadable = entry.isFile() || entry.isSymbolicLink();
  if (!isReadable) return byName ? { path: file, reason: 'not a file' } : undefined;
  try {
    const info = await stat(file);
    if (info.isDirectory()) return { path: file };
    if (!info.isFile()) return byName ? { path: file, reason: 'not a file' } : undefined;
    if (!(await isPicture(file))) return undefined;
    return { path: file, size: info.size, mtimeMs: info.mtimeMs };
  } catch (error) {
    const isTold = byName || (error as NodeJS.ErrnoException).code === 'ELOOP';
    return isTold ? { path: file, reason: reasonOf(error, file) } : undefined;
  }
}

/** By its name, or its first bytes where that does not tell. */
async function isPicture(file: string): Promise<boolean> {
  if (NO_PICTURE.test(file) || VIDEO.test(file)) return false;
  return PICTURE.test(file) || (await startsLikePicture(file));
}

/** Names of pictures, and names that need no look inside. */
export const PICTURE = /\.(jpe?g|jpe|jfif|png|webp|avif|gif|tiff?|svg|heic|heif|bmp|jxl|jp2|psd)$/i;
const NO_PICTURE =
  /\.(txt|md|jsonl?|csv|tsv|html?|xml|pdf|zip|mp3|[jt]sx?|py|db(-wal|-shm|-journal)?|onnx)$/i;
const VIDEO = /\.(mp4|m4v|mov|mkv|webm|avi|wmv|flv|mpe?g|3gp|m2?ts|ogv)$/i;

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
