// The text of a list, whatever wrote it: byte order marks, encodings, and what is no text at all.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * Reads a file of UTF-8 or, with its byte order mark, UTF-16. Throws one line that says what it is.
 *
 * @param strict - whether it throws for what is not UTF-8, or reads on without it
 */
export async function readText(file: string, strict = true): Promise<string> {
  const bytes = await readBytes(file).catch((cause: NodeJS.ErrnoException) => {
    const reason = reasons[cause.code ?? ''] ?? cause.message;
    throw new Error(reason, { cause });
  });
  if (bytes.length === 0) throw new Error('the file is empty');
  const text = decode(bytes, strict);
  if (text.includes('\0')) throw new Error('not a text file');
  return text;
}

/** Waits for nobody and ends: a pipe, or a device, may stand in a folder under the name of a list. */
async function readBytes(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const info = await handle.stat();
    if (!info.isFile() && !info.isDirectory()) throw new Error('not a file');
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

const reasons: Record<string, string> = {
  EISDIR: 'a folder, not a file',
  ENOENT: 'no such file',
  EACCES: 'no permission to read it',
  ERR_FS_FILE_TOO_LARGE: 'larger than 2 GB; split it into several files',
};

function decode(bytes: Buffer, strict: boolean): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: strict }).decode(bytes);
  } catch (cause) {
    if (bytes.includes(0)) throw new Error('not a text file', { cause });
    const where = `line ${badLine(bytes)}`;
    throw new Error(`${where} is not UTF-8 (Latin-1?); save the file as UTF-8`, { cause });
  }
}

/** The first line with a byte that UTF-8 does not have there. */
function badLine(bytes: Buffer): number {
  const strict = new TextDecoder('utf-8', { fatal: true });
  for (let line = 1, start = 0; ; line++) {
    const found = bytes.indexOf(10, start);
    const end = found === -1 ? bytes.length : found;
    try {
      strict.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end + 1;
  }
}
