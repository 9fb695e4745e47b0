// Models for pictures of another size: convolutions, positions, what exporters write of them, and refusals.

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDualEncoder, readModelFolder } from '#model';
import { GraphBuilder, readModel, tensor, writeModel, type Graph } from '#onnx';
import { resizeModel } from '#training';
import { resizeTower } from '../../services/training/tower/resize';
import { createTinyModel } from '../engine/tiny-model';
import { TINY, tinyTowers } from './tiny';

const APPLE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="160"><circle cx="80" cy="90" r="50" fill="red"/>' +
  '<path d="M80 40 q10 -30 30 -30" stroke="green" stroke-width="8" fill="none"/></svg>';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-resize-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Keys' cubic kernel (1981), a = −0.75 as PyTorch has it. */
function cubic(distance: number): number {
  const a = -0.75;
  const x = Math.abs(distance);
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  return x < 2 ? a * (x ** 3 - 5 * x ** 2 + 8 * x - 4) : 0;
}

/** One row of numbers resized, the ends repeated. */
function resizedRow(row: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, at) => {
    const place = ((at + 0.5) * row.length) / length - 0.5;
    const first = Math.floor(place) - 1;
    return [0, 1, 2, 3]
      .map((step) => first + step)
      .map((from) => cubic(place - from) * row[Math.min(row.length - 1, Math.max(0, from))]!)
      .reduce((sum, value) => sum + value);
  });
}

/** Patches of 4 pixels as an exporter writes them: positions gathered by a list, a shape with their number. */
function exported(side: number): GraphBuilder {
  const b = new GraphBuilder('exported');
  const count = (side / 4) ** 2;
  const width = 6;
  const pixels = b.input('pixel_values', 'float32', ['batch', 3, side, side]);
  const wave = (length: number) => Array.from({ length }, (_, at) => Math.sin(at + 1));
  const kernel = b.initializer('patch', tensor(wave(width * 48), [width, 3, 4, 4], 'float32'));
  const maps = b.op('Conv', [pixels, kernel], { kernel_shape: [4, 4], strides: [4, 4] });
  const shape = b.op('Constant', [], {
    value: { type: 'tensor', value: tensor([0, width, count], [3], 'int64') },
  });
  const patches = b.op('Transpose', [b.op('Reshape', [maps, shape])], { perm: [0, 2, 1] });
  const table = b.initializer('positions', tensor(wave(count * width), [count, width], 'float32'));
  const ids = b.ints(Array.from({ length: count }, (_, at) => at));
  const placed = b.op('Add', [patches, b.op('Gather', [table, ids], { axis: 0 })]);
  b.output(b.op('ReduceMean', [placed], { axes: [1], keepdims: 0 }), 'image_embeds', 'float32', [
    'batch',
    width,
  ]);
  return b;
}

async function writeVision(to: string, graph: Graph): Promise<void> {
  const opsets = new Map([['', 17]]);
  const model = { irVersion: 8, opsets, producer: '', metadata: new Map<string, string>(), graph };
  await writeModel(model, path.join(to, 'onnx/vision_model.onnx'));
}

describe('a tower for pictures of another size', () => {
  it('has its positions resized bicubically, and the class token as it was', async () => {
    const { image } = tinyTowers();
    const name = 'vision_model.embeddings.position_embedding.weight';
    const before = image.initializers.get(name)!;
    const width = TINY.vision_config.hidden_size;
    const { initializers, inputs } = await resizeTower(image, [16, 16], 32);
    const after = initializers.get(name)!;
    expect(inputs[0]!.dims.slice(2)).toEqual([32, 32]);
    expect(after.dims).toEqual([17, width]);
    const channel = ({ data }: { data: ArrayLike<number | bigint> }, at: number) =>
      Array.from({ length: data.length / width }, (_, row) => Number(data[row * width + at]));
    for (const at of [0, width - 1]) {
      const [token, ...grid] = channel(before, at);
      const rows = [grid.slice(0, 2), grid.slice(2)].map((row) => resizedRow(row, 4));
      const columns = [0, 1, 2, 3].map((x) => resizedRow([rows[0]![x]!, rows[1]![x]!], 4));
      const wanted = [0, 1, 2, 3].flatMap((y) => columns.map((column) => column[y]!));
      channel(after, at).forEach((value, row) =>
        expect(value).toBeCloseTo(row === 0 ? token! : wanted[row - 1]!, 5),
      );
    }
  });

  it('refuses a side that its patches do not divide', async () => {
    await expect(resizeTower(tinyTowers().image, [16, 16], 20)).rejects.toThrow(
      '20 pixels are no multiple of its patches of 8 × 8 pixels',
    );
  });
});

