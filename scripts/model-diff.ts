// `bifocal model diff`: how two models rank the library differently, query by query, and which is right
// more often where the right answer is known.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { openCatalog, type Catalog } from '#catalog';
import { loadNamedModel, openEngine } from '#engine';
import type { DualEncoder } from '#model';
import { jsonOption, oneLine, Output, table } from './output';
import { wholeNumber } from './whole-number';

/** Hits that are compared. */
const DEPTH = 10;
const CUTS = [1, 5, 10] as const;
/** Texts that are encoded together. */
const TOGETHER = 64;
/** Queries that are shown, those that changed most. */
const SHOWN = 20;

interface Query {
  text: string;
  /** Item ids that answer it; empty where that is not known. */
  expected: number[];
}

interface Change {
  query: string;
  /** How many of the first ten hits the two models share. */
  overlap: number;
  /** Shared hits at another rank. */
  moved: number;
  /** Paths of hits of the second model that the first has not among its own. */
  new: (string | null)[];
  /** The rank of the first right answer under each model; null: not among the ten, or not known. */
  rank: [number | null, number | null];
}

type Recall = Record<'r1' | 'r5' | 'r10', number>;

interface Comparison {
  models: [string, string];
  queries: number;
  /** Mean share of the first ten hits that the models have in common, 0 to 1. */
  overlap: number;
  /** Over the queries whose answer is known: how often it is among the first 1, 5, 10. */
  recall: { queries: number; before: Recall; after: Recall; difference: Recall } | null;
  changes: Change[];
}

interface Options {
  queries?: string;
  limit: number;
  json?: boolean;
}

export const diff = new Command('diff')
  .description('compare how two models rank the pictures, both embedded by `model use`')
  .argument('<a>', 'a model: the one that serves, say')
  .argument('<b>', 'another')
  .option(
    '--queries <file>',
    'one query a line, or JSONL with "query" and "expected": paths or captions of right answers; ' +
      'by default captions of the library, whose pictures are known',
  )
  .option('--limit <number>', 'how many captions to ask', wholeNumber, 500)
  .addOption(jsonOption())
  .action(run);

async function run(a: string, b: string, options: Options): Promise<void> {
  const output = new Output(options.json === true);
  const catalog = await openCatalog();
  try {
    const queries = options.queries
      ? await readQueries(options.queries, catalog)
      : libraryQueries(catalog, options.limit);
    if (queries.length === 0) {
      throw new Error('there is nothing to ask: give queries with --queries FILE, a query a line');
    }
    const before = await rankAll(a, queries, catalog, output);
    const after = await rankAll(b, queries, catalog, output);
    const changes = await compareAll(queries, before.ranked, after.ranked, catalog);
    const overlap = mean(changes.map((change) => change.overlap)) / DEPTH;
    const recall = compareRecall(queries, changes);
    const models: [string, string] = [before.name, after.name];
    output.result({ models, queries: queries.length, overlap, recall, changes }, human);
  } finally {
    await catalog.close();
  }
}

function libraryQueries(catalog: Catalog, limit: number): Query[] {
  const texts = catalog.sampleTexts(limit);
  const expected = catalog.carriers(texts);
  return texts.map((text) => ({ text, expected: expected.get(text) ?? [] }));
}

const line = z.object({
  query: z.string().min(1),
  expected: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
});

/** Answers are paths, relative to the file, or captions. One that the library lacks is an error. */
async function readQueries(file: string, catalog: Catalog): Promise<Query[]> {
  const content = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'no such file' : cause.message;
    throw new Error(`--queries ${file}: ${why}`, { cause });
  });
  const lines = content.split('\n').map((text) => text.trim());
  const asked = lines.flatMap((text, n) => (text === '' ? [] : [parseLine(text, file, n + 1)]));
  const answers = [...new Set(asked.flatMap(({ expected }) => expected))];
  const atPath = (answer: string) => path.resolve(path.dirname(file), answer);
  const files = await catalog.files.known(answers.map(atPath), 0);
  const captioned = catalog.carriers(answers);
  return asked.map(({ query, expected }) => ({
    text: query,
    expected: expected.flatMap((answer) => {
      const item = files.get(atPath(answer))?.item;
      const found = item ? [item.id] : captioned.get(answer);
      if (found) return found;
      throw new Error(
        `${file}: "${query}" expects ${answer}, neither a picture nor a caption here`,
      );
    }),
  }));
}

function parseLine(text: string, file: string, number: number): z.infer<typeof line> {
  if (!text.startsWith('{')) return { query: text, expected: [] };
  try {
    return line.parse(JSON.parse(text));
  } catch (cause) {
    const what = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    const why = what ? `${what.path.join('.')}: ${what.message}` : (cause as Error).message;
    throw new Error(`${file}, line ${number}: ${why}`, { cause });
  }
}

