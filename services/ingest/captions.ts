// Where a picture's captions come from: a text file beside it, lists in its folder and above
// (metadata.jsonl, as Hugging Face's imagefolder has it), and the list that the user names.

import path from 'node:path';
import { FOLDER_LISTS, readCaptionRows, sideFile, type CaptionText } from '#captions';
import type { SourcedCaptions } from '#catalog';
import { reasonOf, type Failure } from './reasons';

/** A file that gives captions to pictures, by their absolute paths. */
export interface CaptionList {
  file: string;
  captions: ReadonlyMap<string, CaptionText[]>;
}

/**
 * What each source says about a picture now; one that says nothing (more) has an empty list.
 *
 * @param beside - what the text file beside it says.
 */
export function captionsOf(
  picture: {
    path: string;
    /** The lists that may name it. */
    lists: readonly CaptionList[];
  },
  beside: CaptionText[],
): SourcedCaptions[] {
  return [
    { source: sideFile(picture.path), texts: beside },
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

/** The lists that lie in a folder. One that cannot be used is a failure, not the end. */
export async function folderCaptions(
  folder: string,
  names: readonly string[],
): Promise<{ lists: CaptionList[]; failures: Failure[] }> {
  const lists: CaptionList[] = [];
  const failures: Failure[] = [];
  for (const name of names.filter((name) => FOLDER_LISTS.includes(name))) {
    const file = path.join(folder, name);
    try {
      lists.push(await readCaptionList(file));
    } catch (error) {
      failures.push({ path: file, reason: reasonOf(error, file) });
    }
  }
  return { lists, failures };
}

/** Reads a list of captions by picture. Throws one line that names the row at fault. */
export async function readCaptionList(file: string): Promise<CaptionList> {
  const captions = new Map<string, CaptionText[]>();
  for (const { image, texts } of await readCaptionRows(file)) {
    captions.set(image, [...(captions.get(image) ?? []), ...texts]);
  }
  return { file: path.resolve(file), captions };
}
