// Towers that are not trained: their embeddings are computed once and take their places in each step.

import { fillTemplate, loadDualEncoder, type DualEncoder, type ModelFolder } from '#model';
import { GraphBuilder } from '#onnx';
import type { Device } from '#runtime';
import type { Embeddings } from '../data/batches';
import { KeptRows } from './kept-rows';
import type { Pair } from '../data/pairs';
import type { Towers } from './prepare';
import { encodePictures } from '../evaluation/ranks';
import type { RunFolder, RunSettings } from '../run';
import { IMAGE_PREFIX, type Tower } from './tower';

/** Pictures or captions that are encoded at once. */
const CHUNK = 64;

/**
 * The tower that takes embeddings and returns them: input `image_embeddings` or `text_embeddings`,
 * [rows, dimension]. In the place of a frozen tower it leaves the loss and the other tower's
 * gradients as they are (locked-image tuning: LiT, Zhai et al. 2022).
 */
export function embeddingTower({ prefix, rows }: Tower, dimension: number): Tower {
  const kind = prefix === IMAGE_PREFIX ? 'image' : 'text';
  const input = `${kind}_embeddings`;
  const b = new GraphBuilder(input);
  b.input(input, 'float32', ['batch', dimension]);
  b.output(input, `${kind}_embeds`, 'float32', ['batch', dimension]);
  const tower = { graph: b.graph, prefix, rows, inputs: { [input]: [dimension] } };
  // Captions of any length have one graph.
  return { ...tower, trained: new Set(), ...(kind === 'text' && { length: 1 }) };
}

export interface KeepingOptions {
  device: Device;
  threads: number;
  onProgress(done: number, total: number): void;
  onNote(line: string): void;
}

/** What a run trains on when a tower is replaced by its embeddings. */
export interface Replaced {
  towers: Towers;
  /** Those whose picture could be encoded. */
  pairs: Pair[];
  embeddings: Embeddings | undefined;
  /** The caller's to release. */
  kept: KeptRows | undefined;
}

/** Puts embeddings in the place of the tower that `settings` freezes, if it freezes one. */
export async function replaceFrozen(
  run: RunFolder,
  base: ModelFolder,
  settings: RunSettings,
  towers: Towers,
  pairs: Pair[],
  options: KeepingOptions,
): Promise<Replaced> {
  const { freeze } = settings;
  const frozen = freeze && towers[freeze];
  if (frozen === undefined) return { towers, pairs, embeddings: undefined, kept: undefined };
  const kept = await keepEmbeddings(run, base, settings, pairs, options);
  const { dimension } = kept;
  const row = (key: string) => kept.row(key);
  options.onNote(describe(freeze!, kept.size, settings));
  return {
    towers: { ...towers, [freeze!]: embeddingTower(frozen, dimension) },
    pairs: freeze === 'image' ? pairs.filter(({ image }) => kept.has(image)) : pairs,
    embeddings: { dimension, [freeze!]: row },
    kept,
  };
}

function describe(freeze: string, count: number, { augmentation, wordDropout }: RunSettings) {
  const computed = `the ${freeze} tower is frozen: its ${count} embeddings are computed once`;
  if (freeze === 'image' && augmentation !== 'none') return `${computed}, without augmentation`;
  return freeze === 'text' && wordDropout ? `${computed}, without word dropout` : computed;
}

/**
 * The embeddings of the tower that `settings` freezes: of the pictures of `pairs` as the model is
 * shown them without augmentation, or of their captions in every template.
 */
async function keepEmbeddings(
  run: RunFolder,
  base: ModelFolder,
  { freeze, templates }: Pick<RunSettings, 'freeze' | 'templates'>,
  pairs: readonly Pair[],
  { device, threads, onProgress }: KeepingOptions,
): Promise<KeptRows> {
  const encoder = await loadDualEncoder(base.path, { device, threads });
  const { fingerprint, dimension } = encoder;
  const rest = { fingerprint, dimension, chunk: CHUNK, onProgress };
  try {
    return await (freeze === 'image'
      ? KeptRows.open(run, {
          ...rest,
          name: 'image-embeddings',
          items: pairs,
          encode: (items) => encodeImages(encoder, items),
        })
      : KeptRows.open(run, {
          ...rest,
          name: 'text-embeddings',
          items: sayings(pairs, templates ?? []),
          encode: async (items) => ({
            keys: [...items],
            rows: await encoder.encodeTexts(items),
            skipped: [],
          }),
        }));
  } finally {
    await encoder.dispose();
  }
}

async function encodeImages(encoder: DualEncoder, pairs: readonly Pair[]) {
  const { kept, images, skipped } = await encodePictures(encoder, [...pairs], () => {});
  return {
    keys: kept.map(({ image }) => image),
    rows: images,
    skipped: skipped.map(({ image, reason }) => [image, reason] as [string, string]),
  };
}

/** Every different text that a caption can become. */
function sayings(pairs: readonly Pair[], templates: readonly string[]): string[] {
  const captions = [...new Set(pairs.flatMap((pair) => pair.captions))];
  if (templates.length === 0) return captions;
  const said = captions.flatMap((caption) =>
    templates.map((template) => fillTemplate(template, caption)),
  );
  return [...new Set(said)];
}
