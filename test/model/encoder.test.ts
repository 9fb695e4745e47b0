// The dual encoder against @huggingface/transformers, which runs the same folder by its own code.

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  AutoTokenizer,
  CLIPTextModelWithProjection,
  CLIPVisionModelWithProjection,
  Tensor,
} from '@huggingface/transformers';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImageError, loadDualEncoder, type DualEncoder } from '#model';
import { readModel, writeModel } from '#onnx';
import { createTinyModel } from '../engine/tiny-model';

let folder: string;
let encoder: DualEncoder;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-model-'));
  await createTinyModel(folder);
  encoder = await loadDualEncoder(folder);
});
afterAll(async () => {
  await encoder.dispose();
  await rm(folder, { recursive: true });
});

const local = { local_files_only: true, dtype: 'fp32' } as const;
const texts = ['a cat', 'two dogs!', 'CAFÉ №5', '', '猫'];

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return dot / Math.sqrt(aa * bb);
}

function norm(vector: Float32Array): number {
  return Math.hypot(...vector);
}

/** A picture of coloured noise in large spots. */
function picture(seed: number, width = 90, height = 60): Promise<Buffer> {
  const data = Uint8Array.from({ length: 9 * 6 * 3 }, (_, i) => (i * 73 + seed * 151) % 256);
  return sharp(data, { raw: { width: 9, height: 6, channels: 3 } })
    .resize(width, height)
    .png()
    .toBuffer();
}

describe('texts', () => {
  it('get the embeddings that transformers.js gives them', async () => {
    const tokenizer = await AutoTokenizer.from_pretrained(folder, local);
    const model = await CLIPTextModelWithProjection.from_pretrained(folder, local);
    const { text_embeds } = await model(tokenizer(texts, { padding: true, truncation: true }));
    const theirs = (text_embeds as Tensor).tolist() as number[][];
    const ours = await encoder.encodeTexts(texts);
    expect(ours).toHaveLength(texts.length);
    ours.forEach((vector, i) => {
      expect(vector).toHaveLength(encoder.dimension);
      expect(norm(vector)).toBeCloseTo(1, 5);
      expect(cosine(vector, theirs[i]!)).toBeGreaterThan(0.9999);
    });
    await model.dispose();
  });

  it('get the same embeddings alone and in any batch', async () => {
    const many = Array.from({ length: 70 }, (_, i) => `${texts[i % 5]} ${i}`);
    const together = await encoder.encodeTexts(many);
    for (const i of [0, 31, 32, 69]) {
      const [alone] = await encoder.encodeTexts([many[i]!]);
      expect(cosine(alone!, together[i]!)).toBeGreaterThan(0.999999);
    }
    expect(await encoder.encodeTexts([])).toEqual([]);
  });

  it('keep their end when they are cut to the context', async () => {
    const long = 'cat '.repeat(100);
    const [cut] = await encoder.encodeTexts([long]);
    // 16 tokens are start, 14 words, end: what follows the 14th word changes nothing.
    const [fits] = await encoder.encodeTexts(['cat '.repeat(14).trim()]);
    const [shorter] = await encoder.encodeTexts(['cat '.repeat(13).trim()]);
    expect(cosine(cut!, fits!)).toBeGreaterThan(0.999999);
    expect(cosine(cut!, shorter!)).toBeLessThan(0.999);
  });
});

describe('pictures', () => {
  it('get the embeddings that transformers.js gives the same pixels', async () => {
    const pictures = await Promise.all([1, 2, 3].map((seed) => picture(seed)));
    const pixels = await Promise.all(pictures.map((bytes) => encoder.preprocess(bytes)));
    const model = await CLIPVisionModelWithProjection.from_pretrained(folder, local);
    const batch = new Tensor(
      'float32',
      pixels.flatMap((p) => [...p]),
      [3, 3, 32, 32],
    );
    const { image_embeds } = await model({ pixel_values: batch });
    const theirs = (image_embeds as Tensor).tolist() as number[][];
    const ours = await encoder.encodeImages(pictures);
    ours.forEach((vector, i) => {
      expect(norm(vector)).toBeCloseTo(1, 5);
      expect(cosine(vector, theirs[i]!)).toBeGreaterThan(0.9999);
    });
    expect(await encoder.encodePixels(pixels)).toEqual(ours);
    await model.dispose();
  });

  it('come as files or bytes, and in more than one batch', async () => {
    const file = path.join(folder, 'a picture.png');
    await writeFile(file, await picture(1));
    const many = await Promise.all(Array.from({ length: 33 }, (_, i) => picture(i)));
    const vectors = await encoder.encodeImages([...many, file]);
    expect(vectors).toHaveLength(34);
    expect(cosine(vectors[33]!, vectors[1]!)).toBeGreaterThan(0.999999);
    expect(cosine(vectors[33]!, vectors[32]!)).toBeLessThan(0.9999);
  });

  it('that cannot be decoded are an ImageError', async () => {
    await expect(encoder.encodeImages([Buffer.from('no picture')])).rejects.toThrow(ImageError);
  });
});

describe('a model', () => {
  it('knows its scale, its width and its folder', () => {
    expect(encoder.folder).toBe(folder);
    expect(encoder.name).toBe(path.basename(folder));
    expect(encoder.dimension).toBe(16);
    expect(encoder.logitScale).toBeCloseTo(1 / 0.07, 5);
    expect(encoder.logitBias).toBe(0);
    expect(encoder.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it('with broken weights is an error', async () => {
    const broken = `${folder}-broken`;
    await createTinyModel(broken);
    const file = path.join(broken, 'onnx/text_model.onnx');
    const model = await readModel(file);
    for (const { data } of model.graph.initializers.values())
      if (data instanceof Float32Array) data[0] = NaN;
    await writeModel(model, file);
    const encoder = await loadDualEncoder(broken);
    await expect(encoder.encodeTexts(['a cat'])).rejects.toThrow(
      `${file}: an embedding is zero or not finite`,
    );
    await rm(broken, { recursive: true });
  });

  it('has a fingerprint of what its embeddings depend on', async () => {
    const copy = `${folder}-copy`;
    await cp(folder, copy, { recursive: true });
    const fingerprintAfter = async (file: string, from: string, to: string) => {
      const before = await readFile(path.join(copy, file), 'utf8');
      expect(before).toContain(from);
      await writeFile(path.join(copy, file), before.replace(from, to));
      const model = await loadDualEncoder(copy);
      await writeFile(path.join(copy, file), before);
      return model.fingerprint;
    };
    expect((await loadDualEncoder(copy)).fingerprint).toBe(encoder.fingerprint);
    const scale = await fingerprintAfter('config.json', '2.65', '3.65');
    expect(scale).toBe(encoder.fingerprint);
    const mean = await fingerprintAfter('preprocessor_config.json', '0.4814', '0.5');
    expect(mean).not.toBe(encoder.fingerprint);
    await createTinyModel(copy, 2);
    expect((await loadDualEncoder(copy)).fingerprint).not.toBe(encoder.fingerprint);
    await rm(copy, { recursive: true });
  });
});
