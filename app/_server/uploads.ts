// Pictures that are sent to be kept: streamed to the data folder, checked, and only then given their name.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { config } from '#config';
import { MAX_FILE_MEGABYTES, MAX_UPLOADS, MAX_UPLOADS_GIGABYTES } from '#limits';
import type { UploadAnswer } from '#api';
import { HttpProblem } from './problem';
import { readHeader } from './upload';
import { UploadRoom } from './upload-room';

const MAX_BYTES = MAX_FILE_MEGABYTES * 1_000_000;
/** Of a name, in bytes: what file systems take, less a number and a suffix. */
const LONGEST_NAME = 200;

/** What a file of a format is called, so that an ingest knows it for a picture by its name. */
const SUFFIXES: Record<string, RegExp> = {
  jpeg: /\.jpe?g$/i,
  png: /\.png$/i,
  webp: /\.webp$/i,
  gif: /\.gif$/i,
  tiff: /\.tiff?$/i,
  svg: /\.svg$/i,
  avif: /\.avif$/i,
  heif: /\.(heic|heif)$/i,
};

let room: UploadRoom | undefined;

function uploadRoom(): UploadRoom {
  const most = { files: MAX_UPLOADS, bytes: MAX_UPLOADS_GIGABYTES * 1e9 };
  return (room ??= new UploadRoom(path.join(config().home, 'uploads'), most));
}

/** Keeps the body of a request as a file. Throws a 4xx if it is no picture or too large. */
export async function keepUpload(
  name: string,
  collection: string | undefined,
  request: Request,
): Promise<UploadAnswer> {
  const place = path.posix.join('uploads', folderName(collection));
  const folder = path.join(config().home, place);
  await mkdir(folder, { recursive: true });
  // Hidden, so that an ingest that runs meanwhile passes it over.
  const part = path.join(folder, `.${randomUUID()}.part`);
  try {
    const { bytes, sha256 } = await receive(request, part);
    const wanted = fittingName(name, (await readHeader(part, name)).format);
    const kept = await nameFor(folder, wanted, sha256);
    if (!kept.known) {
      await uploadRoom().take(bytes);
      await rename(part, path.join(folder, kept.name));
    }
    return { name: kept.name, bytes, folder: place, known: kept.known };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new HttpProblem(507, 'The disk of the server is full.', { cause: error });
  } finally {
    await rm(part, { force: true });
  }
}

/** Writes the body to a file, no more of it than may be. */
async function receive(request: Request, file: string): Promise<{ bytes: number; sha256: string }> {
  const tooLarge = new HttpProblem(413, `A picture may have ${MAX_FILE_MEGABYTES} MB.`);
  if (Number(request.headers.get('Content-Length')) > MAX_BYTES) throw tooLarge;
  if (request.body === null) throw new HttpProblem(422, 'The file is empty.');
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      hash.update(chunk);
      done(bytes > MAX_BYTES ? tooLarge : null, chunk);
    },
  });
  const body = Readable.fromWeb(request.body as unknown as NodeReadableStream);
  await pipeline(body, counted, createWriteStream(file));
  return { bytes, sha256: hash.digest('hex') };
}

/** A file name and nothing else: no folder, not hidden, nothing that a terminal or a shell takes amiss. */
export function fittingName(name: string, format: string): string {
  const last = name.split(/[/\\]/).at(-1)!.normalize('NFC');
  const plain = last.replaceAll(/[\p{Cc}\p{Cf}\uFFFD<>:"|?*]/gu, '').replace(/^[.\s]+|\s+$/g, '');
  const short = Buffer.from(plain)
    .subarray(0, LONGEST_NAME)
    .toString('utf8')
    .replaceAll('\uFFFD', '');
  const stem = short === '' ? 'picture' : short;
  return SUFFIXES[format]?.test(stem) === false ? `${stem}.${format}` : stem;
}

/** A name that is free, or that the same bytes have already. */
async function nameFor(folder: string, name: string, sha256: string) {
  const { name: stem, ext } = path.parse(name);
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${stem} (${number})${ext}`;
    const there = path.join(folder, candidate);
    if (!(await stat(there).catch(() => null))) return { name: candidate, known: false };
    if ((await hashOf(there)) === sha256) return { name: candidate, known: true };
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** A folder for a collection: readable where its name is plain, and never another's. */
function folderName(collection: string | undefined): string {
  if (collection === undefined) return 'pictures';
  const plain = collection
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 40);
  return `${plain}-${createHash('sha256').update(collection).digest('hex').slice(0, 8)}`;
}
