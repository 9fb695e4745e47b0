// What exports of other models look like: a mask, fixed axes, other output names, SigLIP's padding.
// The graphs are toys whose embeddings say what was fed.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDualEncoder } from '#model';
import { GraphBuilder, writeModel } from '#onnx';
import { createTinyModel } from '../engine/tiny-model';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-export-'));
  await createTinyModel(folder);
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: 'text' | 'vision', { graph }: GraphBuilder): Promise<void> {
  const opsets = new Map([['', 17]]);
  const model = { irVersion: 8, opsets, producer: '', metadata: new Map<string, string>(), graph };
  await writeModel(model, path.join(folder, `onnx/${name}_model.onnx`));
}

async function changeConfig(changes: object): Promise<void> {
  const file = path.join(folder, 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...config, ...changes }));
}

/** Embeddings [length of the row, its tokens that are no padding], under the name of the output. */
function lengths(inputs: string[], shape: [string | number, string | number], output: string) {
  const builder = new GraphBuilder('lengths');
  const ids = builder.input('input_ids', 'int64', shape);
  const mask = inputs.includes('attention_mask')
    ? builder.input('attention_mask', 'int64', shape)
    : ids;
  const sum = (value: string) =>
    builder.op('ReduceSum', [builder.op('Cast', [value], { to: 1 }), builder.ints([1])]);
  // 0 · id + 1 in every place, summed along the row.
  const zeros = builder.op('Mul', [builder.op('Cast', [ids], { to: 1 }), builder.scalar(0)]);
  const ones = builder.op('Add', [zeros, builder.scalar(1)]);
  const both = builder.op('Concat', [sum(ones), sum(mask)], { axis: 1 });
  // What else exports give, and first: states with three axes.
  const states = builder.op('Unsqueeze', [ones, builder.ints([2])]);
  builder.output(states, 'last_hidden_state', 'float32', [...shape, 1]);
  builder.output(both, output, 'float32', [shape[0], 2]);
  return builder;
}

/** The ratio of the two numbers, which normalising keeps. */
const ratio = (embedding: Float32Array) => embedding[1]! / embedding[0]!;

describe('a text graph', () => {
  it('with a mask is fed one, and rows only as long as the longest', async () => {
    await changeConfig({ projection_dim: 2 });
    await write('text', lengths(['attention_mask'], ['batch', 'sequence'], 'text_embeds'));
    const encoder = await loadDualEncoder(folder);
    const [long, short] = await encoder.encodeTexts(['a a a a', '']);
    // 6 tokens of 6, and 2 tokens of 6.
    expect(ratio(long!)).toBeCloseTo(1, 5);
    expect(ratio(short!)).toBeCloseTo(2 / 6, 5);
    await encoder.dispose();
  });

  it('of fixed length and batch is fed rows of that length, one at a time', async () => {
    await write('text', lengths(['attention_mask'], [1, 12], 'pooler_output'));
    const encoder = await loadDualEncoder(folder);
    const embeddings = await encoder.encodeTexts(['a a a a', '', 'a']);
    expect(embeddings.map(ratio)).toEqual(
      [6, 2, 3].map((n) => expect.closeTo(n / 12, 5) as number),
    );
    await encoder.dispose();
  });

  it("of SigLIP's is fed the whole context", async () => {
    const text_config = { hidden_size: 2, max_position_embeddings: 16 };
    await changeConfig({
      model_type: 'siglip',
      projection_dim: undefined,
      text_config,
      logit_bias: -10,
    });
    await write('text', lengths(['attention_mask'], ['batch', 'sequence'], 'pooler_output'));
    const encoder = await loadDualEncoder(folder);
    expect(encoder).toMatchObject({ dimension: 2, logitBias: -10 });
    const [embedding] = await encoder.encodeTexts(['a']);
    expect(ratio(embedding!)).toBeCloseTo(3 / 16, 5);
    await encoder.dispose();
  });

  it('with an unknown input, or another width than config.json says, is an error', async () => {
    await changeConfig({ model_type: 'clip', projection_dim: 3 });
    const wide = await loadDualEncoder(folder);
    await expect(wide.encodeTexts(['a'])).rejects.toThrow(
      `${folder}: the text tower gives 2 numbers, config.json says 3`,
    );
    await wide.dispose();
    const builder = lengths([], ['batch', 'sequence'], 'text_embeds');
    builder.input('pixel_mask', 'int64', ['batch', 'sequence']);
    await write('text', builder);
    const unknown = await loadDualEncoder(folder);
    await expect(unknown.encodeTexts(['a'])).rejects.toThrow('input pixel_mask is not known');
    await unknown.dispose();
  });
});

describe('a vision graph', () => {
  it('of fixed batch is fed one picture at a time', async () => {
    const builder = new GraphBuilder('means');
    const pixels = builder.input('pixel_values', 'float32', [1, 3, 32, 32]);
    const means = builder.op('ReduceMean', [pixels], { axes: [2, 3], keepdims: 0 });
    builder.output(means, 'image_embeds', 'float32', [1, 3]);
    await write('vision', builder);
    const encoder = await loadDualEncoder(folder);
    const flat = (channel: number) =>
      Float32Array.from({ length: 3 * 32 * 32 }, (_, i) =>
        Number(Math.floor(i / 1024) === channel),
      );
    const embeddings = await encoder.encodePixels([flat(2), flat(0), flat(1)]);
    expect(embeddings.map((row) => [...row])).toEqual([
      [0, 0, 1],
      [1, 0, 0],
      [0, 1, 0],
    ]);
    await encoder.dispose();
  });
});
