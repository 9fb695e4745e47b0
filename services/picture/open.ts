// A picture, opened: what its header says, and its pixels at the size that is wanted. Drawings are read in a
// process of their own.

import { access, constants, stat } from 'node:fs/promises';
import { beginning } from './beginning';
import { decoding, type Header, type Kernel, type Pixels, type Source } from './decode';
import { fileOf, inDrawingProcess, isDrawing } from './drawing';
import { ImageError } from './error';

/** A picture whose header was read and found acceptable; sizes are as seen, after EXIF rotation. */
export interface Picture extends Header {
  /** All pixels at the given size, stretched to it: RGB, 8 bits, interleaved; what is clear is white. */
  pixels(width: number, height: number, kernel?: Kernel): Promise<Uint8Array>;
  /**
   * The picture as large as the box allows: RGBA, 8 bits, interleaved. A drawing is drawn to fill it, any
   * other is never enlarged.
   */
  fitted(width: number, height: number): Promise<Pixels>;
}

/** Opens a picture, a path or the bytes of a file. Throws ImageError when it cannot be one. */
export async function openPicture(source: Source): Promise<Picture> {
  if (typeof source === 'string') await checkFile(source);
  else if (source.byteLength === 0) throw new ImageError('empty file');
  const drawn = isDrawing(await beginning(source));
  const file = drawn ? await fileOf(source) : source;
  const { header, pixels, fitted } = drawn ? inDrawingProcess : decoding;
  const known = await header(file);
  return {
    ...known,
    pixels: (width, height, kernel = 'cubic') => pixels(file, known, width, height, kernel),
    fitted: (width, height) => fitted(file, known, width, height),
  };
}

/**
 * The whole picture, shrunk so that it still covers the box, never enlarged; or stretched to the box.
 * For who crops from it. Throws ImageError.
 */
export async function decodePicture(
  source: Source,
  box: { width: number; height: number },
  stretch = false,
): Promise<Pixels> {
  const picture = await openPicture(source);
  if (stretch) return { data: await picture.pixels(box.width, box.height), ...box };
  const scale = Math.min(1, Math.max(box.width / picture.width, box.height / picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  return { data: await picture.pixels(width, height), width, height };
}

async function checkFile(file: string): Promise<void> {
  try {
    const info = await stat(file);
    if (!info.isFile()) throw new ImageError('not a file');
    if (info.size === 0) throw new ImageError('empty file');
    await access(file, constants.R_OK);
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ImageError(fileReasons[code ?? ''] ?? message, { cause });
  }
}

const fileReasons: Record<string, string> = {
  ENOENT: 'no such file',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  ELOOP: 'a loop of links',
};
