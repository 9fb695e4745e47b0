// Lists of pictures and captions in the forms that people have them, read to rows of one form.

import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { readText } from './text';

export interface CaptionText {
  text: string;
  language?: string | undefined;
}

/** One row of a list. */
export interface CaptionRow {
  /** Absolute path. */
  image: string;
  /** Different texts; none where the row has no caption. */
  texts: CaptionText[];
  /** The class of the picture, where the row names one. */
  label?: string | undefined;
  /** The row's place in the list, for messages: `line 7`. */
  where: string;
}

/** What lists call their columns: JSONL, imagefolder, open_clip, and what people write. */
const IMAGE = ['image', 'file_name', 'filepath', 'file', 'filename', 'path', 'image_path'];
const TEXT = ['caption', 'captions', 'text', 'title'];

/** The class of a picture; its caption too, where it has no other. */
const LABEL = 'label';

type Fields = Record<string, unknown>;

/**
 * Reads a list of captions: JSONL (`{"image", "caption" | "captions"}`, imagefolder's `{"file_name",
 * "text"}`), CSV or TSV with a header (open_clip's `filepath`, `title`), or COCO's captions JSON. Rows may have a
 * `label` besides or instead.
 * Paths are relative to the list. Throws one line that names the row at fault.
 */
export async function readCaptionRows(file: string): Promise<CaptionRow[]> {
  const content = await readText(file);
  const folder = path.dirname(path.resolve(file));
  return [...rowsOf(content, path.extname(file).toLowerCase())].map(([where, fields]) => {
    const { image, ...said } = parseFields(fields, where);
    return { image: path.resolve(folder, image), ...said, where };
  });
}

function rowsOf(content: string, extension: string): Iterable<[string, Fields]> {
  if (extension === '.csv') return tableRows(content, ',');
  if (extension === '.tsv') return tableRows(content, '\t');
  if (extension !== '.json') return jsonRows(content);
  if (content.trimStart().startsWith('[')) return arrayRows(content);
  return isLines(content) ? jsonRows(content) : cocoRows(content);
}

function* jsonRows(content: string): Generator<[string, Fields]> {
  for (const [index, line] of content.split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `line ${index + 1}`;
    const value = parseJson(line, where);
    if (typeof value !== 'object' || value === null) throw new Error(`${where} is not an object`);
    yield [where, value as Fields];
  }
}

/** One array of what are lines in JSONL. */
function* arrayRows(content: string): Generator<[string, Fields]> {
  for (const [index, value] of (parseJson(content, 'it') as unknown[]).entries()) {
    const where = `entry ${index + 1}`;
    if (typeof value !== 'object' || value === null) throw new Error(`${where} is not an object`);
    yield [where, value as Fields];
  }
}

/** Whether the first line is a row of its own, whatever the file's name says. */
function isLines(content: string): boolean {
  try {
    const first = JSON.parse(content.split('\n', 1)[0]!) as object;
    return !('images' in first);
  } catch {
    return false;
  }
}

function* tableRows(content: string, delimiter: string): Generator<[string, Fields]> {
  const options = { delimiter, info: true, relax_column_count: true, skip_empty_lines: true };
  const rows = parse(content, options) as unknown as {
    record: string[];
    info: { lines: number };
  }[];
  const [header, ...body] = rows;
  const columns = header?.record.map((name) => name.trim().toLowerCase()) ?? [];
  for (const [name, known] of [
    ['picture', IMAGE],
    ['caption', [...TEXT, LABEL]],
  ] as const) {
    if (!known.some((column) => columns.includes(column))) {
      throw new Error(`the first line names no column for the ${name}: one of ${known.join(', ')}`);
    }
  }
  for (const { record, info } of body) {
    if (record.every((cell) => cell === '')) continue;
    const fields = columns.map((column, index) => [column, record[index] ?? ''] as const);
    yield [`line ${info.lines}`, Object.fromEntries(fields)];
  }
}

const coco = z.object({
  images: z.array(z.object({ id: z.union([z.number(), z.string()]), file_name: z.string() })),
  annotations: z.array(
    z.object({ image_id: z.union([z.number(), z.string()]), caption: z.string() }),
  ),
});

function* cocoRows(content: string): Generator<[string, Fields]> {
  const parsed = coco.safeParse(parseJson(content, 'it'));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new Error(`not COCO captions: ${issue.path.join('.') || 'top level'}: ${issue.message}`);
  }
  const names = new Map(parsed.data.images.map(({ id, file_name: name }) => [id, name]));
  for (const [index, { image_id: id, caption }] of parsed.data.annotations.entries()) {
    const where = `annotation ${index + 1}`;
    const image = names.get(id);
    if (image === undefined) throw new Error(`${where} is of image ${id}, which is not listed`);
    yield [where, { image, caption }];
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = (cause as Error).message.replaceAll(/\s+/g, ' ');
    throw new Error(`${where} is not JSON: ${reason}`, { cause });
  }
}

function parseFields(fields: Fields, where: string): Omit<CaptionRow, 'where'> {
  const image = IMAGE.map((column) => fields[column]).find((value) => value !== undefined);
  if (image !== undefined && typeof image !== 'string') {
    throw new Error(
      `${where}: the picture must be a path, not ${JSON.stringify(image).slice(0, 40)}`,
    );
  }
  if (image === undefined || image === '') {
    const keys = Object.keys(fields).slice(0, 8).join(', ') || 'nothing';
    throw new Error(
      `${where} names no picture; expected ${IMAGE[0]} (or ${IMAGE[1]}), it has ${keys}`,
    );
  }
  if (/^[a-z]+:\/\//i.test(image)) {
    throw new Error(`${where}: ${image} is an address; pictures must be files on this machine`);
  }
  if (image.includes('\0')) throw new Error(`${where}: the picture's path has a zero byte`);
  const label = labelOf(fields, where);
  const said = TEXT.flatMap((column) => fields[column] ?? []);
  const language = typeof fields.language === 'string' ? fields.language : undefined;
  const texts = new Set<string>();
  for (const text of said) {
    if (typeof text !== 'string') throw new Error(`${where}: a caption must be a text`);
    if (tidy(text) !== '') texts.add(tidy(text));
  }
  if (texts.size === 0 && label !== undefined) texts.add(label);
  return {
    image,
    texts: [...texts].map((text) => ({ text, language })),
    ...(label === undefined ? {} : { label }),
  };
}

function labelOf(fields: Fields, where: string): string | undefined {
  const label = fields[LABEL] ?? '';
  if (typeof label !== 'string' && typeof label !== 'number') {
    throw new Error(`${where}: a label must be a text or a number`);
  }
  return tidy(String(label)) || undefined;
}

/** On one line, without what is invisible at its ends. */
export function tidy(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
