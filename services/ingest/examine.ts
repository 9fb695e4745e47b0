// What to do with one file that was found: nothing, store what is known anew, or decode it. Reads and
// decodes, writes nothing.

import type { Catalog, CatalogModel, KnownFile, StoredPicture } from '#catalog';
import type { DualEncoder } from '#model';
import { captionsOf, inStep } from './captions';
import { describe, readBytes, type FileBytes } from './content';
import { reasonOf } from './reasons';
import type { FoundFile } from './walk';

/** A picture ready to be stored; with pixels, if it has yet to be embedded. */
export interface Picture extends Omit<StoredPicture, 'vector'> {
  /** What `preprocess` of the model made of it. */
  pixels?: Float32Array;
}

export type Examined =
  | { outcome: 'added'; picture: Picture }
  /** With a picture, if something about it (captions, times, collection) is to be stored all the same. */
  | { outcome: 'unchanged'; picture?: Picture }
  | { outcome: 'failed'; file: FoundFile; reason: string };

export interface Examiner {
  catalog: Catalog;
  /** The model's row in the catalog. */
  row: CatalogModel;
  model: Pick<DualEncoder, 'preprocess'>;
  collection?: string | undefined;
}

/** @param known - what the catalog has about the file's path. */
export async function examine(
  { catalog, row, model, collection }: Examiner,
  file: FoundFile,
  known: KnownFile | undefined,
): Promise<Examined> {
  const { path, size, mtimeMs } = file;
  const captions = await captionsOf(file);
  const picture = { path, size, mtimeMs, captions };
  if (known?.item?.embedded && isSame(known, file)) {
    const settled = collection === undefined && inStep(captions, known.item.captions);
    if (settled) return { outcome: 'unchanged' };
    return { outcome: 'unchanged', picture: { ...picture, content: known.item.content } };
  }

  let bytes: FileBytes;
  try {
    bytes = await readBytes(path, size);
  } catch (error) {
    return { outcome: 'failed', file, reason: reasonOf(error, path) };
  }
  const item = await catalog.files.itemOf(bytes.sha256, row.id);
  if (item?.embedded) {
    const touched = known?.status === 'present' && known.item?.id === item.id;
    const outcome = touched ? 'unchanged' : 'added';
    return { outcome, picture: { ...picture, content: item.content } };
  }
  try {
    const pixels = await model.preprocess(bytes.source);
    const content = item?.content ?? (await describe(bytes, size));
    return { outcome: 'added', picture: { ...picture, content, pixels } };
  } catch (error) {
    return { outcome: 'failed', file, reason: reasonOf(error, path) };
  }
}

/** As far as one can tell without reading it. */
function isSame(known: KnownFile, file: FoundFile): boolean {
  return known.status === 'present' && known.size === file.size && known.mtimeMs === file.mtimeMs;
}
