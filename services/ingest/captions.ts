// Where a picture's captions come from: a text file beside it, lists in its folder and above
// (metadata.jsonl, as Hugging Face's imagefolder has it), and the list that the user names.

import type { Dirent } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SourcedCaptions } from '#catalog';
import { parseTable } from './csv';
import { reasonOf, type Failure } from './reasons';

export interface CaptionText {
  text: string;
  language?: string | undefined;
}

/** A file that gives captions to pictures, by their absolute paths. */
export interface CaptionList {
  file: string;
  captions: ReadonlyMap<string, CaptionText[]>;
}

/** Lists that a folder may have for the pictures in it and below. */
const FOLDER_LISTS = ['metadata.jsonl', 'metadata.csv'];

/** More than this beside a picture is no caption. */
const TEXT_BYTES = 64 * 1024;

/** How lists call their columns; design: JSONL, imagefolder, open_clip, and what people write. */
const IMAGE = ['image', 'file_name', 'filepath', 'file', 'filename', 'path', 'image_path'];
const TEXT = ['caption', 'captions', 'text', 'title'];

/** What each source says about a picture now; one that says nothing (more) has an empty list. */
export async function captionsOf(picture: {
  path: string;
  /** False where no text file of the same name lies beside it. */
  hasText: boolean;
  /** The lists that may name it. */
  lists: readonly CaptionList[];
}): Promise<SourcedCaptions[]> {
  const { dir, name } = path.parse(picture.path);
  const beside = path.join(dir, `${name}.txt`);
  return [
    { source: beside, texts: picture.hasText ? await sideText(beside) : [] },
    ...picture.lists.map(({ file, captions }) => ({
      source: file,
      texts: captions.get(picture.path) ?? [],
    })),
  ];
}

/** Whether what is known of a picture's captions is what its sources say now. */
export function inStep(
  said: readonly SourcedCaptions[],
  known: readonly { text: string; source: string }[],
): boolean {
  const knownTexts = new Set(known.map(({ text }) => text));
  return said.every(({ source, texts }) => {
    const saidTexts = new Set(texts.map(({ text }) => text));
    const stale = known.some((one) => one.source === source && !saidTexts.has(one.text));
    return !stale && texts.every(({ text }) => knownTexts.has(text));
  });
}

async function sideText(file: string): Promise<CaptionText[]> {
  try {
    const { size } = await stat(file);
    if (size > TEXT_BYTES) return [];
    const text = tidy(await readFile(file, 'utf8'));
    return text === '' ? [] : [{ text }];
  } catch {
    return []; // Nothing beside it, or nothing that may be read: no caption either way.
  }
}

/** The lists that lie in a folder. One that cannot be used is a failure, not the end. */
export async function folderCaptions(
  folder: string,
  entries: readonly Dirent[],
): Promise<{ lists: CaptionList[]; failures: Failure[] }> {
  const lists: CaptionList[] = [];
  const failures: Failure[] = [];
  for (const { name } of entries.filter(({ name }) => FOLDER_LISTS.includes(name))) {
    const file = path.join(folder, name);
    try {
      lists.push(await readCaptionList(file));
    } catch (error) {
      failures.push({ path: file, reason: reasonOf(error, file) });
    }
  }
  return { lists, failures };
}

/**
 * Reads a list of captions: JSONL (`{"image", "caption" | "captions"}`), or CSV or TSV with a header.
 * Paths are relative to the list. Throws one line that names the row at fault.
 */
export async function readCaptionList(file: string): Promise<CaptionList> {
  const content = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  const folder = path.dirname(path.resolve(file));
  const captions = new Map<string, CaptionText[]>();
  for (const { row, where } of file.endsWith('.jsonl')
    ? jsonRows(content)
    : tableRows(content, file)) {
    const { image, texts } = parseRow(row, where);
    const key = path.resolve(folder, image);
    captions.set(key, [...(captions.get(key) ?? []), ...texts]);
  }
  return { file: path.resolve(file), captions };
}

interface Row {
  row: Record<string, unknown>;
  where: string;
}

function* jsonRows(content: string): Generator<Row> {
  for (const [index, line] of content.split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `line ${index + 1}`;
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch (cause) {
      throw new Error(`${where} is not JSON: ${(cause as Error).message}`, { cause });
    }
    if (typeof row !== 'object' || row === null) throw new Error(`${where} is not a JSON object`);
    yield { row: row as Row['row'], where };
  }
}

function* tableRows(content: string, file: string): Generator<Row> {
  const [header, ...rows] = parseTable(content, file.endsWith('.tsv') ? '\t' : ',');
  const columns = header?.map((name) => name.trim().toLowerCase()) ?? [];
  for (const [name, known] of [
    ['picture', IMAGE],
    ['caption', TEXT],
  ] as const) {
    if (!known.some((column) => columns.includes(column))) {
      throw new Error(`the first line names no column for the ${name}: one of ${known.join(', ')}`);
    }
  }
  for (const [index, cells] of rows.entries()) {
    yield {
      row: Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ''])),
      where: `row ${index + 2}`,
    };
  }
}

function parseRow(row: Row['row'], where: string): { image: string; texts: CaptionText[] } {
  const image = IMAGE.map((column) => row[column]).find((value) => value !== undefined);
  if (typeof image !== 'string' || image === '') {
    throw new Error(`${where} names no picture; expected ${IMAGE[0]} (or ${IMAGE[1]})`);
  }
  const said = TEXT.flatMap((column) => row[column] ?? []);
  const language = typeof row.language === 'string' ? row.language : undefined;
  const texts = new Set<string>();
  for (const text of said) {
    if (typeof text !== 'string') throw new Error(`${where}: a caption must be a text`);
    if (tidy(text) !== '') texts.add(tidy(text));
  }
  return { image, texts: [...texts].map((text) => ({ text, language })) };
}

/** On one line, without what is invisible at its ends. */
function tidy(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
