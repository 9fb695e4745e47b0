// What there is to a picture file: the hash of its bytes, and, decoded, all that is stored of it.

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Content, SourcedCaptions } from '#catalog';
import { perceptualHash } from '#perceptual-hash';
import { openPicture, type Picture } from '#picture';
import { resized, toTensor, type Preprocessing } from '#preprocess';
import type { Metadata } from './metadata';

/** Files up to this size are read once, into memory; larger ones once to hash and once to decode. */
const IN_MEMORY_BYTES = 16 * 2 ** 20;

/** A picture ready to be encoded, and all that is to be stored of its file. */
export interface ReadPicture {
  content: Content;
  /** What the file says of itself. */
  captions: SourcedCaptions[];
  /** What the model's image tower takes. */
  pixels: Float32Array;
}

/** The hash of a file. Waits for nobody: what is no regular file is an error. */
export async function hashFile(file: string): Promise<string> {
  return (await readBytes(file)).sha256;
}

/** Decodes a picture and reads what it says of itself. Throws ImageError. */
export async function readPicture(file: string, settings: Preprocessing): Promise<ReadPicture> {
  const { sha256, source, bytes } = await readBytes(file);
  const picture = await openPicture(source);
  const { pixels, width, height } = await resized(picture, settings);
  const { captions, ...metadata } = await metadataOf(source, picture);
  const content: Content = {
    sha256,
    width: picture.width,
    height: picture.height,
    format: picture.format,
    bytes,
    ...metadata,
    perceptualHash: perceptualHash(pixels, width, height),
  };
  return { content, captions, pixels: toTensor(pixels, width, height, settings) };
}

/** What reads it takes a while to load, and many pictures have none. */
async function metadataOf(source: string | Buffer, picture: Picture): Promise<Metadata> {
  if (picture.metadataBytes === 0 && picture.format !== 'svg') return { captions: [] };
  const { readMetadata } = await import('./metadata');
  return readMetadata(source, picture);
}

/** The hash of a file, and what to decode: its bytes, or its path if it is large. */
export async function readBytes(file: string): Promise<{
  sha256: string;
  bytes: number;
  source: string | Buffer;
}> {
  // A pipe that took a picture's place would keep a plain open waiting for ever.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw new Error('not a file');
    const hash = createHash('sha256');
    if (info.size > IN_MEMORY_BYTES) {
      await pipeline(handle.createReadStream({ autoClose: false }), hash);
      return { sha256: hash.digest('hex'), bytes: info.size, source: file };
    }
    const content = await handle.readFile();
    return {
      sha256: hash.update(content).digest('hex'),
      bytes: content.length,
      source: content,
    };
  } finally {
    await handle.close();
  }
}
