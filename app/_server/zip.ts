// Files as one ZIP, as it is sent: nothing is compressed (pictures are already), nothing is kept.
// PKWARE APPNOTE 6.3.10, the part of it without ZIP64: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
import { createReadStream } from 'node:fs';
import { crc32 } from 'node:zlib';

export interface ZipEntry {
  name: string;
  path: string;
  bytes: number;
  changed: Date;
}

/** Bytes that offsets of 32 bits reach, with room for headers. */
export const MAX_ZIP_BYTES = 0xff00_0000;

const VERSION = 20;
/** The checksum stands behind the bytes; names are UTF-8. */
const FLAGS = 0x0808;

/** The archive in pieces. Fails where a file does, so that whoever receives it sees that it is cut short. */
export async function* zip(entries: readonly ZipEntry[]): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const start = offset;
    const header = [number(0x04034b50, 4), ...common(entry, 0, 0, name.length), name];
    yield Buffer.concat(header);
    let checksum = 0;
    let bytes = 0;
    for await (const chunk of createReadStream(entry.path) as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum);
      bytes += chunk.length;
      yield chunk;
    }
    const sums = [number(checksum, 4), number(bytes, 4), number(bytes, 4)];
    yield Buffer.concat([number(0x08074b50, 4), ...sums]);
    offset += Buffer.concat(header).length + bytes + 16;
    directory.push(
      number(0x02014b50, 4),
      number(VERSION, 2),
      ...common(entry, checksum, bytes, name.length),
      // No comment, first disk, no attributes.
      number(0, 2),
      number(0, 2),
      number(0, 2),
      number(0, 4),
      number(start, 4),
      name,
    );
  }
  const list = Buffer.concat(directory);
  const count = number(entries.length, 2);
  const end = [number(0x06054b50, 4), number(0, 4), count, count, number(list.length, 4)];
  yield Buffer.concat([list, ...end, number(offset, 4), number(0, 2)]);
}

/** What stands before a file and in the directory alike. */
function common({ changed }: ZipEntry, checksum: number, bytes: number, name: number): Buffer[] {
  const time =
    (changed.getHours() << 11) | (changed.getMinutes() << 5) | (changed.getSeconds() >> 1);
  const year = Math.min(127, Math.max(0, changed.getFullYear() - 1980));
  const date = (year << 9) | ((changed.getMonth() + 1) << 5) | changed.getDate();
  const shorts = [VERSION, FLAGS, 0, time, date].map((value) => number(value, 2));
  const longs = [checksum, bytes, bytes].map((value) => number(value, 4));
  return [...shorts, ...longs, number(name, 2), number(0, 2)];
}

function number(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value >>> 0, 0, bytes);
  return buffer;
}
