// Builds the starter model's data set: `npx tsx scripts/starter/data.ts` writes <home>/starter.
// Resumable; running it again only renders what is missing.

import { mkdir, readFile, stat, writeFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { config } from '#config';
import { Random } from '#random';
import { captionsOf, type Extras } from './captions';
import { clipArtRows } from './clipart-rows';
import { colourOf, namesColour } from './colours';
import { readConcepts, splitOf, type Concept, type Split } from './concepts';
import { draw } from './draw';
import { readDrawings, readNames, render, type Drawing } from './drawings';
import { readThings } from './icons';
import { isShort, pairOf } from './phrases';
import { writeRows, type Row } from './rows';
import { scene } from './scenes';
import { fetchCollection, fetchPackages, vendors, type IconSet, type Vendor } from './sources';
import { readStamps } from './stamps';
import { openWordNet } from './wordnet';

/** A drawing that is trained on, with what scenes are made of. */
interface Trained {
  row: Row;
  vendor: Vendor;
  concept: Concept;
}

/** Scenes with two drawings. */
const PAIRS = 5000;

/** Backgrounds that each piece of clip art is put on. */
const CLIP_ART_SCENES = 3;

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
const trained: Trained[] = [];
for (const vendor of vendors) {
  const files = await filesOf(vendor);
  const drawings = files
    ? await readDrawings(vendor, files, { ids: [...concepts.keys()], names })
    : [];
  const shown = drawings.filter(({ concept }) => concepts.has(concept));
  const unique = [...new Map(shown.map((drawing) => [nameOf(drawing), drawing])).values()];
  for (const [done, drawing] of unique.entries()) {
    if (done % 500 === 0) console.error(`starter data: ${vendor.name} ${done}/${unique.length}`);
    const concept = concepts.get(drawing.concept);
    if (concept) await addDrawing(vendor, drawing, concept);
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

async function addDrawing(vendor: Vendor, drawing: Drawing, concept: Concept): Promise<void> {
  const name = concept.words[0]?.name;
  // A blue square or a flag drawn in black would teach the wrong word.
  const coloured = namesColour(name ?? '') || concept.subgroup.endsWith('flag');
  if (!name || (vendor.monochrome && coloured)) return;
  const image = path.join('pictures', vendor.name, `${nameOf(drawing)}.webp`);
  await make(image, async () => render(await drawing.data()));
  const split = splitOf(concept, vendor);
  if (split === 'train') {
    const captions = captionsOf(concept, await extrasOf(image, vendor, concept));
    const row = { image, captions, concept: concept.id };
    rows.train.push(row);
    trained.push({ row, vendor, concept });
    return;
  }
  // Evaluation asks by name alone: keywords such as "animal" have many right answers.
  const names = Object.fromEntries(concept.words.map((words) => [words.language, words.name]));
  const captions = split === 'validation' ? [...new Set(Object.values(names))] : [name];
  rows[split].push({ image, captions, concept: concept.id, names });
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
  for (const { row, vendor } of trained) {
    const image = row.image.replace('pictures', 'scenes');
    await addScene(image, [row], vendor);
    rows.train.push({ ...row, image });
  }
  const things = trained.filter(({ concept }) => THINGS.test(concept.subgroup));
  for (let number = 0; number < PAIRS; number++) {
    const first = things[Math.floor(draw(`first ${number}`) * things.length)]!;
    const others = things.filter(({ vendor }) => vendor === first.vendor);
    const second = others[Math.floor(draw(`second ${number}`) * others.length)]!;
    if (second.concept === first.concept) continue;
    const image = path.join('scenes', 'pairs', `${number}.webp`);
    await addScene(image, [first.row, second.row], first.vendor);
    const captions = pairCaptions(first.concept, second.concept, draw(`pair ${number}`));
    rows.train.push({ image, captions, concept: `${first.concept.id} ${second.concept.id}` });
  }
}

/** Clip art is few, and the only drawings of no emoji set: each on several backgrounds. */
async function addClipArtScenes(art: readonly Row[]): Promise<void> {
  for (const row of art) {
    for (let number = 0; number < CLIP_ART_SCENES; number++) {
      const image = row.image.replace('pictures', 'scenes').replace('.webp', ` ${number}.webp`);
      await addScene(image, [row]);
      rows.train.push({ ...row, image });
    }
  }
}

async function addStamps(source: string): Promise<void> {
  console.error('starter data: stamps');
  for (const { path: name, says } of await readStamps(source)) {
    const image = path.join('pictures', 'stamps', `${name.replaceAll(/[^\w.-]/g, '_')}.webp`);
    await make(image, async () => render(await readFile(path.join(source, name))));
    rows['heldout-stamps'].push({ image, captions: [says.en!], concept: image, names: says });
  }
}

/** Each icon cut out, and once on a background. */
async function addIcons(): Promise<void> {
  console.error('starter data: icons');
  for (const { row, set, data } of await readThings(file, { concepts, names, wordnet })) {
    await make(row.image, async () => render(await data()));
    const image = row.image.replace('icons', 'icons/scenes');
    await addScene(image, [row], set);
    rows.icons.push(row, { ...row, image });
  }
}

/** @param style of which drawings in black alone need a light background. */
async function addScene(image: string, shown: Row[], style?: Vendor | IconSet): Promise<void> {
  await make(image, async () => {
    const drawings = await Promise.all(shown.map((row) => readFile(path.join(folder, row.image))));
    const seed = Math.floor(draw(image) * 2 ** 32);
    return scene(drawings, new Random(seed), style?.monochrome === true);
  });
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
