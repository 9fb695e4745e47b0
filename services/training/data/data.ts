// The data of a run: its sets read and checked, pictures of equal content joined, split by picture.

import { joinEqualPictures, type PictureFiles, statPictures } from './contents';
import { readSource, requireCaptions, splitPairs, type Pair, type Source } from './pairs';
import type { AskedSettings } from '../run';

/** What a run trains on and is measured on; sets that the settings do not name are empty. */
export interface Data {
  train: Pair[];
  validation: Pair[];
  /** Pairs that nothing is chosen by. */
  test: Pair[];
  /** Pairs on which the tuned model must not be worse. */
  retention: Pair[];
}

/** The sets as they stand in their files, before anything is joined or left out. */
export interface Sources {
  data: Source;
  validation: Source | undefined;
  test: Source | undefined;
  retention: Source | undefined;
}

/** Missing pictures that a message names. */
const NAMED = 3;

type DataSettings = Pick<
  AskedSettings,
  'data' | 'validation' | 'test' | 'retention' | 'holdout' | 'seed' | 'batchSize' | 'loss'
>;

/** Reads the sets. Throws one line that names file and row where one is wrong. */
export async function readSources(settings: DataSettings): Promise<Sources> {
  const read = async (source: string | number | undefined) =>
    typeof source === 'string' ? readSource(source) : undefined;
  return {
    data: await readSource(settings.data, settings.loss === 'none'),
    validation: await read(settings.validation),
    test: await read(settings.test),
    retention: await read(settings.retention),
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
  const { batchSize = 2 } = settings;
  if (data.train.length < batchSize) {
    throw new Error(
      `${settings.data} leaves ${data.train.length} different pictures to train on, fewer than a ` +
        `batch of ${batchSize}; give more data${batchSize > 2 ? ' or a smaller --batch-size' : ''}`,
    );
  }
  return data;
}

/**
 * Joins pictures of equal content, with the captions of all, so that none is another's negative and
 * all land on the same side; then holds out what the settings say.
 */
export async function splitSources(
  { data, validation, test, retention }: Sources,
  settings: DataSettings,
  filesOf: (source: Source) => PictureFiles,
): Promise<Data> {
  const joined = async (source: Source | undefined) =>
    source === undefined ? [] : joinEqualPictures(source.pairs, filesOf(source));
  const split = splitPairs(await joined(data), sharesOf(settings), settings.seed);
  const held = {
    validation: validation === undefined ? split.validation : await joined(validation),
    test: test === undefined ? split.test : await joined(test),
  };
  // Only what has captions can be measured; the rest is trained on.
  const captioned = ({ captions }: Pair) => captions.length > 0;
  const bare = [...held.validation, ...held.test].filter((pair) => !captioned(pair));
  return {
    train: [...split.train, ...bare],
    validation: held.validation.filter(captioned),
    test: held.test.filter(captioned),
    retention: await joined(retention),
  };
}

/** The shares of the data that are held out. */
function sharesOf({ validation, test, holdout, loss }: DataSettings) {
  // A loss without captions is not measured by them, unless the settings ask for it.
  const asked = validation === undefined && loss !== 'none';
  return { validation: asked ? holdout : 0, test: typeof test === 'number' ? test : 0 };
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
