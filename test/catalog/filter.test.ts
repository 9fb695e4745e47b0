// Filters against plain JavaScript over the same data: every condition, alone and with others.

import { expect, test } from 'vitest';
import { UnknownCollection, type Catalog, type ItemFilter, type StoredPicture } from '#catalog';
import { Random } from '#random';
import { picture, storeAll, temporaryCatalog } from './fixtures';

const FOLDERS = ['/p', '/p/2024', '/P', '/p_x', '/pax', '/p%', '/p0', '/p x/deep/er', '/Größe'];
const FORMATS = ['jpeg', 'png', 'tiff', 'heif'];
const SIZES = [
  [3, 2],
  [2, 3],
  [2, 2],
] as const;

interface Known {
  collections: string[];
  taken: string | undefined;
  width: number;
  height: number;
  captions: number;
  format: string;
  files: { path: string; missing: boolean }[];
}

/** Items by id, as the test knows them, and a catalog that holds the same. */
async function library(count: number) {
  const { catalog, model } = await temporaryCatalog();
  const random = new Random(7);
  const draw = () => random.uniform();
  const pick = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!;
  const known = new Map<string, Known>();
  const pictures: StoredPicture[] = [];
  for (let n = 0; n < count; n++) {
    const [width, height] = pick(SIZES);
    const taken = draw() < 0.7 ? new Date(1.6e12 + draw() * 1e11).toISOString() : undefined;
    const texts = Array.from({ length: Math.floor(draw() * 3) }, (_, t) => `caption ${n} ${t}`);
    const files = Array.from({ length: draw() < 0.2 ? 2 : 1 }, (_, copy) => ({
      path: `${pick(FOLDERS)}/${n}-${copy}.png`,
      missing: draw() < 0.2,
    }));
    const format = pick(FORMATS);
    for (const [copy, { path }] of files.entries()) {
      const one = picture(path, { sha256: String(n), texts: copy === 0 ? texts : [], seed: n });
      const takenAt = taken === undefined ? undefined : new Date(taken);
      pictures.push({ ...one, content: { ...one.content, width, height, format, takenAt } });
    }
    const captions = texts.length;
    known.set(String(n), { collections: [], taken, width, height, captions, format, files });
  }
  await storeAll(catalog, model, pictures);
  for (const name of ['most', 'few']) {
    const members = [...known].filter(() => draw() < (name === 'most' ? 0.8 : 0.05));
    const paths = new Set(members.map(([, { files }]) => files[0]!.path));
    for (const [, one] of members) one.collections.push(name);
    await storeAll(
      catalog,
      model,
      pictures.filter(({ path }) => paths.has(path)),
      name,
    );
  }
  await markMissing(catalog, [...known.values()]);
  return { catalog, items: await byId(catalog, known) };
}

async function markMissing(catalog: Catalog, items: Known[]) {
  const missing = new Set(
    items.flatMap(({ files }) => files.filter((file) => file.missing).map(({ path }) => path)),
  );
  for await (const page of catalog.files.under('/')) {
    await catalog.files.markMissing(
      page.filter(({ path }) => missing.has(path)).map(({ id }) => id),
    );
  }
}

async function byId(catalog: Catalog, known: Map<string, Known>) {
  const details = await catalog.items([...catalog.filtered({}, 'image')]);
  return new Map([...details.values()].map(({ id, sha256 }) => [id, known.get(sha256)!]));
}

/** The independent truth. */
function satisfies(item: Known, filter: ItemFilter): boolean {
  const { collection, takenFrom, takenTo, orientation, hasCaption, under, format, missing } =
    filter;
  const { width, height } = item;
  const orientationOf = width > height ? 'landscape' : width < height ? 'portrait' : 'square';
  const lost = item.files.every((file) => file.missing);
  const inside = (path: string) => path === under || path.startsWith(`${under}/`);
  const counted = item.files.filter((file) => missing === true || !file.missing);
  return (
    (collection === undefined || item.collections.includes(collection)) &&
    (takenFrom === undefined || (item.taken !== undefined && item.taken >= takenFrom)) &&
    (takenTo === undefined || (item.taken !== undefined && item.taken < takenTo)) &&
    (orientation === undefined || orientation === orientationOf) &&
    (hasCaption === undefined || hasCaption === item.captions > 0) &&
    (under === undefined || counted.some(({ path }) => inside(path))) &&
    (format === undefined || format === item.format) &&
    (missing === undefined || missing === lost)
  );
}

