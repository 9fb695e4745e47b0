// Files as one ZIP, as it is sent: nothing is compressed (pictures are already), nothing is kept.
import { createReadStream } from 'node:fs';
import { makeZip, predictLength } from 'client-zip';

export interface ZipEntry {
  name: string;
  path: string;
  bytes: number;
  changed: Date;
}

/** The years that an archive can say. */
const FIRST_YEAR = 1980;
const LAST_YEAR = 2107;

/**
 * The archive, and how long it will be. A file that has changed since its length was read breaks it off, so
 * that whoever receives it sees that it is cut short; so does one that cannot be read.
 */
export function zip(entries: readonly ZipEntry[]): {
  length: bigint;
  body: ReadableStream<Uint8Array>;
} {
  const length = predictLength(entries.map(({ name, bytes }) => ({ name, size: bytes })));
  return { length, body: makeZip(inputs(entries)) };
}

/** One after another, and none left open: whoever stops reading ends this generator, not the file's. */
async function* inputs(entries: readonly ZipEntry[]) {
  for (const entry of entries) {
    const input = bytesOf(entry);
    try {
      yield { name: entry.name, lastModified: datable(entry.changed), size: entry.bytes, input };
    } finally {
      await input.return(undefined);
    }
  }
}

async function* bytesOf({ path, bytes }: ZipEntry): AsyncGenerator<Uint8Array, void> {
  let read = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    read += chunk.length;
    if (read > bytes) break;
    yield chunk;
  }
  if (read !== bytes) throw new Error(`${path} has changed while it was sent`);
}

function datable(date: Date): Date {
  const year = date.getFullYear();
  if (year < FIRST_YEAR) return new Date(FIRST_YEAR, 0, 1);
  return year > LAST_YEAR ? new Date(LAST_YEAR, 11, 31) : date;
}
