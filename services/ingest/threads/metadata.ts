// What a picture file says of itself: when, where and with what it was taken, and in words.

import { open } from 'node:fs/promises';
import ExifReader, { type ExpandedTags, type IncludeTagsOptions } from 'exifreader';
import type { Content } from '#catalog';
import type { Picture } from '#picture';
import { captionsIn, type EmbeddedCaptions } from './embedded-captions';
import { svgCaptions } from './svg';

/** Of a file that is not held in memory, the part that is looked at. */
const HEAD_BYTES = 2 ** 20;

/** More than this takes seconds to parse, and is no description. */
const MOST_BYTES = 2 ** 19;

export type Metadata = Pick<Content, 'takenAt' | 'camera' | 'latitude' | 'longitude'> & {
  captions: EmbeddedCaptions[];
};

/** Damaged metadata is none: the picture counts. `source` is the file's bytes, or its path. */
export async function readMetadata(source: string | Buffer, picture: Picture): Promise<Metadata> {
  if (picture.format === 'svg' && typeof source !== 'string') {
    return { captions: svgCaptions(source) };
  }
  if (picture.metadataBytes > MOST_BYTES) return { captions: [] };
  try {
    const bytes = typeof source === 'string' ? await head(source) : source;
    const options = { expanded: true, async: true, includeTags: TAGS } as const;
    const tags = await ExifReader.load(bytes, options);
    return {
      takenAt: takenAt(tags),
      camera: camera(tags),
      ...position(tags),
      captions: captionsIn(tags),
    };
  } catch {
    return { captions: [] };
  }
}

/** Not thumbnails, and what makers and colour profiles have to say. */
const TAGS: IncludeTagsOptions = { exif: true, gps: true, iptc: true, xmp: true, png: true };

/** The time a picture was taken (else last changed), read as UTC since most cameras give no zone. */
function takenAt({ exif }: ExpandedTags): Date | undefined {
  const tag = exif?.DateTimeOriginal ?? exif?.DateTimeDigitized ?? exif?.DateTime;
  const match = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(tag?.description ?? '');
  if (!match) return undefined;
  const date = new Date(`${match[1]}-${match[2]}-${match[3]}T${match[4]}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Maker and model; many models begin with their maker. */
function camera({ exif }: ExpandedTags): string | undefined {
  const [make, model] = [exif?.Make, exif?.Model].map((tag) => clean(tag?.description));
  if (make === undefined || model === undefined) return model ?? make;
  const named = model.toLowerCase().startsWith(make.split(' ')[0]!.toLowerCase());
  return named ? model : `${make} ${model}`;
}

function clean(text: string | undefined): string | undefined {
  return text?.replaceAll(/[\s\0]+/g, ' ').trim() || undefined;
}

/** Degrees, north and east positive. 0, 0 is what receivers write that know nothing. */
function position({ gps }: ExpandedTags): Pick<Content, 'latitude' | 'longitude'> {
  const { Latitude: latitude, Longitude: longitude } = gps ?? {};
  if (latitude === undefined || longitude === undefined) return {};
  const valid = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
  return valid && (latitude !== 0 || longitude !== 0) ? { latitude, longitude } : {};
}

async function head(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
