// Brings pictures into the catalog: find, skip what is known, read, decode, embed, store. Decoding runs
// ahead of encoding by a bounded number of pictures; each batch is stored whole or not at all.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Catalog, CatalogModel, KnownFile } from '#catalog';
import type { DualEncoder } from '#model';
import { readCaptionList, type CaptionList } from './captions';
import { claim } from './claim';
import { embedAndStore, embedWaitingCaptions } from './embed';
import { examine, type Picture } from './examine';
import { buffered, groups, mapAhead } from './pipeline';
import { reasonOf, type Failure } from './reasons';
import { PictureThreads } from './threads/picture-threads';
import { Tally, type IngestProgress, type IngestReport } from './tally';
import { markVanished } from './vanished';
import { countFound, walk, type FoundFile } from './walk';

export interface IngestOptions {
  catalog: Catalog;
  model: DualEncoder;
  /** The collection that every picture goes into; made if there is none of that name. */
  collection?: string | undefined;
  /**
   * Folders that `paths` are but what has changed in: what has gone meanwhile is marked missing, and
   * what is no picture passed over.
   */
  within?: readonly string[] | undefined;
  /** A list of captions: JSONL, CSV or TSV (captions.ts). */
  captions?: string | undefined;
  onProgress?: ((progress: IngestProgress) => void) | undefined;
  /** Told if another ingest is at work in a path of these, which is waited for. */
  onWaiting?: ((path: string) => void) | undefined;
  /** Ends the run between two pictures, with the signal's reason as the error. */
  signal?: AbortSignal | undefined;
}

/** One run: what was asked for, and how far it is. */
interface Run extends IngestOptions {
  /** The model's row in the catalog. */
  row: CatalogModel;
  /** The user's list, until a picture is found that it names. */
  idleList: CaptionList | undefined;
  threads: PictureThreads;
  tally: Tally;
}

/** How many pictures are encoded together. */
const BATCH = 32;

/**
 * How many are under way in the threads: while a batch is encoded nothing moves from one step to the
 * next, so there is a batch at each (hashed, decoded, ready), and one for what varies.
 */
const AHEAD = 4 * BATCH;

/** How many paths the catalog is asked about together, and how many pictures are stored together. */
const PAGE = 128;

/**
 * Ingests files and folders. What cannot be used is reported with a reason and stops nothing. May be
 * interrupted at any moment, by kill -9 too, and run again: nothing is lost or done twice.
 */
export async function ingest(paths: string[], options: IngestOptions): Promise<IngestReport> {
  const asked = outermost(paths);
  const roots = await existing(asked, options.within !== undefined);
  const list = options.captions === undefined ? undefined : await userList(options.captions);
  const row = await options.catalog.models.register(options.model);
  const release = await claim(options.catalog, roots, options);
  try {
    return await takeIn(asked, roots, { ...options, row, idleList: list });
  } finally {
    await release();
  }
}

/** @param roots - those of `asked` that exist. */
async function takeIn(
  asked: string[],
  roots: string[],
  request: Omit<Run, 'threads' | 'tally'>,
): Promise<IngestReport> {
  const threads = new PictureThreads(request.model.preprocessing);
  const run: Run = { ...request, threads, tally: new Tally() };
  const lists = run.idleList ? [run.idleList] : [];
  const start = { roots, lists, within: run.within };
  const counting = countFound(start);
  counting.total.then(
    (total) => (run.tally.total = total),
    () => {}, // What is wrong will come up in the walk that is worked on.
  );
  try {
    await storePictures(run, walk(start));
  } finally {
    counting.stop();
    await threads.close();
  }
  await embedWaitingCaptions(run, run.signal);
  run.tally.removed = await markVanished(run.catalog, asked, run.within ?? roots);
  if (run.idleList && run.within === undefined) {
    run.tally.failures.push({
      path: run.idleList.file,
      reason: 'names none of the pictures that were found; its paths are relative to itself',
    });
  }
  return run.tally.report();
}

async function storePictures(run: Run, found: AsyncIterable<FoundFile | Failure>): Promise<void> {
  const files = buffered(counted(run, found), 2 * PAGE);
  const examined = mapAhead(withKnown(run, files), AHEAD, ({ file, known }) =>
    examine(run, file, known),
  );
  let batch: Picture[] = [];
  for await (const result of examined) {
    run.signal?.throwIfAborted();
    if (result.outcome === 'failed') await recordFailure(run, result.file, result.reason);
    else run.tally[result.outcome]++;
    if (result.textFailure) run.tally.textFailures.push(result.textFailure);
    if ('picture' in result && result.picture) batch.push(result.picture);
    if (isFull(batch)) {
      await embedAndStore(run, batch);
      batch = [];
      await messages();
    }
    run.onProgress?.(run.tally.progress());
  }
  await embedAndStore(run, batch);
}

/** Lets in what the threads have sent meanwhile, so that they are given the next. */
function messages(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isFull(batch: Picture[]): boolean {
  return batch.length >= PAGE || batch.filter(({ pixels }) => pixels).length >= BATCH;
}

/** The files among what was found; what is none of them is a failure. */
async function* counted(
  run: Run,
  found: AsyncIterable<FoundFile | Failure>,
): AsyncGenerator<FoundFile> {
  for await (const one of found) {
    run.tally.found++;
    if ('reason' in one) {
      run.tally.failures.push(one);
      continue;
    }
    if (run.idleList?.captions.has(one.path)) run.idleList = undefined;
    yield one;
  }
}

/** Each file with what the catalog has about its path. */
async function* withKnown(
  { catalog, row }: Run,
  found: AsyncIterable<FoundFile>,
): AsyncGenerator<{ file: FoundFile; known: KnownFile | undefined }> {
  for await (const files of groups(found, PAGE)) {
    const paths = files.map((file) => file.path);
    const known = await catalog.files.known(paths, row.id);
    for (const file of files) yield { file, known: known.get(file.path) };
  }
}

async function recordFailure(run: Run, file: FoundFile, reason: string): Promise<void> {
  const { path, size, mtimeMs } = file;
  await run.catalog.files.fail({ path, size, mtimeMs, reason, collection: run.collection });
  run.tally.failures.push({ path, reason });
}

/** Absolute paths, in order; one that lies in another is left out. */
function outermost(paths: string[]): string[] {
  const roots: string[] = [];
  for (const root of [...new Set(paths.map((one) => path.resolve(one)))].sort(byParts)) {
    const last = roots.at(-1);
    if (last === undefined || !root.startsWith(path.join(last, path.sep))) roots.push(root);
  }
  return roots;
}

/** A folder comes directly before what is in it. */
function byParts(a: string, b: string): number {
  const [x, y] = [a, b].map((one) => one.replaceAll(path.sep, '\0')) as [string, string];
  return x < y ? -1 : 1;
}

/** Those that exist; without `some`, all have to. Throws one line. */
async function existing(roots: string[], some: boolean): Promise<string[]> {
  const found = await Promise.all(
    roots.map(async (root) => {
      const info = await stat(root).catch((cause: unknown) => {
        if (some) return undefined;
        throw new Error(`${root}: ${reasonOf(cause, root)}`, { cause });
      });
      const isUsable = info === undefined || info.isFile() || info.isDirectory();
      if (!isUsable && !some) throw new Error(`${root}: neither a file nor a folder`);
      return info !== undefined && isUsable;
    }),
  );
  return roots.filter((_, n) => found[n]);
}

async function userList(file: string): Promise<CaptionList> {
  try {
    return await readCaptionList(file);
  } catch (cause) {
    throw new Error(`captions ${file}: ${reasonOf(cause, file)}`, { cause });
  }
}
