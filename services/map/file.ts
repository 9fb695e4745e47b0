// Maps on the disk: one file a model, `maps/FINGERPRINT.json` in the data folder, complete or absent.

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { PictureMap } from './types';

/** Base64 of little-endian whole numbers: a quarter of what JSON's digits take. */
const packed = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));

const schema = z
  .object({
    model: z.string(),
    catalog: z.string(),
    madeAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    base: z.number().int().min(0),
    ids: packed.transform(({ buffer }) => new Uint32Array(buffer)),
    places: packed.transform(({ buffer }) => new Uint16Array(buffer)),
  })
  .refine(({ ids, places }) => places.length === 2 * ids.length, 'has not two numbers a picture');

function fileOf(home: string, model: string): string {
  return path.join(home, 'maps', `${model}.json`);
}

/** The map of a model, as its file has it; undefined where there is none, or one that is damaged. */
export async function readMap(home: string, model: string): Promise<PictureMap | undefined> {
  const content = await readFile(fileOf(home, model), 'utf8').catch(() => undefined);
  if (content === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(content));
  } catch {
    // It is derived: whoever finds none makes one.
    return undefined;
  }
}

/** What the map of a model is packed as, for those who pass it on. */
export function packMap({ ids, places, ...rest }: PictureMap) {
  const pack = ({ buffer, byteOffset, byteLength }: Uint32Array | Uint16Array) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  return { ...rest, ids: pack(ids), places: pack(places) };
}

export async function writeMap(home: string, map: PictureMap): Promise<void> {
  const file = fileOf(home, map.model);
  const beside = `${file}.${process.pid}`;
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await writeFile(beside, JSON.stringify(packMap(map)));
    await rename(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
}
