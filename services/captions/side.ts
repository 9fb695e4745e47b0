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

/** What a text file beside a picture says. */
export interface SideText {
  /** One caption, or none. */
  texts: CaptionText[];
  /** Why a file that is there cannot be a caption. */
  fault?: string;
}

/** The caption in a text file, if there is such a file. */
export async function readSideText(file: string): Promise<SideText> {
  const info = await stat(file).catch(() => undefined);
  if (!info?.isFile() || info.size === 0) return { texts: [] };
  if (info.size > TEXT_BYTES) {
    return { texts: [], fault: 'too long for a caption (more than 64 kB)' };
  }
  try {
    const text = tidy(await readText(file, false));
    return { texts: text === '' ? [] : [{ text }] };
  } catch (error) {
    return { texts: [], fault: (error as Error).message };
  }
}
