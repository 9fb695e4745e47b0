// What libvips is asked for, with limits, in the process that it is asked in.

import sharp, { type Metadata, type Sharp } from 'sharp';
import { beginning, damageOf, HEIC } from './beginning';
import { ImageError } from './error';

/** Pixels that are decoded at most: 100 million, 300 MB of memory. */
const PIXEL_LIMIT = 100_000_000;

/** A picture that takes longer than this to decode was made to. */
const SECONDS = 30;

/** Of the screen that a drawing is for, and the most that it is drawn larger: dots per inch. */
const DENSITY = 72;
const MOST_DENSITY = 2400;

// Files change under their name; libvips would answer from its cache.
sharp.cache(false);

/** A path, or the bytes of a file. */
export type Source = string | Uint8Array;

export type Kernel = 'nearest' | 'linear' | 'cubic' | 'lanczos3';

/** Pixels of 8 bits, interleaved. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
}

/** What a picture's header says; sizes are as seen, after EXIF rotation. */
export interface Header {
  width: number;
  height: number;
  /** jpeg, png, webp, avif, heif, gif, tiff, svg, … */
  format: string;
  /** What the file says of itself besides (EXIF, IPTC, XMP, texts): 0 for nothing. */
  metadataBytes: number;
  /** Why it cannot be decoded, should that be so. */
  damage: string;
}

/** What openPicture asks for, here or in another process. Each throws ImageError. */
export interface Decoding {
  header(source: Source): Promise<Header>;
  pixels(
    source: Source,
    header: Header,
    width: number,
    height: number,
    kernel: Kernel,
  ): Promise<Uint8Array>;
  fitted(source: Source, header: Header, width: number, height: number): Promise<Pixels>;
}

export const decoding: Decoding = { header, pixels, fitted };

async function header(source: Source): Promise<Header> {
  const damage = damageOf(await beginning(source));
  // The limit is ours to check, so that the reason can name the size.
  const metadata = await attempt(
    () => sharp(source, { limitInputPixels: false }).metadata(),
    damage,
  );
  return {
    ...size(metadata),
    format: metadata.compression === 'av1' ? 'avif' : metadata.format,
    metadataBytes: metadataBytes(metadata),
    damage: metadata.compression === 'hevc' ? HEIC : damage,
  };
}

function pixels(
  source: Source,
  { width, height, format, damage }: Header,
  toWidth: number,
  toHeight: number,
  kernel: Kernel,
) {
  return attempt(() => {
    const whole = { left: 0, top: 0, width, height };
    const distorts = format === 'jpeg' && shrinkDistorts(whole, toWidth, toHeight);
    const image = opened(source).autoOrient();
    // To extract something, be it everything, makes libvips decode at full size.
    return rgb(distorts ? image.extract(whole) : image, toWidth, toHeight, kernel);
  }, damage);
}

function fitted(source: Source, header: Header, width: number, height: number): Promise<Pixels> {
  return attempt(async () => {
    const scale = Math.min(width / header.width, height / header.height);
    const density = Math.min(Math.max(DENSITY * scale, DENSITY), MOST_DENSITY);
    const { data, info } = await opened(source, header.format === 'svg' ? density : DENSITY)
      .autoOrient()
      .resize({ width, height, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .ensureAlpha()
      .timeout({ seconds: SECONDS })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  }, header.damage);
}

/** Of an animation, the first frame. */
function opened(source: Source, density = DENSITY): Sharp {
  return sharp(source, { failOn: 'error', limitInputPixels: PIXEL_LIMIT, pages: 1, density });
}

function size({ autoOrient, width, height }: Metadata): { width: number; height: number } {
  if (width * height > PIXEL_LIMIT)
    throw new ImageError(
      `${width} × ${height} pixels is over the limit of ${PIXEL_LIMIT / 1e6} million`,
    );
  return { width: autoOrient.width, height: autoOrient.height };
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

/**
 * Decodes; what fails is told by how the file begins. libvips' own words are the cause only: it keeps
 * them in one place for all threads, where pictures that fail together mix them up.
 */
async function attempt<T>(work: () => Promise<T>, damage: string): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    if (/timeout/i.test((cause as Error).message)) {
      throw new ImageError(`takes longer than ${SECONDS} s to decode`, { cause });
    }
    throw new ImageError(damage, { cause });
  }
}
