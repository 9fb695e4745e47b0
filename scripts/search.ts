// `bifocal search`: words or a picture in, ranked pictures or texts out. The search itself is #search.

import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { openCatalog, type Modality } from '#catalog';
import { openEngine } from '#engine';
import { search as find, type SearchQuery, type SearchResult } from '#search';
import { jsonOption, Output, table, UsageError } from './output';

interface Options {
  image?: string;
  not: string[];
  in: Modality;
  collection?: string;
  limit: number;
  json?: boolean;
}

export const search = new Command('search')
  .description('find pictures, or texts with --in text')
  .argument('[words...]', 'what to look for')
  .option('--image <file>', 'a picture to search by, alone or together with words')
  .option('--not <words>', 'what the results should have less of; may be repeated', append, [])
  .addOption(new Option('--in <kind>', 'what to find').choices(['image', 'text']).default('image'))
  .option('--collection <name>', 'only what belongs to this collection')
  .option('--limit <number>', 'how many results', wholeNumber, 20)
  .addOption(jsonOption())
  .action(run);

async function run(words: string[], options: Options): Promise<void> {
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

function toQuery(words: string, { image, not, collection, limit, ...rest }: Options): SearchQuery {
  if (words === '' && image === undefined) {
    throw new UsageError('give words to search for, or a picture with --image FILE');
  }
  return {
    in: rest.in,
    not,
    limit,
    ...(words !== '' && { words }),
    ...(image !== undefined && { image: path.resolve(image) }),
    ...(collection !== undefined && { filter: { collection } }),
  };
}

/** One line a hit: rank, score, text or captions, path. */
function asLines({ hits }: SearchResult): string {
  if (hits.length === 0) return 'Nothing found. Pictures come in with: bifocal ingest FOLDER';
  return table(
    hits.map(({ score, text, captions, path: file }, index) => [
      index + 1,
      score.toFixed(3),
      shortened(text ?? captions[0] ?? ''),
      file ?? '(file gone)',
    ]),
  );
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function append(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
