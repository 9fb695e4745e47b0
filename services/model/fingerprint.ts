// What an embedding depends on, as one hash: two folders with the same one give the same vectors.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { modelFiles, type ModelFolder } from './folder';

/**
 * SHA-256, in hex, over the graphs with their external data, the tokenizer files, and the settings
 * that are applied. The name, the place and the logit scale of a model take no part.
 */
export async function fingerprint(folder: ModelFolder): Promise<string> {
  const { tokenizer, tokenizerConfig } = modelFiles;
  const [textModel, visionModel] = [
    path.relative(folder.path, folder.textModel),
    path.relative(folder.path, folder.visionModel),
  ];
  const files = [textModel, `${textModel}_data`, visionModel, `${visionModel}_data`];
  const hash = createHash('sha256');
  for (const name of [...files, tokenizer, tokenizerConfig]) {
    const digest = await hashFile(path.join(folder.path, name));
    if (digest) hash.update(`${name} ${digest}\n`);
  }
  const { modelType, contextLength } = folder.config;
  hash.update(JSON.stringify({ modelType, contextLength, preprocessing: folder.preprocessing }));
  return hash.digest('hex');
}

/** `null` for a file that is not there: most graphs have no external data. */
async function hashFile(file: string): Promise<string | null> {
  const info = await stat(file).catch(() => null);
  if (!info) return null;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}
