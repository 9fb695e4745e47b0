// The lines of the data set's files.

import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Split } from './concepts';
import type { Language } from './phrases';

/** One line of a split's file. */
export interface Row {
  /** Path below the data set's folder. */
  image: string;
  captions: string[];
  concept: string;
  /** What it is called in each language; of held-out pictures. */
  names?: Partial<Record<Language, string>>;
}

/** Throws one line where a split has no rows, as those of Debian's packages where there is no apt. */
export async function readRows(folder: string, split: Split): Promise<Row[]> {
  const file = fileOf(folder, split);
  const content = (await readFile(file, 'utf8')).trim();
  if (content === '') {
    throw new Error(
      `${file} has no rows: its pictures are a package of Debian's, which apt fetches`,
    );
  }
  return content.split('\n').map((line) => JSON.parse(line) as Row);
}

/** Writes beside and renames, so that an interrupted run never leaves half a file. */
export async function writeRows(folder: string, split: Split, rows: readonly Row[]): Promise<void> {
  const target = fileOf(folder, split);
  await writeFile(`${target}.part`, rows.map((row) => JSON.stringify(row) + '\n').join(''));
  await rename(`${target}.part`, target);
}

function fileOf(folder: string, split: Split): string {
  return path.join(folder, `${split}.jsonl`);
}
