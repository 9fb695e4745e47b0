// What a picture file holds, apart from its pixels: the hash of its bytes, size, format, time taken.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import sharp from 'sharp';
import type { Content } from '#catalog';
import { readTakenAt } from './exif';

/** Files up to this size are read once, into memory; larger ones once to hash and once to decode. */
const IN_MEMORY_BYTES = 16 * 2 ** 20;

/** The hash of a file, and what to decode: its bytes, or its path if it is large. */
export interface FileBytes {
  sha256: string;
  source: string | Uint8Array;
}

export async function readBytes(file: string, size: number): Promise<FileBytes> {
  const hash = createHash('sha256');
  if (size > IN_MEMORY_BYTES) {
    await pipeline(createReadStream(file), hash);
    return { sha256: hash.digest('hex'), source: file };
  }
  const bytes = await readFile(file);
  return { sha256: hash.update(bytes).digest('hex'), source: bytes };
}

/** Reads the header of a picture. */
export async function describe({ sha256, source }: FileBytes, bytes: number): Promise<Content> {
  const header = await sharp(source, { limitInputPixels: false }).metadata();
  const { width, height } = header.autoOrient;
  const format = header.compression === 'av1' ? 'avif' : header.format;
  const takenAt = header.exif && readTakenAt(header.exif);
  return { sha256, width, height, format, bytes, takenAt };
}
