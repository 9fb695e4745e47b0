// Tux Paint's stamps as Debian packages them: drawn and photographed things, each with a sentence in several
// languages. A set of other people's making, measured with only: its licence (GPL-2) is not one to train on.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Language } from './phrases';

export interface Stamp {
  /** Path of the picture below the collection's folder. */
  path: string;
  says: Partial<Record<Language, string>>;
}

/** The languages whose prefix in the text files is their own code; Chinese is there in its traditional form alone. */
const LANGUAGES: readonly Language[] = ['es', 'de', 'fr', 'ja'];

/** All stamps with a text of their own, in the order of their paths. */
export async function readStamps(folder: string): Promise<Stamp[]> {
  const names = (await readdir(folder, { recursive: true })).sort();
  const texts = new Set(names.filter((name) => name.endsWith('.txt')));
  const found: Stamp[] = [];
  for (const name of names.filter((name) => /\.(png|svg)$/.test(name))) {
    const text = name.replace(/\.\w+$/, '.txt');
    if (!texts.has(text)) continue;
    const says = parse(await readFile(path.join(folder, text), 'utf8'));
    if (says.en) found.push({ path: name, says });
  }
  return found;
}

/** The first line is English; the others are `de.utf8=Ein Pfotenabdruck.` */
function parse(text: string): Stamp['says'] {
  const [first = '', ...lines] = text.split('\n').map((line) => line.trim());
  const says: Stamp['says'] = { en: first };
  for (const language of LANGUAGES) {
    const prefix = `${language}.utf8=`;
    const line = lines.find((of) => of.startsWith(prefix))?.slice(prefix.length);
    if (line) says[language] = line;
  }
  return says;
}