/** The first item ids that a model finds for each query, best first. */
async function rankAll(
  name: string,
  queries: Query[],
  catalog: Catalog,
  output: Output,
): Promise<{ name: string; ranked: number[][] }> {
  const encoder = await loadNamedModel(catalog, name);
  try {
    await checkEmbedded(encoder, catalog, output);
    const engine = await openEngine({ catalog, encoder });
    try {
      const ranked: number[][] = [];
      for (let first = 0; first < queries.length; first += TOGETHER) {
        output.progress(`${encoder.name}: ${first}/${queries.length} queries`, {
          done: first,
          total: queries.length,
        });
        const texts = queries.slice(first, first + TOGETHER).map(({ text }) => text);
        const vectors = await engine.encodeTexts(texts);
        for (const vector of vectors) {
          const hits = await engine.search({ modality: 'image', vector, k: DEPTH });
          ranked.push(hits.map(({ id }) => id));
        }
      }
      return { name: encoder.name, ranked };
    } finally {
      await engine.close();
    }
  } finally {
    await encoder.dispose();
  }
}

async function checkEmbedded(
  { name, fingerprint }: DualEncoder,
  catalog: Catalog,
  output: Output,
): Promise<void> {
  const row = await catalog.models.find(fingerprint);
  const prepare = `bifocal model use ${name} --no-switch`;
  if (!row || catalog.models.embedded(row).images === 0) {
    throw new Error(`no picture is embedded by ${name} yet; embed them: ${prepare}`);
  }
  const { images } = catalog.countWaiting(row);
  if (images > 0)
    output.note(`${images} pictures are not embedded by ${name}; to do so: ${prepare}`);
}

async function compareAll(
  queries: Query[],
  before: number[][],
  after: number[][],
  catalog: Catalog,
): Promise<Change[]> {
  const changes = queries.map(({ text, expected }, n) =>
    compare(text, expected, before[n]!, after[n]!),
  );
  const ids = [...new Set(changes.flatMap((change) => change.new))];
  const items = await catalog.items(ids);
  return changes.map((change) => ({
    ...change,
    new: change.new.map((id) => items.get(id)?.path ?? null),
  }));
}

function compare(query: string, expected: number[], before: number[], after: number[]) {
  const shared = after.filter((id) => before.includes(id));
  return {
    query,
    overlap: shared.length,
    moved: shared.filter((id) => before.indexOf(id) !== after.indexOf(id)).length,
    new: after.filter((id) => !before.includes(id)),
    rank: [rankOf(expected, before), rankOf(expected, after)] as [number | null, number | null],
  };
}

/** Of the first right answer, counted from 1. */
function rankOf(expected: number[], found: number[]): number | null {
  const index = found.findIndex((id) => expected.includes(id));
  return index === -1 ? null : index + 1;
}

function compareRecall(queries: Query[], changes: Change[]): Comparison['recall'] {
  const known = changes.filter((_, n) => queries[n]!.expected.length > 0);
  if (known.length === 0) return null;
  const recall = (side: 0 | 1) => {
    const at = (cut: number) =>
      mean(known.map(({ rank }) => ((rank[side] ?? Infinity) <= cut ? 1 : 0)));
    return { r1: at(1), r5: at(5), r10: at(10) };
  };
  const [before, after] = [recall(0), recall(1)];
  const difference = {
    r1: after.r1 - before.r1,
    r5: after.r5 - before.r5,
    r10: after.r10 - before.r10,
  };
  return { queries: known.length, before, after, difference };
}

function human({ models, queries, overlap, recall, changes }: Comparison): string {
  const [a, b] = models;
  const changed = [...changes].sort((one, other) => one.overlap - other.overlap).slice(0, SHOWN);
  const rows = changed.map((change) => [
    `${change.overlap}/${DEPTH}`,
    change.moved,
    change.new.length,
    change.query.length > 40 ? `${change.query.slice(0, 39)}…` : change.query,
    change.new[0] ? oneLine(path.basename(change.new[0])) : '',
  ]);
  const lines = [
    table([['shared', 'moved', 'new', 'query', `first that only ${b} finds`], ...rows]),
    ...(queries > SHOWN
      ? [`the ${SHOWN} of ${queries} queries that changed most; all with --json`]
      : []),
    `mean overlap of the first ${DEPTH}: ${percent(overlap)}`,
  ];
  if (!recall) return lines.join('\n');
  const cells = CUTS.map((cut) => {
    const key = `r${cut}` as keyof Recall;
    const points = 100 * recall.difference[key];
    return [
      `recall@${cut}`,
      percent(recall.before[key]),
      percent(recall.after[key]),
      `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)}`,
    ];
  });
  const known = `over the ${recall.queries} queries whose answer is known`;
  return [...lines, known, table([['', a, b, 'points'], ...cells])].join('\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function mean(numbers: number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
