// Picture files to pixels: decoding with limits, and one-line reasons when a picture cannot be read.
// What a model wants of the pixels is its room's affair.

import { access, constants, open, readFile, stat } from 'node:fs/promises';
import sharp, { type Metadata, type Sharp } from 'sharp';

/** Pixels that are decoded at most: 100 million, 300 MB of memory. */
const PIXEL_LIMIT = 100_000_000;

/** libvips refuses larger drawings. */
const SVG_BYTES = 10_000_000;

/** A picture that takes longer than this to decode was made to. */
const SECONDS = 30;

// Files change under their name; libvips would answer from its cache.
sharp.cache(false);

/** A picture that cannot be used; the message is one line for the user. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}

/** A picture whose header was read and found acceptable; sizes are as seen, after EXIF rotation. */
export interface Picture {
  width: number;
  height: number;
  /** jpeg, png, webp, avif, heif, gif, tiff, svg, … */
  format: string;
  /** What the file says of itself besides (EXIF, IPTC, XMP, texts): 0 for nothing. */
  metadataBytes: number;
  /** All pixels at the given size, stretched to it: RGB, 8 bits, interleaved. */
  pixels(width: number, height: number, kernel?: Kernel): Promise<Uint8Array>;
}

export type Kernel = 'nearest' | 'linear' | 'cubic' | 'lanczos3';

/** Opens a picture, a path or the bytes of a file. Throws ImageError when it cannot be one. */
export async function openPicture(source: string | Uint8Array): Promise<Picture> {
  if (typeof source === 'string') await checkFile(source);
  else if (source.byteLength === 0) throw new ImageError('empty file');
  const begins = await beginning(source);
  const broken = reasonOf(begins);
  if (typeof source === 'string' && SVG.test(begins)) source = await drawing(source);
  // Only the header; the limit is ours to check, so that the reason can name the size.
  const header = sharp(source, { limitInputPixels: false });
  const metadata = await attempt(() => header.metadata(), broken);
  const { width, height } = size(metadata);
  // Of an animation, the first frame.
  const image = sharp(source, { failOn: 'error', limitInputPixels: PIXEL_LIMIT, pages: 1 });
  return {
    width,
    height,
    format: metadata.compression === 'av1' ? 'avif' : metadata.format,
    metadataBytes: metadataBytes(metadata),
    pixels: (toWidth, toHeight, kernel = 'cubic') =>
      attempt(
        () => {
          const whole = { left: 0, top: 0, width, height };
          const distorts = metadata.format === 'jpeg' && shrinkDistorts(whole, toWidth, toHeight);
          // To extract something, be it everything, makes libvips decode at full size.
          const oriented = distorts
            ? image.clone().autoOrient().extract(whole)
            : image.clone().autoOrient();
          return rgb(oriented, toWidth, toHeight, kernel);
        },
        metadata.compression === 'hevc' ? HEIC : broken,
      ),
  };
}

/**
 * The whole picture, shrunk so that it still covers the box, never enlarged; or stretched to the box.
 * For who crops from it. Throws ImageError.
 */
