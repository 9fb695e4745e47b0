// Builds the sample gallery: 3-D drawings with readable file names, and their captions. Ingesting it is not done here.

import { copyFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { config } from '#config';

export interface Gallery {
  folder: string;
  pictures: number;
  /** How many pictures had to be copied; 0 when the gallery was complete. */
  copied: number;
}

interface Entry {
  /** File name in the package. */
  source: string;
  name: string;
  keywords: string[];
}

interface Annotations {
  annotations: { annotations: Record<string, { default?: string[]; tts?: string[] }> };
}

/**
 * Puts Microsoft's Fluent drawings from the installed packages into a folder, with their names and
 * keywords from CLDR in `metadata.jsonl`: one `{"file_name", "captions"}` a picture, the name first.
 * Skin-tone variants and national flags, which are not in CLDR's main list of names, are left out.
 * Copies only what is missing.
 *
 * @param folder where to build; `<home>/gallery` unless given.
 */
export async function buildGallery(folder = path.join(config().home, 'gallery')): Promise<Gallery> {
  const packages = path.join(config().root, 'node_modules');
  const assets = path.join(packages, '@lobehub', 'fluent-emoji-3d', 'assets');
  const entries = await readEntries(assets, path.join(packages, 'cldr-annotations-full'));
  const metadata = entries
    .map(({ name, keywords }) =>
      JSON.stringify({ file_name: fileName(name), captions: [name, ...keywords] }),
    )
    .join('\n');

  await mkdir(folder, { recursive: true });
  const captions = path.join(folder, 'metadata.jsonl');
  // The captions are written last: with the right ones there, every picture that is there is whole.
  const complete = (await readFile(captions, 'utf8').catch(() => '')) === metadata + '\n';
  const present = new Set(complete ? await readdir(folder) : []);
  const missing = entries.filter(({ name }) => !present.has(fileName(name)));
  for (const { source, name } of missing) {
    await copyFile(path.join(assets, source), path.join(folder, fileName(name)));
  }
  if (!complete) {
    await writeFile(`${captions}.part`, metadata + '\n');
    await rename(`${captions}.part`, captions);
  }
  return { folder, pictures: entries.length, copied: missing.length };
}

async function readEntries(assets: string, cldr: string): Promise<Entry[]> {
  const file = path.join(cldr, 'annotations', 'en', 'annotations.json');
  const { annotations } = JSON.parse(await readFile(file, 'utf8')) as Annotations;
  const known = new Map(
    Object.entries(annotations.annotations).map(([emoji, words]) => [plain(emoji), words]),
  );
  const entries = new Map<string, Entry>();
  for (const source of (await readdir(assets)).sort()) {
    const emoji = plain(emojiOf(source));
    const words = known.get(emoji);
    const name = words?.tts?.[0];
    // The package holds a few drawings twice, under a short and a padded code point.
    if (!words || !name || entries.has(emoji)) continue;
    const keywords = (words.default ?? []).filter((keyword) => keyword !== name);
    entries.set(emoji, { source, name: name.replace(': ', ', '), keywords });
  }
  return [...entries.values()];
}

/** `1f408-200d-2b1b.webp` → 🐈‍⬛ */
function emojiOf(fileName: string): string {
  const points = path.parse(fileName).name.split(/[-_]/);
  return String.fromCodePoint(...points.map((point) => parseInt(point, 16)));
}

/** Without the variation selector, which one source writes and another leaves out. */
function plain(emoji: string): string {
  return emoji.replaceAll('\u{fe0f}', '');
}

/** Without what some file systems refuse. */
function fileName(name: string): string {
  return `${name.replaceAll(/[\\/:*?"<>|]/g, '')}.webp`;
}
