// Maps: what is alike lies together, what comes in changes no place, what has gone goes.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StoredPicture } from '#catalog';
import { compareMap, readMap, updateMap, type PictureMap } from '#map';
import { Random } from '#random';
import { dimension, makeLibrary, type Library } from '../engine/library';

const KINDS = 4;
const kindOf = (id: number) => id % KINDS;

/** Item n is of kind n mod 4: near one of four directions that are far from each other. */
function picture(n: number): StoredPicture {
  const random = new Random(n);
  const raw = Float32Array.from(
    { length: dimension },
    (_, i) => (i === kindOf(n) ? 1 : 0) + 0.1 * random.normal(),
  );
  const norm = Math.hypot(...raw);
  return {
    path: `/pictures/${n}.png`,
    size: 1,
    mtimeMs: 1,
    content: { sha256: `${n}`, width: 1, height: 1, format: 'png', bytes: 1 },
    vector: raw.map((value) => value / norm),
    captions: [],
  };
}

async function openLibrary(): Promise<Library> {
  const library = await makeLibrary();
  onTestFinished(() => library.remove());
  return library;
}

async function add({ catalog, model }: Library, first: number, count: number): Promise<void> {
  const pictures = Array.from({ length: count }, (_, i) => picture(first + i));
  await catalog.store({ model, pictures, textVectors: new Map() });
}

const update = ({ home, catalog, model }: Library, options = {}) =>
  updateMap(home, catalog, model, options);

function placesOf({ ids, places }: PictureMap): Map<number, [number, number]> {
  return new Map([...ids].map((id, row) => [id, [places[2 * row]!, places[2 * row + 1]!]]));
}

/** The share of pictures whose nearest in the map is of their kind, looked up by brute force. */
function agreement(map: PictureMap, among = [...map.ids]): number {
  const places = placesOf(map);
  const right = among.filter((id) => {
    const [x, y] = places.get(id)!;
    let [best, distance] = [0, Infinity];
    for (const [other, [ox, oy]] of places) {
      const far = Math.hypot(ox - x, oy - y);
      if (other !== id && far < distance) [best, distance] = [other, far];
    }
    return kindOf(best) === kindOf(id);
  });
  return right.length / among.length;
}

describe('a map', () => {
  it('puts what is alike together, and fills its square', async () => {
    const library = await openLibrary();
    await add(library, 1, 200);
    const map = await update(library);
    expect([...map.ids]).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(agreement(map)).toBeGreaterThan(0.97);
    expect(Math.max(...map.places)).toBe(0xffff);
    expect(Math.min(...map.places)).toBe(0);
  });

  it('takes in what is new without moving anything, among its like', async () => {
    const library = await openLibrary();
    await add(library, 1, 120);
    const before = placesOf(await update(library));
    await add(library, 121, 60);
    const found = await readMap(library.home, library.model.fingerprint);
    const state = compareMap(library.catalog, library.model, found);
    expect(state).toEqual({ pictures: 180, added: 60, gone: 0 });
    const phases = new Set<string>();
    const map = await update(library, {
      onProgress: ({ phase }: { phase: string }) => phases.add(phase),
    });
    expect(phases).toEqual(new Set(['placing']));
    const after = placesOf(map);
    for (const [id, at] of before) expect(after.get(id)).toEqual(at);
    const added = Array.from({ length: 60 }, (_, i) => 121 + i);
    expect(agreement(map, added)).toBeGreaterThan(0.97);
    expect(map.base).toBe(120);
  });

  it('is made anew once it has outgrown what it was laid out from', async () => {
    const library = await openLibrary();
    await add(library, 1, 40);
    await update(library);
    await add(library, 41, 41);
    expect((await update(library)).base).toBe(81);
  });

  it('loses what has gone, and is left alone where nothing has changed', async () => {
    const library = await openLibrary();
    await add(library, 1, 60);
    const first = await update(library);
    const file = path.join(library.home, 'maps', `${library.model.fingerprint}.json`);
    const before = await readFile(file, 'utf8');
    expect(await update(library)).toEqual(first);
    expect(await readFile(file, 'utf8')).toBe(before);
    const files = [...library.catalog.files.all()].flat();
    const gone = files.filter((one) => one.path === '/pictures/7.png').map(({ id }) => id);
    await library.catalog.files.markMissing(gone);
    const map = await update(library);
    expect([...map.ids]).toEqual([...first.ids].filter((id) => id !== 7));
    expect(placesOf(map).get(8)).toEqual(placesOf(first).get(8));
  });

  it('of very few pictures is a circle, of none is empty', async () => {
    const library = await openLibrary();
    expect((await update(library)).ids.length).toBe(0);
    await add(library, 1, 3);
    const places = placesOf(await update(library));
    expect(new Set([...places.values()].map(String)).size).toBe(3);
  });

  it('that is damaged, or of another catalog, is made again', async () => {
    const library = await openLibrary();
    await add(library, 1, 30);
    const map = await update(library);
    const file = path.join(library.home, 'maps', `${library.model.fingerprint}.json`);
    for (const content of ['{"model":', JSON.stringify({ ...map, ids: 'AAAA', places: '' })]) {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
      expect(await readMap(library.home, library.model.fingerprint)).toBeUndefined();
      expect((await update(library)).places).toEqual(map.places);
    }
    const foreign = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...foreign, catalog: 'another' }));
    expect((await update(library)).catalog).toBe(library.catalog.id);
  });

  it('stays as it was when the work on it is stopped', async () => {
    const library = await openLibrary();
    await add(library, 1, 100);
    const stop = new AbortController();
    const onProgress = ({ phase }: { phase: string }) => {
      if (phase === 'layout') stop.abort(new Error('stopped'));
    };
    await expect(update(library, { onProgress, signal: stop.signal })).rejects.toThrow('stopped');
    expect(await readMap(library.home, library.model.fingerprint)).toBeUndefined();
  });
});
