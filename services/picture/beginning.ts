// What a file's first bytes tell: why what begins like this cannot be decoded, if it cannot.

import { open } from 'node:fs/promises';

/** The first bytes of a picture, each as a character. */
export async function beginning(source: string | Uint8Array): Promise<string> {
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

/** libvips as npm has it lacks the decoder; a build that has it needs no reason. */
export const HEIC = 'HEIC (HEVC) cannot be decoded here; convert it to JPEG or AVIF';

const damaged = (name: string) => `truncated or damaged ${name}`;
const unsupported = (name: string, other: string) =>
  `${name} cannot be decoded here; convert it to ${other}`;

/** `.` is any byte. */
const reasons: { begins: RegExp; reason: string }[] = [
  { begins: /^\xff\xd8\xff/, reason: damaged('JPEG') },
  { begins: /^\x89PNG/, reason: damaged('PNG') },
  { begins: /^GIF8/, reason: damaged('GIF') },
  { begins: /^RIFF....WEBP/s, reason: damaged('WebP') },
  { begins: /^(II\*\0|MM\0\*)/, reason: damaged('TIFF') },
  { begins: /^\s*<(\?xml|svg|!DOCTYPE svg)/i, reason: damaged('SVG') },
  { begins: /^....ftyp(hei|hev)[cmsx]/s, reason: HEIC },
  { begins: /^....ftyp(avi[fs]|mif1|msf1)/s, reason: damaged('AVIF or HEIF') },
  { begins: /^(....ftyp|....moov|.\x45\xdf\xa3|RIFF....AVI )/s, reason: 'a video, no picture' },
  { begins: /^(\xff\n|\0\0\0\fJXL )/, reason: unsupported('JPEG XL', 'JPEG') },
  { begins: /^(\0\0\0\fjP {2}|\xff\x4f\xff\x51)/, reason: unsupported('JPEG 2000', 'JPEG') },
  { begins: /^BM.{12}[\f(l|]\0\0\0/s, reason: unsupported('BMP', 'PNG') },
  { begins: /^8BPS/, reason: unsupported('Photoshop', 'PNG') },
];

/** Why a file that begins like this cannot be decoded, where libvips has said that it cannot. */
export function damageOf(begins: string): string {
  const known = reasons.find((each) => each.begins.test(begins));
  return known?.reason ?? 'not an image, or in an unsupported format';
}
