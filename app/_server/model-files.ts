// What the files of a model say without opening it: its fingerprint, and how large it is.
import { stat } from 'node:fs/promises';
import { fingerprint, type ModelFolder } from '#model';

/** Of its graphs with their weights. */
export async function bytesOf(folder: ModelFolder): Promise<number> {
  return (await graphsOf(folder)).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Hashing a model of half a gigabyte takes a second: once for each state of its files. */
const fingerprints = new Map<string, Promise<string>>();

export async function fingerprintOf(folder: ModelFolder): Promise<string> {
  const key = JSON.stringify([folder.path, await graphsOf(folder)]);
  const known = fingerprints.get(key) ?? fingerprint(folder);
  fingerprints.set(key, known);
  known.catch(() => fingerprints.delete(key));
  return known;
}

async function graphsOf({ textModel, visionModel }: ModelFolder) {
  const files = [textModel, visionModel].flatMap((graph) => [graph, `${graph}_data`]);
  const found = await Promise.all(files.map((file) => stat(file).catch(() => null)));
  return found.flatMap((info, n) =>
    info === null ? [] : [{ file: files[n]!, bytes: info.size, at: info.mtimeMs }],
  );
}
