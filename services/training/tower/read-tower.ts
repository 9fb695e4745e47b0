// A tower from its .onnx file, whatever exported it: from here on all towers look alike.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ModelFolder } from '#model';
import {
  modernGraph,
  pruneGraph,
  readModel,
  separateWeights,
  widenGraph,
  type Graph,
  type Model,
} from '#onnx';
import { imageTower, textTower, type Tower } from './tower';

export type TowerKind = 'text' | 'image';

/** What a text tower may ask for; how each is filled is the tokenizer's and the batches' affair. */
const TEXT_INPUTS = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'];

/** Operations of integer weights, or of floats on their way to integers. */
const QUANTISED = [
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
  'DynamicQuantizeMatMul',
  'MatMulInteger',
  'MatMulIntegerToFloat',
  'ConvInteger',
  'QLinearMatMul',
  'QLinearConv',
  'QGemm',
  'QAttention',
  'MatMulNBits',
  'MatMulBnb4',
  'GatherBlockQuantized',
];

/** The file of a tower. */
export function towerFile(base: ModelFolder, kind: TowerKind): string {
  return kind === 'text' ? base.textModel : base.visionModel;
}

/**
 * The tower's file as it stands, but with one initializer a weight and with the embedding as its
 * only output: what a tuned model is written from. Element types and opset are the file's.
 * Throws one line where it cannot be trained: quantised, or not a tower.
 */
export async function readTowerModel(file: string, kind: TowerKind): Promise<Model> {
  const model = await readModel(file);
  await refuseQuantised(model.graph, file);
  const separate = separateWeights(model.graph);
  return { ...model, graph: pruneGraph(separate, embeddingOutput(separate, kind)) };
}

/**
 * Reads a tower for training. `rows` is how many of its inputs each pair gives (captions of a
 * picture, views of it). A frozen tower has no trained weights. Throws one line that names the file.
 */
export async function readTower(
  base: ModelFolder,
  kind: TowerKind,
  { rows = 1, frozen = false }: { rows?: number; frozen?: boolean } = {},
): Promise<Tower> {
  const file = towerFile(base, kind);
  const graph = widenGraph(modernGraph(await readTowerModel(file, kind)));
  const batch = fixedAxis(graph, 0);
  const tower =
    kind === 'text'
      ? textTower(checkTextInputs(graph, file), rows, frozen)
      : { ...imageTower(checkImageInputs(graph, file), base.preprocessing, frozen), rows };
  const length = kind === 'text' ? fixedLength(graph, base) : undefined;
  return {
    ...tower,
    ...(length === undefined ? {} : { length }),
    ...(batch === undefined ? {} : { batch }),
  };
}

/** The output that holds the embedding: by the names that exports use, else the first. */
function embeddingOutput({ outputs }: Graph, kind: TowerKind): string {
  const names = outputs.map(({ name }) => name);
  const known = [`${kind}_embeds`, 'pooler_output'].find((name) => names.includes(name));
  return known ?? names[0]!;
}

function checkTextInputs(graph: Graph, file: string): Graph {
  const strange = graph.inputs.find(({ name }) => !TEXT_INPUTS.includes(name));
  if (strange === undefined) return graph;
  throw new Error(`${file}: input ${strange.name} is not known to a text tower`);
}

function checkImageInputs(graph: Graph, file: string): Graph {
  const [input, other] = graph.inputs;
  if (input?.name === 'pixel_values' && other === undefined) return graph;
  const names = graph.inputs.map(({ name }) => name).join(', ') || 'none';
  throw new Error(`${file}: an image tower has the input pixel_values, this one has ${names}`);
}

/** The number that an export fixed for an axis of its inputs; `undefined` where it is free. */
function fixedAxis({ inputs }: Graph, axis: number): number | undefined {
  const dims = inputs.map((input) => input.dims[axis]);
  return dims.find((dim) => typeof dim === 'number');
}

/** SigLIP pools at the last position and was trained with every text padded to the end. */
function fixedLength(graph: Graph, { config }: ModelFolder): number | undefined {
  const fixed = fixedAxis(graph, 1);
  return fixed ?? (config.modelType.startsWith('siglip') ? config.contextLength : undefined);
}

/** Integer weights have no gradient. Names the file of the same tower that can be trained. */
async function refuseQuantised({ nodes }: Graph, file: string): Promise<void> {
  const node = nodes.find(({ op }) => QUANTISED.includes(op));
  if (node === undefined) return;
  const name = path.basename(file).replace(/_(quantized|q4|q4f16|bnb4|int8|uint8)(?=\.onnx$)/, '');
  const stem = name.replace(/\.onnx$/, '');
  const beside = await readdir(path.dirname(file)).catch((): string[] => []);
  const full = [`${stem}.onnx`, `${stem}_fp16.onnx`].filter(
    (other) => other !== path.basename(file) && beside.includes(other),
  );
  throw new Error(
    `${file} is quantised (${node.op}) and cannot be trained; use ` +
      (full[0] ?? `the float32 export of it, ${stem}.onnx or ${stem}_fp16.onnx`),
  );
}
