// The data of a run: its sets read and checked, pictures of equal content joined, split by picture.

import { joinEqualPictures, type PictureFiles, statPictures } from './contents';
import { readSource, requireCaptions, splitPairs, type Pair, type Source } from './pairs';
import type { RunSettings } from '../run';

/** What a run trains on and is measured on; sets that the settings do not name are empty. */
export interface Data {
  train: Pair[];
  validation: Pair[];
  /** Pairs on which the tuned model must not be worse. */
  retention: Pair[];
}

/** The sets as they stand in their files, before anything is joined or left out. */
export interface Sources {
  data: Source;
  validation: Source | undefined;
  retention: Source | undefined;
}

/** Missing pictures that a message names. */
const NAMED = 3;

type DataSettings = Pick<
  RunSettings,
  'data' | 'validation' | 'retention' | 'holdout' | 'seed' | 'batchSize' | 'loss'
>;

/** Reads the sets. Throws one line that names file and row where one is wrong. */
export async function readSources(settings: DataSettings): Promise<Sources> {
  const { data, validation, retention } = settings;
  return {
    data: await readSource(data, settings.loss === 'none'),
    validation: validation === undefined ? undefined : await readSource(validation),
    retention: retention === undefined ? undefined : await readSource(retention),
  };
}

/**
 * Reads and splits the data of a run. Throws one line where a set has rows without captions, names
 * pictures that are missing, or leaves less than a batch.
 */
export async function readData(settings: DataSettings): Promise<Data> {
  const sources = await readSources(settings);
  const files = new Map<string, PictureFiles>();
  for (const source of Object.values(sources) as (Source | undefined)[]) {
    if (source === undefined) continue;
    requireCaptions(source);
    const found = await statPictures(source.pairs.map(({ image }) => image));
    checkMissing(source, found);
    files.set(source.name, found);
  }
  const data = await splitSources(sources, settings, (source) => files.get(source.name)!);
  if (data.train.length < settings.batchSize) {
    throw new Error(
      `${settings.data} leaves ${data.train.length} pictures to train on, fewer than a batch of ` +
        `${settings.batchSize}; give more data or a smaller --batch-size`,
    );
  }
  return data;
}

/**
 * Joins pictures of equal content, with the captions of all, so that none is another's negative and
 * all land on the same side; then holds out what the settings say.
 */
export async function splitSources(
  { data, validation, retention }: Sources,
  { holdout, seed, loss }: DataSettings,
  filesOf: (source: Source) => PictureFiles,
): Promise<Data> {
  const joined = async (source: Source | undefined) =>
    source === undefined ? [] : joinEqualPictures(source.pairs, filesOf(source));
  const pairs = await joined(data);
  const split =
    validation === undefined
      ? // A loss without captions is not measured by them, unless the settings ask for it.
        splitPairs(pairs, loss === 'none' ? 0 : holdout, seed)
      : { train: pairs, validation: await joined(validation) };
  // Only what has captions can be measured; the rest is trained on.
  const bare = split.validation.filter(({ captions }) => captions.length === 0);
  return {
    train: [...split.train, ...bare],
    validation: split.validation.filter(({ captions }) => captions.length > 0),
    retention: await joined(retention),
  };
}

function checkMissing({ name, pairs }: Source, { missing }: PictureFiles): void {
  if (missing.size === 0) return;
  const named = [...missing].slice(0, NAMED).map(([image, reason]) => `${image} (${reason})`);
  const more = missing.size > NAMED ? ', …' : '';
  throw new Error(
    `${name}: ${missing.size} of ${pairs.length} pictures are missing: ${named.join(', ')}${more}; ` +
      'correct their paths, which are relative to the list, or leave them out',
  );
}
