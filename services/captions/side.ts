// Captions that lie beside pictures: a text file of the same name, and lists in their folder.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { tidy, type CaptionText } from './rows';
import { readText } from './text';

/** Lists that a folder may have for the pictures in it and below (Hugging Face's imagefolder). */
export const FOLDER_LISTS = ['metadata.jsonl', 'metadata.csv'];

/** More than this beside a picture is no caption. */
const TEXT_BYTES = 64 * 1024;

/** The text file that would be a picture's caption. */
export function sideFile(picture: string): string {
  const { dir, name } = path.parse(picture);
  return path.join(dir, `${name}.txt`);
}

/** The caption in a text file; none where there is no such file, or none that can be one. */
export async function readSideText(file: string): Promise<CaptionText[]> {
  try {
    const { size } = await stat(file);
    if (size > TEXT_BYTES) return [];
    const text = tidy(await readText(file, false));
    return text === '' ? [] : [{ text }];
  } catch {
    return []; // Nothing beside it, or nothing that may be read: no caption either way.
  }
}
