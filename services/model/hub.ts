// Models from the Hugging Face hub into the data folder: only the files that a dual encoder needs,
// checked against the hub's hashes, and taken up again where a download stopped.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { downloadFile, HubApiError, listFiles, type ListFileEntry } from '@huggingface/hub';
import { config } from '#config';
import { fileAmong, missingFile, modelFiles } from './folder';

/** Bytes of the whole model, and the file at hand. */
export interface PullProgress {
  file: string;
  done: number;
  total: number;
}

/** Taken along where a repository has them. */
const OPTIONAL = ['special_tokens_map.json', 'README.md', 'LICENSE'];

/**
 * Downloads `org/name` into `<home>/models/org/name` and returns that folder. It appears only when
 * it is complete; until then `<folder>.partial` holds what has come, and the next call goes on there.
 */
export async function pullModel(
  hubId: string,
  onProgress: (progress: PullProgress) => void = () => {},
): Promise<string> {
  if (!/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(hubId))
    throw new Error(`"${hubId}" is no hub id; these look like Xenova/clip-vit-base-patch32`);
  const folder = path.join(config().home, 'models', hubId);
  const files = await neededFiles(hubId);
  if (await isComplete(folder, files)) return folder;

  const partial = `${folder}.partial`;
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const file of files) {
    const target = path.join(partial, file.path);
    await download(hubId, file, target, (bytes) =>
      onProgress({ file: file.path, done: done + bytes, total }),
    );
    done += file.size;
    onProgress({ file: file.path, done, total });
  }
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
  return folder;
}

/** What is to be downloaded. Throws before the first byte when the repository is no dual encoder. */
async function neededFiles(hubId: string): Promise<ListFileEntry[]> {
  const files = new Map<string, ListFileEntry>();
  try {
    for await (const file of listFiles({ repo: hubId, recursive: true, ...hub() }))
      files.set(file.path, file);
  } catch (cause) {
    throw hubError(hubId, cause);
  }
  const names = [...files.keys()];
  const required = Object.values(modelFiles).map((file) => {
    const found = fileAmong(file, names);
    if (found === undefined) throw missingFile(`${hubId} on the hub`, file, names);
    return found;
  });
  // Weights may lie beside their graph.
  const beside = required.map((file) => `${file}_data`);
  return [...required, ...beside, ...OPTIONAL].flatMap((name) => files.get(name) ?? []);
}

/** Where the hub is, and who asks. */
function hub() {
  const { endpoint, token } = config().hub;
  return { hubUrl: endpoint.replace(/\/+$/, ''), ...(token ? { accessToken: token } : {}) };
}

async function isComplete(folder: string, files: ListFileEntry[]): Promise<boolean> {
  for (const file of files) {
    if (!(await matches(path.join(folder, file.path), file))) return false;
  }
  return true;
}

/** Brings one file to `target`, from the end of what an earlier call left of it. */
async function download(
  hubId: string,
  file: ListFileEntry,
  target: string,
  onBytes: (done: number) => void,
): Promise<void> {
  if (await matches(target, file)) return;
  await mkdir(path.dirname(target), { recursive: true });
  const part = `${target}.part`;
  const have = await fileSize(part);
  const start = have < file.size ? Math.max(have, 0) : 0;
  try {
    // Plain ranges (not the hub's Xet protocol): they can be resumed.
    const blob = await downloadFile({ repo: hubId, path: file.path, xet: false, ...hub() });
    if (!blob) throw new Error('the hub no longer has it');
    let done = start;
    const count = new Transform({
      transform(chunk: Uint8Array, _encoding, next) {
        done += chunk.byteLength;
        onBytes(done);
        next(null, chunk);
      },
    });
    await pipeline(
      blob.slice(start).stream() as ReadableStream,
      count,
      createWriteStream(part, { flags: start ? 'a' : 'w' }),
    );
  } catch (cause) {
    throw hubError(`${hubId}: ${file.path}`, cause);
  }
  if (!(await matches(part, file))) {
    await rm(part, { force: true });
    throw new Error(`${hubId}: ${file.path} arrived damaged; pull again`);
  }
  await rename(part, target);
}

/** Whether a file on disk is the hub's: SHA-256 of large files, git's hash of small ones. */
async function matches(file: string, { size, oid, lfs }: ListFileEntry): Promise<boolean> {
  if ((await fileSize(file)) !== size) return false;
  const hash = createHash(lfs ? 'sha256' : 'sha1');
  if (!lfs) hash.update(`blob ${size}\0`);
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex') === (lfs?.oid ?? oid);
}

/** −1 for a file that is not there. */
async function fileSize(file: string): Promise<number> {
  return stat(file).then(
    (info) => info.size,
    () => -1,
  );
}

function hubError(what: string, cause: unknown): Error {
  const { hubUrl } = hub();
  if (cause instanceof HubApiError && [401, 403, 404].includes(cause.statusCode))
    return new Error(`${what}: not on ${hubUrl}, or only with a token in HF_TOKEN`, { cause });
  const { message, cause: inner } = cause as Error;
  const reason = inner instanceof Error ? `${message} (${inner.message})` : message;
  return new Error(`${what}: ${hubUrl} failed: ${reason}; what has come is kept, pull again`, {
    cause,
  });
}
