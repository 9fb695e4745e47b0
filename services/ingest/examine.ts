// What to do with one file that was found: nothing, store what is known anew, or decode it. Writes nothing.

import { readSideText, sideFile, type SideText } from '#captions';
import type { Catalog, CatalogModel, KnownFile, SourcedCaptions, StoredPicture } from '#catalog';
import { captionsOf, inStep } from './captions';
import type { Failure } from './reasons';
import { Unusable, type PictureThreads } from './threads/picture-threads';
import type { FoundFile } from './walk';

/** A picture ready to be stored; with pixels, if it has yet to be embedded. */
export interface Picture extends Omit<StoredPicture, 'vector'> {
  /** What `preprocess` of the model made of it. */
  pixels?: Float32Array;
}

/** With a failure, if the text beside the picture cannot be its caption. */
export type Examined = { textFailure?: Failure | undefined } & (
  | { outcome: 'added'; picture: Picture }
  /** With a picture, if something about it (captions, times, collection) is to be stored all the same. */
  | { outcome: 'unchanged'; picture?: Picture }
  | { outcome: 'failed'; file: FoundFile; reason: string }
);

export interface Examiner {
  catalog: Catalog;
  /** The model's row in the catalog. */
  row: CatalogModel;
  threads: PictureThreads;
  collection?: string | undefined;
}

/** @param known - what the catalog has about the file's path. */
export async function examine(
  examiner: Examiner,
  file: FoundFile,
  known: KnownFile | undefined,
): Promise<Examined> {
  if (isComplete(known?.item) && isSame(known!, file)) return settled(examiner, file, known!.item!);
  try {
    return await readAnew(examiner, file, known);
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    return { outcome: 'failed', file, reason: error.message };
  }
}

type KnownItem = NonNullable<KnownFile['item']>;

/** Nothing to do, or only what was said about the picture has changed. */
async function settled(
  { collection }: Examiner,
  file: FoundFile,
  item: KnownItem,
): Promise<Examined> {
  const beside = file.hasText ? await readSideText(sideFile(file.path)) : { texts: [] };
  const settled = { outcome: 'unchanged', textFailure: failureOf(file, beside) } as const;
  const captions = captionsOf(file, beside.texts);
  if (collection === undefined && inStep(captions, item.captions)) return settled;
  return { ...settled, picture: { ...placeOf(file), captions, content: item.content } };
}

async function readAnew(
  { catalog, row, threads }: Examiner,
  file: FoundFile,
  known: KnownFile | undefined,
): Promise<Examined> {
  const textFile = file.hasText ? sideFile(file.path) : undefined;
  const { sha256, beside } = await threads.identify(file.path, textFile);
  const textFailure = failureOf(file, beside);
  const captions = captionsOf(file, beside.texts);
  const item = await catalog.files.itemOf(sha256, row.id);
  if (item !== null && isComplete(item)) {
    const touched = known?.status === 'present' && known.item?.id === item.id;
    const outcome = touched ? 'unchanged' : 'added';
    const picture = { ...placeOf(file), captions, content: item.content };
    return { outcome, picture, textFailure };
  }
  const read = await threads.read(file.path);
  const all: SourcedCaptions[] = [...captions, ...read.captions];
  const picture = { ...placeOf(file), captions: all, content: read.content };
  // Stored before there were perceptual hashes: only the hash is new.
  if (item?.embedded) return { outcome: 'unchanged', picture, textFailure };
  return { outcome: 'added', picture: { ...picture, pixels: read.pixels }, textFailure };
}

function failureOf({ path }: FoundFile, { fault }: SideText): Failure | undefined {
  return fault === undefined ? undefined : { path: sideFile(path), reason: fault };
}

function placeOf({ path, size, mtimeMs }: FoundFile) {
  return { path, size, mtimeMs };
}

/** Embedded by this model, with all that is kept of a picture. */
function isComplete(item: KnownItem | null | undefined): boolean {
  return item?.embedded === true && item.content.perceptualHash !== undefined;
}

/** As far as one can tell without reading it. */
function isSame(known: KnownFile, file: FoundFile): boolean {
  return known.status === 'present' && known.size === file.size && known.mtimeMs === file.mtimeMs;
}
