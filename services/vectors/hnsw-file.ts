// The file of a stored index: magic, header length, header (JSON), the graph as hnswlib writes it,
// SHA-256 of all before. hnswlib checks nothing and writes in place; this file does both for it.

import { createHash, randomUUID } from 'node:crypto';
import { open, mkdir, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const magic = Buffer.from('BIFOCALV');
const version = 1;
const prefixBytes = magic.length + 4;
const digestBytes = 32;
const chunkBytes = 1 << 20;
const abandonedAfterMs = 3_600_000;

const header = z.object({
  version: z.literal(version),
  dimension: z.int().positive(),
  M: z.int().positive(),
  efConstruction: z.int().positive(),
  ef: z.int().positive(),
  /** Vectors in the graph, those marked as deleted included. */
  count: z.int().nonnegative(),
  deleted: z.array(z.int().nonnegative()),
  /** Ids whose vector is that of another: which has it in the graph. */
  twins: z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative()])).default([]),
  /** What the owner of the index wrote to recognise it by. */
  tag: z.string(),
});

export type IndexHeader = Omit<z.infer<typeof header>, 'version'>;

/** The file is not a whole index of this version: build the index anew. */
export class IndexFileError extends Error {
  override name = 'IndexFileError';
}

/**
 * Writes header and graph to `file`: beside it first, flushed, then renamed.
 * @param writeGraph writes the graph to the path it is given; left out for an index without vectors
 */
export async function writeIndexFile(
  file: string,
  fields: IndexHeader,
  writeGraph?: (path: string) => Promise<void>,
): Promise<void> {
  const graph = temporaryBeside(file);
  const unfinished = temporaryBeside(file);
  try {
    await prepareFolder(file);
    await writeGraph?.(graph);
    await assemble(unfinished, fields, writeGraph ? graph : undefined);
    await rename(unfinished, file);
    await flushFolder(path.dirname(file));
  } catch (cause) {
    throw new Error(`index file ${file} could not be written: ${(cause as Error).message}`, {
      cause,
    });
  } finally {
    await discard(graph);
    await discard(unfinished);
  }
}

/**
 * Checks `file`, and only then lets `readGraph` have its header and the path of its graph.
 * @throws IndexFileError when the file is damaged, cut short or of another kind
 */
export async function readIndexFile<T>(
  file: string,
  readGraph: (fields: IndexHeader, path: string) => T | Promise<T>,
): Promise<T> {
  const graph = temporaryBeside(file);
  try {
    return await readGraph(await verify(file, graph), graph);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
    const why = 'the disk is full, and reading it takes its size again for a moment';
    throw new Error(`index file ${file} could not be read: ${why}; make room`, { cause });
  } finally {
    await discard(graph);
  }
}

async function assemble(output: string, fields: IndexHeader, graph?: string): Promise<void> {
  const text = Buffer.from(JSON.stringify({ version, ...fields }));
  const prefix = Buffer.alloc(prefixBytes);
  magic.copy(prefix);
  prefix.writeUInt32LE(text.length, magic.length);

  const hash = createHash('sha256');
  const handle = await open(output, 'wx');
  try {
    for await (const chunk of chunks([prefix, text], graph)) {
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    await handle.writeFile(hash.digest());
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Compares the checksum while copying the graph to a file of its own, where hnswlib can read it. */
async function verify(file: string, graph: string): Promise<IndexHeader> {
  const input = await open(file, 'r');
  try {
    const bytes = (await input.stat()).size;
    const prefix = await read(input, 0, Math.min(prefixBytes, bytes));
    if (!prefix.subarray(0, magic.length).equals(magic) || prefix.length < prefixBytes) {
      throw new IndexFileError(`${file} is no vector index`);
    }
    const graphStart = prefixBytes + prefix.readUInt32LE(magic.length);
    const graphEnd = bytes - digestBytes;
    if (graphStart > graphEnd) throw new IndexFileError(`index file ${file} is cut short`);

    const text = await read(input, prefixBytes, graphStart - prefixBytes);
    const hash = createHash('sha256').update(prefix).update(text);
    const output = await open(graph, 'wx');
    try {
      for (let at = graphStart; at < graphEnd; at += chunkBytes) {
        const chunk = await read(input, at, Math.min(chunkBytes, graphEnd - at));
        hash.update(chunk);
        await output.writeFile(chunk);
      }
    } finally {
      await output.close();
    }
    if (!hash.digest().equals(await read(input, graphEnd, digestBytes))) {
      throw new IndexFileError(`index file ${file} is damaged: its checksum does not match`);
    }
    return parseHeader(file, text);
  } finally {
    await input.close();
  }
}

function parseHeader(file: string, text: Buffer): IndexHeader {
  const parsed = header.safeParse(JSON.parse(text.toString()));
  if (!parsed.success) {
    throw new IndexFileError(`index file ${file} has another version of the format`, {
      cause: parsed.error,
    });
  }
  return parsed.data;
}

async function* chunks(first: Buffer[], graph?: string): AsyncGenerator<Buffer> {
  yield* first;
  if (graph === undefined) return;
  const input = await open(graph, 'r');
  try {
    const bytes = (await input.stat()).size;
    for (let at = 0; at < bytes; at += chunkBytes) {
      yield await read(input, at, Math.min(chunkBytes, bytes - at));
    }
  } finally {
    await input.close();
  }
}

async function read(input: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await input.read(buffer, done, length - done, position + done);
    if (bytesRead === 0)
      throw new IndexFileError('the index file became shorter while it was read');
    done += bytesRead;
  }
  return buffer;
}

function temporaryBeside(file: string): string {
  return `${file}.${randomUUID()}.tmp`;
}

/** What cannot be removed now is cleared by prepareFolder() later; the first error matters more. */
async function discard(file: string): Promise<void> {
  await rm(file, { force: true }).catch(() => undefined);
}

/** Makes the rename itself last through a power cut. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // where a folder cannot be opened
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the folder, and clears what a process that was killed while saving left in it. */
async function prepareFolder(file: string): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${path.basename(file)}.`) || !name.endsWith('.tmp')) continue;
    const found = await stat(path.join(folder, name)).catch(() => null);
    if (found && Date.now() - found.mtimeMs > abandonedAfterMs) {
      await rm(path.join(folder, name), { force: true });
    }
  }
}
