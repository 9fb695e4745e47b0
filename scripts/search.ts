// `bifocal search`: words or a picture in, ranked pictures or texts out. The search itself is #search.

import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { filterTime, openCatalog, type ItemFilter, type Modality } from '#catalog';
import { openEngine } from '#engine';
import { search as find, type SearchQuery, type SearchResult } from '#search';
import { jsonOption, Output, table, UsageError } from './output';
import { wholeNumber } from './whole-number';

interface Options {
  image?: string;
  not: string[];
  in: Modality;
  limit: number;
  json?: boolean;
}

interface FilterOptions {
  collection?: string;
  takenAfter?: string;
  takenBefore?: string;
  orientation?: ItemFilter['orientation'];
  hasCaption?: true;
  /** False with --no-caption. */
  caption: boolean;
  under?: string;
  format?: string;
  missing?: true;
}

const orientation = new Option('--orientation <which>', 'only pictures of this shape').choices([
  'landscape',
  'portrait',
  'square',
]);

export const search = new Command('search')
  .description('find pictures, or texts with --in text')
  .argument('[words...]', 'what to look for')
  .option('--image <file>', 'a picture to search by, alone or together with words')
  .option('--not <words>', 'what the results should have less of; may be repeated', append, [])
  .addOption(new Option('--in <kind>', 'what to find').choices(['image', 'text']).default('image'))
  .option('--collection <name>', 'only what belongs to this collection')
  .option('--taken-after <time>', 'only pictures of this time or later: 2024, 2024-05, …', time)
  .option('--taken-before <time>', 'only pictures of before this time', time)
  .addOption(orientation)
  .option('--has-caption', 'only pictures with a caption')
  .option('--no-caption', 'only pictures without one')
  .option('--under <path>', 'only what lies in this folder, at any depth')
  .option('--format <name>', 'only files of this format: jpeg, png, …')
  .option('--missing', 'only what is gone from the disk')
  .option('--limit <number>', 'how many results', wholeNumber, 20)
  .addOption(jsonOption())
  .action(run);

async function run(words: string[], options: Options & FilterOptions): Promise<void> {
  const query = toQuery(words.join(' ').trim(), options);
  const catalog = await openCatalog();
  try {
    const engine = await openEngine({ catalog });
    try {
      const result = await find(query, { engine, catalog });
      new Output(options.json === true).result(result, asLines);
    } finally {
      await engine.close();
    }
  } finally {
    await catalog.close();
  }
}

function toQuery(words: string, options: Options & FilterOptions): SearchQuery {
  const { image, not, limit } = options;
  const filter = toFilter(options);
  if (words === '' && image === undefined) {
    throw new UsageError('give words to search for, or a picture with --image FILE');
  }
  return {
    in: options.in,
    judged: true,
    fused: true,
    not: not.map((words) => ({ words })),
    limit,
    ...(words !== '' && { words }),
    ...(image !== undefined && { image: path.resolve(image) }),
    ...(filter && { filter }),
  };
}

/** What the hits have to satisfy; undefined if nothing, so that the fastest index answers. */
function toFilter(options: FilterOptions): ItemFilter | undefined {
  const { collection, takenAfter, takenBefore, orientation, format, missing } = options;
  if (options.hasCaption && !options.caption) {
    throw new UsageError('--has-caption and --no-caption exclude each other');
  }
  const filter: ItemFilter = {
    collection,
    takenFrom: takenAfter,
    takenTo: takenBefore,
    orientation,
    hasCaption: options.caption ? options.hasCaption : false,
    under: options.under === undefined ? undefined : path.resolve(options.under),
    format,
    missing,
  };
  return Object.values(filter).some((value) => value !== undefined) ? filter : undefined;
}

/** One line a hit: rank, score, text or captions, path; and where hits are probably unrelated. */
function asLines({ hits }: SearchResult): string {
  if (hits.length === 0) return 'Nothing found. Pictures come in with: bifocal ingest FOLDER';
  const lines = table(
    hits.map(({ score, text, captions, path: file }, index) => [
      index + 1,
      score.toFixed(3),
      shortened(text ?? captions[0] ?? ''),
      file ?? '(file gone)',
    ]),
  ).split('\n');
  const related = hits.filter((hit) => hit.related).length;
  if (related === hits.length) return lines.join('\n');
  const notice = related === 0 ? 'Nothing seems to match; the nearest are:' : 'Probably unrelated:';
  return [...lines.slice(0, related), notice, ...lines.slice(related)].join('\n');
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function time(text: string): string {
  const read = filterTime(text);
  if (read !== null) return read;
  throw new InvalidArgumentError(
    'It must be a year, a month, a day, or a time: 2024-05-06T07:08:09.',
  );
}

function append(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}
