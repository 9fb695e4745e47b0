// Builds the starter model's data set: `npx tsx scripts/starter/data.ts` writes <home>/starter.
// Resumable; running it again only renders what is missing.

import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { config } from '#config';
import { captionsOf, type Extras } from './captions';
import { colourOf, namesColour } from './colours';
import { readConcepts, splitOf, type Concept, type Split } from './concepts';
import { readDrawings, readNames, render, type Drawing } from './drawings';
import { fetchPackages, vendors, type Vendor } from './sources';
import { openWordNet } from './wordnet';

interface Row {
  image: string;
  captions: string[];
  concept: string;
}

const folder = path.join(config().home, 'starter');
console.error(`starter data: fetching packages into ${path.join(folder, 'packages')}`);
const file = await fetchPackages(path.join(folder, 'packages'));
const concepts = new Map((await readConcepts(file)).map((concept) => [concept.id, concept]));
const names = await readNames(file);
const wordnet = await openWordNet(file);
const rows: Record<Split, Row[]> = {
  train: [],
  validation: [],
  'heldout-vendor': [],
  'heldout-outlines': [],
  'heldout-concepts': [],
};
for (const vendor of vendors) {
  const drawings = (await readDrawings(vendor, file, names)).filter((d) => concepts.has(d.concept));
  const unique = [...new Map(drawings.map((drawing) => [drawing.concept, drawing])).values()];
  for (const [done, drawing] of unique.entries()) {
    if (done % 200 === 0) console.error(`starter data: ${vendor.name} ${done}/${unique.length}`);
    const concept = concepts.get(drawing.concept);
    if (concept) await addRow(vendor, drawing, concept);
  }
}
for (const [split, of] of Object.entries(rows)) {
  await writeWhole(
    path.join(folder, `${split}.jsonl`),
    of.map((row) => JSON.stringify(row) + '\n').join(''),
  );
  console.log(
    `${split}: ${of.length} pictures of ${new Set(of.map((r) => r.concept)).size} concepts`,
  );
}

async function addRow(vendor: Vendor, drawing: Drawing, concept: Concept): Promise<void> {
  const name = concept.words[0]?.name;
  // A blue square drawn in black would teach the wrong word.
  if (!name || (vendor.monochrome && namesColour(name))) return;
  const image = path.join('pictures', vendor.name, `${concept.id}.webp`);
  const picture = path.join(folder, image);
  if (!(await stat(picture).catch(() => null))) {
    await mkdir(path.dirname(picture), { recursive: true });
    await writeWhole(picture, await render(await drawing.data()));
  }
  const split = splitOf(concept, vendor);
  // Evaluation asks by name alone: keywords such as "animal" have many right answers.
  const captions =
    split === 'train' ? captionsOf(concept, await extrasOf(picture, vendor, concept)) : [name];
  rows[split].push({ image, captions, concept: concept.id });
}

async function extrasOf(
  picture: string,
  vendor: Vendor,
  { words, subgroup }: Concept,
): Promise<Extras> {
  return {
    colour: vendor.monochrome ? undefined : await colourOf(await readFile(picture)),
    broader: wordnet.broader(words[0]?.name ?? '', subgroup),
  };
}

/** Writes beside and renames, so that an interrupted run never leaves half a file. */
async function writeWhole(target: string, content: string | Buffer): Promise<void> {
  await writeFile(`${target}.part`, content);
  await rename(`${target}.part`, target);
}
