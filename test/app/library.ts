// A small library of real pictures, brought in by the command line: what the page and `bifocal search` are tested on.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';

export const root = path.resolve(import.meta.dirname, '../..');
export const entry = path.join(root, 'scripts', 'bin.mjs');

export interface Library {
  /** The data folder. */
  home: string;
  /** Where the pictures are. */
  folder: string;
  /** For processes that work on it. */
  environment: NodeJS.ProcessEnv;
}

/** More than a page of results shows. */
export const PICTURES = 70;

export async function makeEmptyLibrary(): Promise<Library> {
  const home = await mkdtemp(path.join(tmpdir(), 'bifocal-app-'));
  const folder = path.join(home, 'pictures');
  await mkdir(folder);
  const environment = { ...process.env, BIFOCAL_HOME: home };
  return { home, folder, environment };
}

export async function makeLibrary(): Promise<Library> {
  const library = await makeEmptyLibrary();
  await fillFolder(library.folder);
  const args = [entry, 'ingest', library.folder, '--collection', 'gallery', '--json'];
  await promisify(execFile)(process.execPath, args, { env: library.environment });
  return library;
}

/** Drawings that the tests ask for by name; others come along. */
const wanted = ['guitar', 'bicycle', 'red apple'];

async function fillFolder(folder: string): Promise<void> {
  const lines = [];
  for (const { name, source } of await drawings(PICTURES - 2)) {
    await copyFile(source, path.join(folder, `${name}.webp`));
    lines.push(JSON.stringify({ file_name: `${name}.webp`, captions: [name] }));
  }
  await writeFile(path.join(folder, 'metadata.jsonl'), lines.join('\n'));
  await sharp({ create: { width: 900, height: 300, channels: 3, background: '#7aa0c4' } })
    .withExif({ IFD2: { DateTimeOriginal: '2021:06:05 12:00:00' } })
    .jpeg()
    .toFile(path.join(folder, 'wide sky.jpg'));
  await writeFile(
    path.join(folder, 'drawing.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="80"><rect width="40" height="80" fill="teal"/></svg>',
  );
}

/** Names and files of `count` drawings from the package that the sample gallery is made of. */
async function drawings(count: number): Promise<{ name: string; source: string }[]> {
  const packages = path.join(root, 'node_modules');
  const assets = path.join(packages, '@lobehub', 'fluent-emoji-3d', 'assets');
  const cldr = path.join(
    packages,
    'cldr-annotations-full',
    'annotations',
    'en',
    'annotations.json',
  );
  const { annotations } = JSON.parse(await readFile(cldr, 'utf8')) as {
    annotations: { annotations: Record<string, { tts?: string[] }> };
  };
  const all = Object.entries(annotations.annotations).flatMap(([emoji, { tts }]) => {
    const codes = Array.from(emoji, (character) => character.codePointAt(0)!.toString(16));
    const source = path.join(assets, `${codes.join('-')}.webp`);
    const name = tts?.[0] ?? '';
    return /^[a-z ]+$/.test(name) && existsSync(source) ? [{ name, source }] : [];
  });
  const named = all.filter(({ name }) => wanted.includes(name));
  const others = all.filter((_, index) => index % Math.floor(all.length / count) === 0);
  return [...new Set([...named, ...others])].slice(0, count);
}
