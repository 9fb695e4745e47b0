// Builds the starter model's data set: `npx tsx scripts/starter/data.ts` writes <home>/starter.
// Resumable; running it again only renders what is missing.

import { mkdir, readFile, stat, writeFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { config } from '#config';
import { inParallel } from '#parallel';
import { Random } from '#random';
import { captionsOf, type Extras } from './captions';
import { clipArtRows } from './clipart-rows';
import { colourOf, namesColour } from './colours';
import { readConcepts, splitOf, type Concept, type Split } from './concepts';
import { draw } from './draw';
import { readDrawings, readNames, render, type Drawing } from './drawings';
import { fetchCollection, fetchPackages } from './fetch';
import { readThings } from './icons';
import { isShort, pairOf } from './phrases';
import { writeRows, type Row } from './rows';
import { scene } from './scenes';
import { vendors, type IconSet, type Vendor } from './sources';
import { readStamps } from './stamps';
import { openWordNet } from './wordnet';

/** A drawing, with what scenes are made of where it is trained on. */
interface Drawn {
  row: Row;
  split: Split;
  vendor: Vendor;
  concept: Concept;
}

/** Scenes with two drawings. */
const PAIRS = 5000;

/** Backgrounds that each piece of clip art is put on. */
const CLIP_ART_SCENES = 3;

/** Pictures that are made at once; each keeps little more than one core busy. */
const AT_ONCE = 4;

/** Kinds of things that one takes pictures of, and that stand beside each other in them. */
const THINGS =
  /^(animal|plant|food|drink|dishware|transport-(ground|water|air)|sport|game|arts|clothing|musical|phone|computer|light|book|writing|office|tool|science|medical|household|other-object|person-role)/;

const folder = path.join(config().home, 'starter');
console.error(`starter data: fetching packages into ${path.join(folder, 'packages')}`);
const packages = path.join(folder, 'packages');
const file = await fetchPackages(packages);
const concepts = new Map((await readConcepts(file)).map((concept) => [concept.id, concept]));
const names = await readNames(file);
const wordnet = await openWordNet(file);
const rows: Record<Split, Row[]> = {
  train: [],
  icons: [],
  validation: [],
  'heldout-vendor': [],
  'heldout-outlines': [],
  'heldout-concepts': [],
  'heldout-clipart': [],
  'heldout-stamps': [],
};
const trained: Drawn[] = [];
for (const vendor of vendors) {
  const files = await filesOf(vendor);
  const drawings = files
    ? await readDrawings(vendor, files, { ids: [...concepts.keys()], names })
    : [];
  const shown = drawings.filter(({ concept }) => concepts.has(concept));
  const unique = [...new Map(shown.map((drawing) => [nameOf(drawing), drawing])).values()];
  const drawn = await inParallel(unique, AT_ONCE, (drawing, done) => {
    if (done % 500 === 0) console.error(`starter data: ${vendor.name} ${done}/${unique.length}`);
    return drawnBy(vendor, drawing, concepts.get(drawing.concept)!);
  });
  for (const one of drawn) {
    if (!one) continue;
    rows[one.split].push(one.row);
    if (one.split === 'train') trained.push(one);
  }
}
await addScenes();
const clipArt = await fetchCollection(packages, 'openclipart-svg');
if (clipArt) {
  const found = await clipArtRows(clipArt, folder, [...concepts.values()]);
  rows.train.push(...found.train);
  await addClipArtScenes(found.train);
  rows['heldout-clipart'].push(...found.heldOut);
}
const stamps = await fetchCollection(packages, 'tuxpaint-stamps-default');
if (stamps) await addStamps(stamps);
await addIcons();
for (const row of [...rows.train, ...rows.icons]) {
  row.captions = row.captions.filter((caption, at) => at === 0 || isShort(caption));
}
for (const [split, of] of Object.entries(rows) as [Split, Row[]][]) {
  await writeRows(folder, split, of);
  console.log(
    `${split}: ${of.length} pictures of ${new Set(of.map((r) => r.concept)).size} concepts`,
  );
}

/** Paths in a vendor's package; undefined where that cannot be had. */
async function filesOf({ debian }: Vendor): Promise<typeof file | undefined> {
  if (!debian) return file;
  const folder = await fetchCollection(packages, debian);
  return folder === undefined ? undefined : (_, ...parts) => path.join(folder, ...parts);
}

function nameOf({ concept, variant }: Drawing): string {
  return variant === undefined ? concept : `${concept} ${variant}`;
}

/** Makes a drawing's picture and its row; `undefined` where it would teach the wrong word. */
async function drawnBy(
  vendor: Vendor,
  drawing: Drawing,
  concept: Concept,
): Promise<Drawn | undefined> {
  const name = concept.words[0]?.name;
  // As a blue square or a flag drawn in black would.
  const coloured = namesColour(name ?? '') || concept.subgroup.endsWith('flag');
  if (!name || (vendor.monochrome && coloured)) return undefined;
  const image = path.join('pictures', vendor.name, `${nameOf(drawing)}.webp`);
  await make(image, async () => render(await drawing.data()));
  const split = splitOf(concept, vendor);
  if (split === 'train') {
    const captions = captionsOf(concept, await extrasOf(image, vendor, concept));
    return { row: { image, captions, concept: concept.id }, split, vendor, concept };
  }
  // Evaluation asks by name alone: keywords such as "animal" have many right answers.
  const names = Object.fromEntries(concept.words.map((words) => [words.language, words.name]));
  const captions = split === 'validation' ? [...new Set(Object.values(names))] : [name];
  return { row: { image, captions, concept: concept.id, names }, split, vendor, concept };
}

async function extrasOf(image: string, vendor: Vendor, concept: Concept): Promise<Extras> {
  const picture = await readFile(path.join(folder, image));
  const { words, subgroup } = concept;
  const [{ name = '', keywords = [] } = {}] = words;
  return {
    colour: vendor.monochrome ? undefined : await colourOf(picture),
    broader: wordnet.broader(name, subgroup),
    otherName: keywords.find(
      (word) => !namesColour(word) && wordnet.broader(word, subgroup).length > 0,
    ),
  };
}

/** Every drawing once more, on a background; and drawings of one vendor, two at a time. */
async function addScenes(): Promise<void> {
  console.error('starter data: scenes');
  const alone = await inParallel(trained, AT_ONCE, ({ row, vendor }) => {
    const image = row.image.replace('pictures', 'scenes');
    return onBackground({ ...row, image }, [row], vendor);
  });
  const pairs = await inParallel(pairsOfThings(), AT_ONCE, ({ number, first, second }) => {
    const captions = pairCaptions(first.concept, second.concept, draw(`pair ${number}`));
    const concept = `${first.concept.id} ${second.concept.id}`;
    const image = path.join('scenes', 'pairs', `${number}.webp`);
    return onBackground({ image, captions, concept }, [first.row, second.row], first.vendor);
  });
  rows.train.push(...alone, ...pairs);
}

function pairsOfThings(): { number: number; first: Drawn; second: Drawn }[] {
  const things = trained.filter(({ concept }) => THINGS.test(concept.subgroup));
  return Array.from({ length: PAIRS }, (_, number) => {
    const first = things[Math.floor(draw(`first ${number}`) * things.length)]!;
    const others = things.filter(({ vendor }) => vendor === first.vendor);
    const second = others[Math.floor(draw(`second ${number}`) * others.length)]!;
    return { number, first, second };
  }).filter(({ first, second }) => second.concept !== first.concept);
}

/** Clip art is few, and the only drawings of no emoji set: each on several backgrounds. */
async function addClipArtScenes(art: readonly Row[]): Promise<void> {
  const scenes = art.flatMap((row) =>
    Array.from({ length: CLIP_ART_SCENES }, (_, number) => ({ row, number })),
  );
  const made = await inParallel(scenes, AT_ONCE, ({ row, number }) => {
    const image = row.image.replace('pictures', 'scenes').replace('.webp', ` ${number}.webp`);
    return onBackground({ ...row, image }, [row]);
  });
  rows.train.push(...made);
}

async function addStamps(source: string): Promise<void> {
  console.error('starter data: stamps');
  const stamps = await readStamps(source);
  const made = await inParallel(stamps, AT_ONCE, async ({ path: name, says }): Promise<Row> => {
    const image = path.join('pictures', 'stamps', `${name.replaceAll(/[^\w.-]/g, '_')}.webp`);
    await make(image, async () => render(await readFile(path.join(source, name))));
    return { image, captions: [says.en!], concept: image, names: says };
  });
  rows['heldout-stamps'].push(...made);
}

/** Each icon cut out, and once on a background. */
async function addIcons(): Promise<void> {
  console.error('starter data: icons');
  const things = await readThings(file, { concepts, names, wordnet });
  const made = await inParallel(things, AT_ONCE, async ({ row, set, data }) => {
    await make(row.image, async () => render(await data()));
    const image = row.image.replace('icons', 'icons/scenes');
    return [row, await onBackground({ ...row, image }, [row], set)];
  });
  rows.icons.push(...made.flat());
}

/**
 * Makes the picture of a row: drawings on a background.
 *
 * @param style of which drawings in black alone need a light background.
 */
async function onBackground(row: Row, shown: Row[], style?: Vendor | IconSet): Promise<Row> {
  await make(row.image, async () => {
    const drawings = await Promise.all(
      shown.map(({ image }) => readFile(path.join(folder, image))),
    );
    const seed = Math.floor(draw(row.image) * 2 ** 32);
    return scene(drawings, new Random(seed), style?.monochrome === true);
  });
  return row;
}

function pairCaptions(first: Concept, second: Concept, pick: number): string[] {
  const captions = first.words.flatMap(({ language, name }) => {
    const other = second.words.find((words) => words.language === language)?.name;
    if (other === undefined) return [];
    const turned = (pick + 0.5) % 1;
    return [
      pairOf(language, [name, other], pick),
      pairOf(language, [other, name], turned),
      pairOf(language, [name, other], turned),
      name,
      other,
    ];
  });
  return [...new Set(captions)];
}

/** Makes a picture below the folder unless it is there; beside and renamed, so that it is never half of one. */
async function make(image: string, content: () => Promise<Buffer>): Promise<void> {
  const target = path.join(folder, image);
  if (await stat(target).catch(() => null)) return;
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(`${target}.part`, await content());
  await rename(`${target}.part`, target);
}
