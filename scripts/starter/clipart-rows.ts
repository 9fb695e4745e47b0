// Openclipart's drawings as rows of the data set: captions, held-out concepts left out, and a split of their own.

import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { perceptualHash } from '#perceptual-hash';
import { readClipArt, type ClipArt } from './clipart';
import type { Concept } from './concepts';
import type { Row } from './rows';
import { draw } from './draw';
import { render } from './drawings';
import { sentencesOf } from './phrases';

/** Pictures that are kept from training, each of another title. */
const HELD_OUT = 1000;
const KEYWORDS = 6;

interface Drawn {
  art: ClipArt;
  image: string;
  hash: string;
}

/**
 * Draws the collection into `<folder>/pictures/clipart` and describes it. A thousand drawings are held
 * out, and what looks like one of them or has its title is in neither part; so is what shows a concept that no
 * vendor's drawings are trained on.
 *
 * @param source the folder of the collection (sources.ts).
 */
export async function clipArtRows(
  source: string,
  folder: string,
  concepts: readonly Concept[],
): Promise<{ train: Row[]; heldOut: Row[] }> {
  const drawn: Drawn[] = [];
  const art = await readClipArt(source);
  for (const [done, one] of art.entries()) {
    if (done % 500 === 0) console.error(`starter data: Openclipart ${done}/${art.length}`);
    const found = await drawOne(one, source, folder);
    if (found) drawn.push(found);
  }
  const unseen = concepts.filter(({ heldOut }) => heldOut).map(({ words }) => words[0]?.name ?? '');
  const forbidden = new RegExp(`\\b(${unseen.map(escape).join('|')})s?\\b`, 'i');
  const order = [...drawn].sort((a, b) => draw(a.art.path) - draw(b.art.path));
  const heldOut = new Map<string, Drawn>();
  for (const one of order) {
    const { title } = one.art;
    if (title !== undefined && heldOut.size < HELD_OUT && !heldOut.has(title)) {
      heldOut.set(title, one);
    }
  }
  const hashes = new Set([...heldOut.values()].map(({ hash }) => hash));
  const train = drawn.filter(
    ({ art: one, hash }) =>
      !hashes.has(hash) && !heldOut.has(one.title ?? '') && !forbidden.test(said(one)),
  );
  const known = namesOf(concepts);
  return {
    train: train.map(({ art: one, image }) => row(image, captionsOf(one, known))),
    heldOut: [...heldOut].map(([title, { image }]) => row(image, [title])),
  };
}

function row(image: string, captions: string[]): Row {
  return { image, captions, concept: image };
}

function said({ title, keywords }: ClipArt): string {
  return [title ?? '', ...keywords].join(', ');
}

/** English names of concepts that are trained on, with the concept. */
function namesOf(concepts: readonly Concept[]): Map<string, Concept> {
  const seen = concepts.filter(({ heldOut }) => !heldOut);
  return new Map(seen.map((concept) => [concept.words[0]?.name.toLowerCase() ?? '', concept]));
}

/** English words of its own, and where a title or keyword names a concept, that concept's in all languages. */
function captionsOf(art: ClipArt, known: ReadonlyMap<string, Concept>): string[] {
  const keywords = art.keywords.slice(0, KEYWORDS);
  const joined = keywords.slice(0, 4).join(', ');
  const pick = draw(art.path);
  const english = [
    ...(art.title === undefined
      ? []
      : [
          art.title,
          ...sentencesOf('en', art.title, 3, pick),
          ...keywords.slice(0, 2).map((word) => `${art.title}, ${word}`),
        ]),
    ...(keywords.length > 1 ? [joined] : []),
    ...keywords,
  ];
  const named = [art.title ?? '', ...art.keywords].flatMap(
    (word) => known.get(word) ?? known.get(word.replace(/s$/, '')) ?? [],
  );
  const translated = [...new Set(named)]
    .slice(0, 2)
    .flatMap(({ words }) =>
      words
        .slice(1)
        .flatMap(({ language, name }) => [name, ...sentencesOf(language, name, 2, pick)]),
    );
  return [...new Set([...english, ...translated])];
}

async function drawOne(art: ClipArt, source: string, folder: string): Promise<Drawn | undefined> {
  const image = path.join('pictures', 'clipart', art.path.replaceAll(/[^\w.-]/g, '_') + '.webp');
  const target = path.join(folder, image);
  if (!(await stat(target).catch(() => null))) {
    const svg = await readFile(path.join(source, art.path));
    const picture = await render(svg).catch(() => undefined);
    if (!picture) return undefined;
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(`${target}.part`, picture);
    await rename(`${target}.part`, target);
  }
  const small = await sharp(target)
    .flatten({ background: 'white' })
    .resize(36, 32, { fit: 'fill' })
    .raw()
    .toBuffer();
  // Nothing was drawn, or something that hardly shows.
  if (small.every((byte) => byte > 245)) return undefined;
  return { art, image, hash: perceptualHash(small, 36, 32) };
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