describe('a model for pictures of another size', () => {
  it('of a convolutional tower embeds them, and its words as before', async () => {
    const base = await readModelFolder('starter');
    const side = base.preprocessing.width + 16;
    const out = path.join(folder, 'larger');
    await resizeModel(base, side, out);
    const [before, after] = await Promise.all([loadDualEncoder('starter'), loadDualEncoder(out)]);
    expect(after.preprocessing).toEqual({
      ...before.preprocessing,
      width: side,
      height: side,
      resize: { shortestEdge: side },
    });
    const cosine = (a: Float32Array, b: Float32Array) =>
      a.reduce((sum, value, at) => sum + value * b[at]!, 0);
    const [words, same] = [await before.encodeTexts(['a dog']), await after.encodeTexts(['a dog'])];
    expect(words).toEqual(same);
    const picture = await sharp(Buffer.from(APPLE)).png().toBuffer();
    const [small] = await before.encodeImages([picture]);
    const [large] = await after.encodeImages([picture]);
    expect(cosine(small!, large!)).toBeGreaterThan(0.8);
    expect(await readFile(path.join(out, 'README.md'), 'utf8')).toContain(
      `${side} × ${side} pixels`,
    );
    await Promise.all([before.dispose(), after.dispose()]);
  });

  it('has the matrices of its places resized, so that what is everywhere the same stays', async () => {
    const from = path.join(folder, 'placed');
    await createTinyModel(from, 1, {
      ...{ model_type: 'resnet', image_size: 32, embedding_size: 4 },
      ...{ hidden_sizes: [8], depths: [1], spatial_size: 3 },
    });
    const file = path.join(from, 'onnx/vision_model.onnx');
    const model = await readModel(file);
    const weight = model.graph.initializers.get('vision_model.places.weight')!;
    expect(weight.dims).toEqual([64, 3, 16]);
    const matrix = Array.from({ length: 48 }, (_, at) => Math.sin(at));
    (weight.data as Float32Array).set(Array.from({ length: 64 }, () => matrix).flat());
    await writeModel(model, file);
    const base = await readModelFolder(from);
    const out = path.join(folder, 'placed-larger');
    await resizeModel(base, 48, out);
    const { initializers } = (await readModel(path.join(out, 'onnx/vision_model.onnx'))).graph;
    const resized = initializers.get('vision_model.places.weight')!;
    expect(resized.dims).toEqual([144, 3, 16]);
    resized.data.forEach((value, at) => expect(value).toBeCloseTo(matrix[at % 48]!, 5));
    await expect(resizeModel(base, 50, path.join(folder, 'placed-50'))).rejects.toThrow(
      'placed cannot take pictures of 50 × 50: 50 pixels are no multiple of 4, which one of its places has',
    );
  });

  it('follows in what an exporter wrote of the number of patches', async () => {
    const from = path.join(folder, 'exported');
    await createTinyModel(from);
    const config = path.join(from, 'config.json');
    const content = JSON.parse(await readFile(config, 'utf8')) as object;
    await writeFile(config, JSON.stringify({ ...content, projection_dim: 6 }));
    const { width } = (await readModelFolder(from)).preprocessing;
    await writeVision(from, exported(width).graph);
    const out = path.join(folder, 'exported-larger');
    await resizeModel(await readModelFolder(from), width * 2, out);
    const encoder = await loadDualEncoder(out);
    const pixels = new Float32Array(3 * (width * 2) ** 2).fill(0.5);
    expect((await encoder.encodePixels([pixels]))[0]).toHaveLength(6);
    await encoder.dispose();
  });

  it('is refused in one line where a tower is bound to its size, and nothing is left behind', async () => {
    const from = path.join(folder, 'bound');
    await createTinyModel(from);
    const { width } = (await readModelFolder(from)).preprocessing;
    const b = new GraphBuilder('bound');
    const pixels = b.input('pixel_values', 'float32', ['batch', 3, width, width]);
    const flat = b.op('Flatten', [pixels], { axis: 1 });
    const weight = tensor(
      new Float32Array(3 * width * width * 8).fill(0.1),
      [3 * width * width, 8],
      'float32',
    );
    b.output(b.op('MatMul', [flat, b.initializer('weight', weight)]), 'image_embeds', 'float32', [
      'batch',
      8,
    ]);
    await writeVision(from, b.graph);
    const out = path.join(folder, 'bound-larger');
    const refused = resizeModel(await readModelFolder(from), 64, out);
    await expect(refused).rejects.toThrow(/^bound cannot take pictures of 64 × 64: .*\S$/);
    expect(existsSync(out)).toBe(false);
    expect((await readdir(folder)).filter((name) => name.includes('resizing'))).toEqual([]);
  });
});