export async function decodePicture(
  source: string | Uint8Array,
  box: { width: number; height: number },
  stretch = false,
): Promise<{ data: Uint8Array; width: number; height: number }> {
  const picture = await openPicture(source);
  if (stretch) return { data: await picture.pixels(box.width, box.height), ...box };
  const scale = Math.min(1, Math.max(box.width / picture.width, box.height / picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  return { data: await picture.pixels(width, height), width, height };
}

function size({ autoOrient, width, height }: Metadata): { width: number; height: number } {
  if (width * height > PIXEL_LIMIT)
    throw new ImageError(
      `${width} × ${height} pixels is over the limit of ${PIXEL_LIMIT / 1e6} million`,
    );
  return autoOrient;
}

/** A drawing by its path may show the files beside it; by its bytes it is all there is. */
async function drawing(file: string): Promise<Uint8Array> {
  const { size } = await stat(file);
  if (size > SVG_BYTES) throw new ImageError(`an SVG of more than ${SVG_BYTES / 1e6} MB`);
  return readFile(file);
}

function metadataBytes({ format, exif, iptc, xmp, comments = [] }: Metadata): number {
  // A TIFF's tags are its own; libvips does not hand them on.
  const own = format === 'tiff' ? 1 : 0;
  const texts = comments.map(({ text }) => text);
  return [exif, iptc, xmp, ...texts].reduce((sum, part) => sum + (part?.length ?? 0), own);
}

/**
 * A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size, which is several times faster; but what does
 * not fill a whole pixel there is cut off. Whether that would shift the far edge of the result by
 * more than a tenth of its pixels.
 */
function shrinkDistorts(from: { width: number; height: number }, width: number, height: number) {
  const ratio = Math.min(from.width / width, from.height / height);
  // The factor that sharp takes when it is to leave at least 2 to the resize that follows.
  const shrink = [8, 4, 2, 1].find((factor) => factor === 1 || ratio >= 2 * factor)!;
  const error = (size: number, target: number) => (target * (size % shrink)) / size;
  return Math.max(error(from.width, width), error(from.height, height)) > 0.1;
}

/** Transparency is laid on white: drawings without a background are made for paper. */
async function rgb(image: Sharp, width: number, height: number, kernel: Kernel) {
  return image
    .flatten({ background: '#ffffff' })
    .resize(width, height, { fit: 'fill', kernel, fastShrinkOnLoad: false })
    .toColourspace('srgb')
    .timeout({ seconds: SECONDS })
    .raw({ depth: 'uchar' })
    .toBuffer();
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

/** libvips as npm has it lacks the decoder; a build that has it needs no reason. */
const HEIC = 'HEIC (HEVC) cannot be decoded here; convert it to JPEG or AVIF';

const damaged = (name: string) => `truncated or damaged ${name}`;
const unsupported = (name: string, other: string) =>
  `${name} cannot be decoded here; convert it to ${other}`;

const SVG = /^\s*<(\?xml|svg|!DOCTYPE svg)/i;

/** Why a file that begins like this (`.` is any byte) cannot be decoded, if it cannot. */
const reasons: { begins: RegExp; reason: string }[] = [
  { begins: /^\xff\xd8\xff/, reason: damaged('JPEG') },
  { begins: /^\x89PNG/, reason: damaged('PNG') },
  { begins: /^GIF8/, reason: damaged('GIF') },
  { begins: /^RIFF....WEBP/s, reason: damaged('WebP') },
  { begins: /^(II\*\0|MM\0\*)/, reason: damaged('TIFF') },
  { begins: SVG, reason: damaged('SVG') },
  { begins: /^....ftyp(hei|hev)[cmsx]/s, reason: HEIC },
  { begins: /^....ftyp(avi[fs]|mif1|msf1)/s, reason: damaged('AVIF or HEIF') },
  { begins: /^(....ftyp|....moov|.\x45\xdf\xa3|RIFF....AVI )/s, reason: 'a video, no picture' },
  { begins: /^(\xff\n|\0\0\0\fJXL )/, reason: unsupported('JPEG XL', 'JPEG') },
  { begins: /^(\0\0\0\fjP {2}|\xff\x4f\xff\x51)/, reason: unsupported('JPEG 2000', 'JPEG') },
  { begins: /^BM.{12}[\f(l|]\0\0\0/s, reason: unsupported('BMP', 'PNG') },
  { begins: /^8BPS/, reason: unsupported('Photoshop', 'PNG') },
];

function reasonOf(bytes: string): string {
  const known = reasons.find(({ begins }) => begins.test(bytes));
  return known?.reason ?? 'not an image, or in an unsupported format';
}

/** The first bytes of a picture, each as a character. */
async function beginning(source: string | Uint8Array): Promise<string> {
  const bytes = typeof source === 'string' ? await firstBytes(source) : source.subarray(0, 32);
  return Buffer.from(bytes).toString('latin1');
}

async function firstBytes(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(32));
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * Decodes; what fails is told by how the file begins. libvips' own words are the cause only: it keeps
 * them in one place for all threads, where pictures that fail together mix them up.
 */
async function attempt<T>(work: () => Promise<T>, reason: string): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    if (/timeout/i.test((cause as Error).message)) {
      throw new ImageError(`takes longer than ${SECONDS} s to decode`, { cause });
    }
    throw new ImageError(reason, { cause });
  }
}