/** Conditions at random, each in a third of the filters. */
function filters(count: number): ItemFilter[] {
  const random = new Random(3);
  const draw = () => random.uniform();
  const maybe = <T>(values: readonly T[]): T | undefined =>
    draw() < 0.3 ? values[Math.floor(draw() * values.length)] : undefined;
  const time = () => maybe([new Date(1.6e12 + draw() * 1e11).toISOString()]);
  return Array.from({ length: count }, () => ({
    collection: maybe(['most', 'few']),
    takenFrom: time(),
    takenTo: time(),
    orientation: maybe(['landscape', 'portrait', 'square'] as const),
    hasCaption: maybe([true, false]),
    under: maybe([...FOLDERS, '/p/2024/5-0.png', '/nowhere']),
    format: maybe(FORMATS),
    missing: maybe([true, false]),
  }));
}

test('filters find what plain JavaScript finds, alone and together', async () => {
  const { catalog, items } = await library(400);
  const sizes = new Set<number>();
  for (const filter of filters(300)) {
    const expected = [...items].filter(([, item]) => satisfies(item, filter)).map(([id]) => id);
    expect([...catalog.filtered(filter, 'image')], JSON.stringify(filter)).toEqual(
      expected.sort((a, b) => a - b),
    );
    const captions = await catalog.captions([...catalog.filtered(filter, 'text')]);
    const carriers = new Set([...captions.values()].map(({ item }) => item.id));
    expect([...carriers].sort((a, b) => a - b)).toEqual(
      expected.filter((id) => items.get(id)!.captions > 0),
    );
    sizes.add(expected.length);
  }
  expect(sizes.size).toBeGreaterThan(30);
});

test('facets count what each further condition would find', async () => {
  const { catalog, items } = await library(400);
  const months = new Set([...items.values()].flatMap(({ taken }) => taken?.slice(0, 7) ?? []));
  for (const filter of [{}, ...filters(60)]) {
    const count = (further: ItemFilter) =>
      catalog.filtered({ ...filter, missing: filter.missing ?? false, ...further }, 'image').length;
    const counts = <Value>(values: readonly Value[], further: (value: Value) => ItemFilter) =>
      values
        .map((value) => ({ value, count: count(further(value)) }))
        .filter((one) => one.count > 0);
    const facets = catalog.facets(filter);
    const inMonths = counts([...months].sort().reverse(), (month) => {
      const takenFrom = `${month}-01T00:00:00Z`;
      const next = new Date(takenFrom);
      next.setUTCMonth(next.getUTCMonth() + 1);
      return { takenFrom, takenTo: next.toISOString() };
    });
    const byCount = (a: { value: string; count: number }, b: typeof a) =>
      b.count - a.count || (a.value < b.value ? -1 : 1);
    expect(facets, JSON.stringify(filter)).toEqual({
      total: count({}),
      collections: counts(['few', 'most'], (collection) => ({ collection })).sort(byCount),
      formats: counts(FORMATS, (format) => ({ format })).sort(byCount),
      orientations: counts(['landscape', 'portrait', 'square'] as const, (orientation) => ({
        orientation,
      })).sort(byCount),
      captions: { withCaption: count({ hasCaption: true }), without: count({ hasCaption: false }) },
      months: inMonths,
      undated:
        count({ takenFrom: undefined, takenTo: undefined }) -
        inMonths.reduce((sum, one) => sum + one.count, 0),
    });
  }
  expect(catalog.facets()).toEqual(catalog.facets({ missing: false, format: undefined }));
});

test('all captions of what satisfies a filter, ascending', async () => {
  const { catalog, items } = await library(50);
  const all = catalog.filtered({}, 'text');
  expect(all.length).toBe([...items.values()].reduce((sum, { captions }) => sum + captions, 0));
  expect(all).toEqual(all.toSorted());
});

test('slashes at the end, and formats as files are called', async () => {
  const { catalog } = await library(100);
  const found = (filter: ItemFilter) => [...catalog.filtered(filter, 'image')];
  expect(found({ under: '/p//' })).toEqual(found({ under: '/p' }));
  expect(found({ under: '/' })).toEqual(found({ missing: false }));
  for (const [called, format] of [
    ['JPG', 'jpeg'],
    ['tif', 'tiff'],
    ['HEIC', 'heif'],
  ] as const) {
    expect(found({ format: called })).toEqual(found({ format }));
  }
});

test('an unknown collection is an error, not an empty result', async () => {
  const { catalog } = await temporaryCatalog();
  expect(() => catalog.filtered({ collection: 'pets' }, 'image')).toThrow(UnknownCollection);
  expect(() => catalog.facets({ collection: 'pets' })).toThrow(UnknownCollection);
});
