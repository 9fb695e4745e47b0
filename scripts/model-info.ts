// What a model is, as `bifocal model` tells it.

import { stat } from 'node:fs/promises';
import { loadDualEncoder, readModelFolder } from '#model';

export interface ModelInfo {
  name: string;
  folder: string;
  type: string;
  fingerprint: string;
  dimension: number;
  contextLength: number | null;
  imageSize: { width: number; height: number };
  logitScale: number;
  logitBias: number;
  /** Of both graphs with their weights. */
  bytes: number;
}

/** Loads the model, and runs a text through it: ids beyond the vocabulary show only there. */
export async function describe(name: string): Promise<ModelInfo> {
  const folder = await readModelFolder(name);
  const encoder = await loadDualEncoder(name);
  try {
    await encoder.encodeTexts(['a picture']);
    const { width, height } = folder.preprocessing;
    return {
      name: encoder.name,
      folder: encoder.folder,
      type: folder.config.modelType,
      fingerprint: encoder.fingerprint,
      dimension: encoder.dimension,
      contextLength: folder.config.contextLength ?? null,
      imageSize: { width, height },
      logitScale: encoder.logitScale,
      logitBias: encoder.logitBias,
      bytes: await sizeOf(folder.textModel, folder.visionModel),
    };
  } finally {
    await encoder.dispose();
  }
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

async function sizeOf(...graphs: string[]): Promise<number> {
  let bytes = 0;
  for (const file of graphs.flatMap((graph) => [graph, `${graph}_data`]))
    bytes += (await stat(file).catch(() => null))?.size ?? 0;
  return bytes;
}
