// Watches folders: tells which paths have changed, once nothing more happens to them.

import { readdir, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { watch as openWatcher, type FSWatcher } from 'chokidar';
import { FOLDER_LISTS } from '#captions';
import { PICTURE } from './walk';

export interface WatchOptions {
  /**
   * Takes in what has changed: paths that are there, and paths that have gone. One call at a time; one
   * that throws is made again, later.
   */
  onChanges: (paths: string[]) => Promise<void>;
  /** A line for the user: a folder that has gone, a failure that will be tried again. */
  onNote: (line: string) => void;
  /** Ends it. */
  signal: AbortSignal;
  /** Milliseconds for which nothing may happen to a path before it is passed on. Default 1000. */
  settle?: number | undefined;
}

/** How often there is a look at what has settled, in milliseconds. */
const TICK = 200;

/** After a failure (a full disk), milliseconds until the next try. */
const PATIENCE = 10_000;

/** With more changes than this the whole folder is looked through instead. */
const MOST = 5000;

/** Folders that are watched, for changes from now on. */
export class FolderWatch {
  private readonly roots: WatchedRoot[];

  private constructor(roots: WatchedRoot[]) {
    this.roots = roots;
  }

  /** Resolves when every folder below the roots is watched. */
  static async open(roots: readonly string[], onNote: WatchOptions['onNote']) {
    return new FolderWatch(await Promise.all(roots.map((root) => WatchedRoot.open(root, onNote))));
  }

  /** Passes changes on until the signal ends it. */
  async run({ onChanges, onNote, signal, settle = 1000 }: WatchOptions): Promise<void> {
    while (!signal.aborted) {
      await sleep(TICK, undefined, { signal }).catch(() => {});
      for (const root of this.roots) {
        const paths = await root.settled(settle);
        if (paths.length === 0 || signal.aborted) continue;
        try {
          await onChanges(paths);
        } catch (error) {
          if (signal.aborted) break;
          onNote(`${(error as Error).message}; trying again`);
          paths.forEach((one) => root.changed(one));
          await sleep(PATIENCE, undefined, { signal }).catch(() => {});
        }
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.roots.map((root) => root.close()));
  }
}

/** One folder that is watched, and what has happened in it. */
class WatchedRoot {
  /** When each path last changed. */
  private readonly changes = new Map<string, number>();
  private watcher: FSWatcher | undefined;
  private identity: string | undefined;

  private constructor(
    private readonly root: string,
    private readonly onNote: WatchOptions['onNote'],
  ) {}

  static async open(root: string, onNote: WatchOptions['onNote']): Promise<WatchedRoot> {
    const watched = new WatchedRoot(root, onNote);
    await watched.watch();
    return watched;
  }

  changed(path: string): void {
    this.changes.set(path, performance.now());
    if (this.changes.size <= MOST) return;
    this.changes.clear();
    this.changes.set(this.root, performance.now());
  }

  /** Takes out the paths to which nothing has happened for `milliseconds`. None while the root is gone. */
  async settled(milliseconds: number): Promise<string[]> {
    if (!(await this.isThere())) return [];
    const before = performance.now() - milliseconds;
    const paths = [...this.changes].filter(([, time]) => time <= before).map(([one]) => one);
    paths.forEach((one) => this.changes.delete(one));
    return withPictures(paths);
  }

  async close(): Promise<void> {
    await this.watcher?.close();
  }

  /**
   * An unmounted disk leaves an empty folder, or none: its pictures have not gone. Once there is
   * something at the root again, that is watched instead, and looked through.
   */
  private async isThere(): Promise<boolean> {
    const now = await identityOf(this.root);
    if (now === this.identity) return now !== undefined;
    if (this.watcher !== undefined) {
      this.onNote(`${this.root} has gone; waiting until it is back`);
      await this.watcher.close();
      this.watcher = undefined;
      this.identity = undefined;
      this.changes.clear();
    }
    if (now === undefined || (await isEmpty(this.root))) return false;
    this.onNote(`${this.root} is back`);
    await this.watch();
    this.changed(this.root);
    return true;
  }

  private async watch(): Promise<void> {
    this.identity = await identityOf(this.root);
    // Of a folder only the folders in it are watched: the system says what happens in each, and a watch
    // for each of 100,000 files took half a gigabyte.
    this.watcher = openWatcher(this.root, {
      ignoreInitial: true,
      ignored: (one, stats) => one !== this.root && (isHidden(one) || stats?.isFile() === true),
    });
    const { watcher } = this;
    watcher.on('raw', (_event, name, details) => {
      const { watchedPath } = details as { watchedPath: string };
      this.noticed(path.join(watchedPath, name));
    });
    watcher.on('addDir', (folder) => this.noticed(folder));
    watcher.on('unlinkDir', (folder) => this.noticed(folder));
    watcher.on('error', (error) => this.onNote(watchError(error as NodeJS.ErrnoException)));
    await new Promise<void>((resolve) => watcher.once('ready', resolve));
  }

  /** Words belong to the pictures beside them. */
  private noticed(file: string): void {
    if (isHidden(file)) return;
    if (FOLDER_LISTS.includes(path.basename(file))) this.changed(path.dirname(file));
    else this.changed(file);
  }
}

/** Texts are passed on as the pictures that they lie beside. */
async function withPictures(paths: string[]): Promise<string[]> {
  const texts = paths.filter((one) => one.endsWith('.txt'));
  const stems = new Set(texts.map((text) => text.slice(0, -4)));
  const folders = [...new Set(texts.map((text) => path.dirname(text)))];
  const beside = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder).catch(() => []);
      const pictures = names.filter((name) => PICTURE.test(name));
      return pictures.map((name) => path.join(folder, name));
    }),
  );
  const stemOf = (file: string) => file.slice(0, -path.extname(file).length);
  return [
    ...paths.filter((one) => !one.endsWith('.txt')),
    ...beside.flat().filter((picture) => stems.has(stemOf(picture))),
  ];
}

/** Device and inode, which a disk mounted on a folder changes; undefined where there is nothing. */
async function identityOf(file: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(file, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder)).length === 0;
}

function isHidden(file: string): boolean {
  return path.basename(file).startsWith('.');
}

function watchError({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ENOSPC' || code === 'EMFILE'
    ? 'the system watches no more folders; raise fs.inotify.max_user_watches and max_user_instances'
    : message;
}
