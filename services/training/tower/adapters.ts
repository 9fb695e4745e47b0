// Adapters in a file of their own: small, and a model again when merged into the base they belong to.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { fingerprint, type ModelFolder } from '#model';
import { interpolate } from '../blend';
import { checkTarget, exportModel } from '../export';
import { LORA_SCALE, mergeLora, withLora } from './lora';
import { LOGIT_BIAS, LOGIT_SCALE } from './parameters';
import type { Towers } from './prepare';
import { readTower, type TowerKind } from './read-tower';
import type { RunSettings } from '../run';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
  type Safetensors,
} from './safetensors';
import type { StateValues } from '../step/stepper';

const FORMAT = 'bifocal adapters 1';

/** Metadata of the file; all values are strings there. */
const metadataSchema = z.object({
  format: z.literal(FORMAT),
  /** Fingerprint of the model that the adapters belong to. */
  base: z.string(),
  rank: z.coerce.number().int().min(1),
  targets: z.string().optional(),
  /** What A · B is multiplied by before it is added: α / rank, and the share of a blend. */
  scale: z.coerce.number(),
});

/**
 * Writes the adapters of a run as safetensors, complete or absent: `text.WEIGHT.lora_A` [inputs, rank]
 * and `.lora_B` [rank, outputs], of convolutions [rank, inputs, …] and [outputs, rank, 1, …], with the
 * scale and bias of the logits.
 * @param weights of a run's state, and `initial` those that it started from
 * @param share how much of the way from these to those the exported model is
 */
export async function saveAdapters(
  file: string,
  base: ModelFolder,
  { text, image }: Towers,
  { weights, initial, share }: { weights: StateValues; initial: StateValues; share: number },
  { rank, targets }: NonNullable<RunSettings['lora']>,
): Promise<void> {
  const tensors = new Map<string, NamedTensor>();
  for (const tower of [text, image]) {
    for (const name of tower?.trained ?? []) {
      const { dims } = tower!.graph.initializers.get(name)!;
      tensors.set(tower!.prefix + name, { dims, data: weights.get(tower!.prefix + name)! });
    }
  }
  const head = interpolate(headOf(initial), headOf(weights), share);
  for (const [name, data] of head) tensors.set(name, { dims: [], data });
  const metadata = {
    format: FORMAT,
    base: await fingerprint(base),
    rank: String(rank),
    scale: String(LORA_SCALE * share),
    ...(targets !== undefined && { targets }),
  };
  await writeFile(`${file}.writing`, encodeSafetensors({ tensors, metadata }));
  await rename(`${file}.writing`, file);
}

function headOf(values: StateValues): StateValues {
  const names = [LOGIT_SCALE.name, LOGIT_BIAS.name];
  return new Map(names.flatMap((name) => (values.has(name) ? [[name, values.get(name)!]] : [])));
}

/**
 * Writes the model `out`: `base` with the adapters of a file merged into its weights. Throws one line
 * where the file holds none, or those of another model.
 */
export async function mergeAdapters(base: ModelFolder, file: string, out: string): Promise<void> {
  await checkTarget(out);
  const { tensors, metadata } = await readAdapters(file);
  if (metadata.base !== (await fingerprint(base))) {
    throw new Error(`the adapters of ${file} belong to another model than ${base.path}`);
  }
  let values: StateValues = new Map([...tensors].map(([name, { data }]) => [name, data]));
  const { rank, targets, scale } = metadata;
  for (const kind of ['text', 'image'] as TowerKind[]) {
    const adapted = withLora(await readTower(base, kind), { rank, targets, seed: 0 });
    values = mergeLora(values, adapted, scale);
  }
  await exportModel(base, values, out);
}

async function readAdapters(file: string) {
  const bytes = await readFile(file).catch((cause: Error) => {
    throw new Error(`adapters ${file} cannot be read: ${cause.message}`, { cause });
  });
  let content: Safetensors;
  try {
    content = decodeSafetensors(bytes);
  } catch (cause) {
    throw new Error(`${file} is ${(cause as Error).message}`, { cause });
  }
  const metadata = metadataSchema.safeParse(content.metadata);
  if (!metadata.success) throw new Error(`${file} holds no adapters of this version`);
  return { tensors: content.tensors, metadata: metadata.data };
}
