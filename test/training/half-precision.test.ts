// A model in half precision, files and all, trained from end to end: what was fp16 stays fp16.

import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AutoTokenizer, CLIPTextModelWithProjection, type Tensor } from '@huggingface/transformers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadDualEncoder, readModelFolder } from '#model';
import { fromFloat16, readModel, toFloat16, writeModel, type Graph, type Node } from '#onnx';
import { RunFolder, train, type RunSettings } from '#training';
import { quiet, tinyRun } from './whole-run';

let folder: string;
let settings: RunSettings;

beforeAll(async () => {
  ({ folder, settings } = await tinyRun(5, { epochs: 8, batchSize: 15 }));
  for (const tower of ['text_model', 'vision_model']) await halve(settings.model, tower);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** As converters do it with `keep_io_types`: all in float16 but for the graph's inputs and outputs. */
function narrow(graph: Graph): Graph {
  const cast = (from: string, to: string, type: number): Node => ({
    op: 'Cast',
    domain: '',
    name: `cast ${to}`,
    inputs: [from],
    outputs: [to],
    attributes: { to: { type: 'int', value: type } },
  });
  const [FLOAT, FLOAT16] = [1, 10];
  const pixels = graph.inputs.filter(({ dataType }) => dataType === 'float32');
  const outputs = graph.outputs.filter(({ dataType }) => dataType === 'float32');
  const renamed = new Map([
    ...pixels.map(({ name }) => [name, `${name} half`] as const),
    ...outputs.map(({ name }) => [name, `${name} half`] as const),
  ]);
  const rename = (name: string) => renamed.get(name) ?? name;
  return {
    ...graph,
    nodes: [
      ...pixels.map(({ name }) => cast(name, rename(name), FLOAT16)),
      ...graph.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(rename),
        outputs: node.outputs.map(rename),
        attributes: node.op === 'Cast' ? halfCast(node.attributes) : node.attributes,
      })),
      ...outputs.map(({ name }) => cast(rename(name), name, FLOAT)),
    ],
    initializers: new Map(
      [...graph.initializers].map(([name, tensor]) => [
        name,
        tensor.data instanceof Float32Array
          ? { ...tensor, dataType: 'float16' as const, data: toFloat16(tensor.data) }
          : tensor,
      ]),
    ),
  };
}

function halfCast(attributes: Node['attributes']): Node['attributes'] {
  const { to } = attributes;
  return to?.type === 'int' && to.value === 1 ? { to: { type: 'int', value: 10 } } : attributes;
}

/** Puts a tower's float16 version in its place, under the name that it has on the hub. */
async function halve(model: string, tower: string): Promise<void> {
  const file = path.join(model, 'onnx', `${tower}.onnx`);
  const content = await readModel(file);
  await writeModel({ ...content, graph: narrow(content.graph) }, file);
  await rename(file, path.join(model, 'onnx', `${tower}_fp16.onnx`));
}

test('a folder with fp16 graphs alone is trained, and comes out as one', async () => {
  const run = new RunFolder(path.join(folder, 'run'));
  const { model, loss } = await train(run, settings, quiet);
  expect(loss.last).toBeLessThan(loss.first - 0.5);
  expect((await readdir(path.join(model, 'onnx'))).sort()).toEqual([
    'text_model_fp16.onnx',
    'vision_model_fp16.onnx',
  ]);
  const [before, after] = await Promise.all([
    readModelFolder(settings.model),
    readModelFolder(model),
  ]);
  for (const tower of ['textModel', 'visionModel'] as const) {
    const [from, to] = await Promise.all([readModel(before[tower]), readModel(after[tower])]);
    expect(to.opsets).toEqual(from.opsets);
    expect(to.graph.nodes.map(({ op }) => op)).toEqual(from.graph.nodes.map(({ op }) => op));
    const types = ({ graph }: typeof to) =>
      [...graph.initializers].map(([name, { dataType }]) => [name, dataType]);
    expect(types(to)).toEqual(types(from));
    const moved = [...to.graph.initializers].filter(([name, { data, dataType }]) => {
      if (dataType !== 'float16') return false;
      const [old, now] = [from.graph.initializers.get(name)!.data, data].map((bits) =>
        fromFloat16(bits as Uint16Array),
      );
      // A mask's infinities stay what they were.
      expect(now!.every((value, index) => Number.isFinite(value) || value === old![index])).toBe(
        true,
      );
      return now!.some((value, index) => value !== old![index]);
    });
    expect(moved.length).toBeGreaterThan(10);
  }
});

test('the result is searched with, and read by transformers.js as fp16', async () => {
  const model = path.join(folder, 'run', 'model');
  const texts = ['a red circle', 'a black bar'];
  const encoder = await loadDualEncoder(model, { threads: 1 });
  const ours = await encoder.encodeTexts(texts);
  await encoder.dispose();
  const local = { local_files_only: true, dtype: 'fp16' } as const;
  const tokenizer = await AutoTokenizer.from_pretrained(model, local);
  const text = await CLIPTextModelWithProjection.from_pretrained(model, local);
  const { text_embeds } = await text(tokenizer(texts, { padding: true, truncation: true }));
  await text.dispose();
  ((text_embeds as Tensor).tolist() as number[][]).forEach((theirs, row) => {
    const norm = Math.hypot(...theirs);
    theirs.forEach((value, index) => expect(ours[row]![index]).toBeCloseTo(value / norm, 2));
  });
});
