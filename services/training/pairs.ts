// Training pairs: pictures with their captions, read from JSONL and split by picture.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { Random } from '#random';

/** One picture and every caption that is true of it. */
export interface Pair {
  /** Absolute path. */
  image: string;
  captions: string[];
}

const caption = z.string().trim().min(1, 'an empty caption');

const row = z
  .object({
    image: z.string().min(1),
    caption: caption.optional(),
    captions: z.array(caption).min(1).optional(),
  })
  .refine((value) => value.caption !== undefined || value.captions !== undefined, {
    error: 'neither "caption" nor "captions"',
  });

function parseRow(line: string, where: string, folder: string): Pair {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new Error(`${where}: not valid JSON (${(cause as Error).message})`, { cause });
  }
  const parsed = row.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const key = issue.path.length > 0 ? `"${issue.path.join('.')}": ` : '';
    throw new Error(`${where}: ${key}${issue.message}`);
  }
  const { image, caption: one, captions = [] } = parsed.data;
  return {
    image: path.resolve(folder, image),
    captions: [...new Set(one === undefined ? captions : [one, ...captions])],
  };
}

/**
 * Reads a JSONL file of `{"image": path, "caption": text}` or `{"image": path, "captions": [text]}`.
 * Paths are relative to the file. Rows of one picture are joined. Throws one line naming file and
 * line number where a row is not of that form.
 */
export async function readPairs(file: string): Promise<Pair[]> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (cause) {
    throw new Error(`data file ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const folder = path.dirname(path.resolve(file));
  const byImage = new Map<string, Pair>();
  for (const [index, line] of content.split('\n').entries()) {
    if (line.trim() === '') continue;
    const pair = parseRow(line, `${file}:${index + 1}`, folder);
    const known = byImage.get(pair.image);
    if (known === undefined) byImage.set(pair.image, pair);
    else known.captions = [...new Set([...known.captions, ...pair.captions])];
  }
  if (byImage.size === 0) throw new Error(`data file ${file} holds no pairs`);
  return [...byImage.values()];
}

/** Splits pairs by picture: `fraction` of them, chosen by `seed`, for validation. */
export function splitPairs(
  pairs: Pair[],
  fraction: number,
  seed: number,
): { train: Pair[]; validation: Pair[] } {
  const held = Math.round(pairs.length * fraction);
  const order = [...new Random(seed).permutation(pairs.length)].map((index) => pairs[index]!);
  return { train: order.slice(held), validation: order.slice(0, held) };
}
