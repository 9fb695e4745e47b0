// Model folders: how they are found, what is read of them, and what is said when one is not sound.

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadTokenizer, modelNames, readModelFolder } from '#model';
import { createTinyModel } from '../engine/tiny-model';

let home: string;
let folder: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'bifocal-folder-'));
  vi.stubEnv('BIFOCAL_HOME', home);
  vi.stubEnv('BIFOCAL_ROOT', path.join(home, 'repository'));
  folder = path.join(home, 'models/org/tiny');
  await createTinyModel(folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

/** Runs `work` while a file of the folder has another name. */
async function renamed<T>(from: string, to: string, work: () => Promise<T>): Promise<T> {
  await rename(path.join(folder, from), path.join(folder, to));
  try {
    return await work();
  } finally {
    await rename(path.join(folder, to), path.join(folder, from));
  }
}

describe('a model folder', () => {
  it('is found by its hub id and by its path', async () => {
    const byName = await readModelFolder('org/tiny');
    expect(byName).toMatchObject({ name: 'org/tiny', path: folder });
    expect(await readModelFolder(folder)).toEqual(byName);
    expect(await modelNames()).toEqual(['org/tiny']);
  });

  it('is found by the run that trained it, and named after it', async () => {
    const run = path.join(home, 'runs', 'evening');
    await createTinyModel(path.join(run, 'model'));
    const byName = await readModelFolder('evening');
    expect(byName).toMatchObject({ name: 'evening', path: path.join(run, 'model') });
    expect(await readModelFolder(run)).toEqual(byName);
    expect(await readModelFolder(path.join(run, 'model'))).toEqual(byName);
  });

  it('in the data folder goes before one of the repository', async () => {
    const shipped = path.join(home, 'repository/models/starter');
    await createTinyModel(shipped);
    expect((await readModelFolder('starter')).path).toBe(shipped);
    const own = path.join(home, 'models/starter');
    await createTinyModel(own);
    expect((await readModelFolder('starter')).path).toBe(own);
    expect(await modelNames()).toEqual(['org/tiny', 'starter']);
  });

  it('has its settings read', async () => {
    const { config, preprocessing, textModel } = await readModelFolder('org/tiny');
    expect(config).toEqual({
      modelType: 'clip',
      dimension: 16,
      contextLength: 16,
      logitScale: Math.log(1 / 0.07),
      logitBias: 0,
    });
    expect(preprocessing).toMatchObject({ width: 32, height: 32, crop: true, kernel: 'cubic' });
    expect(textModel).toBe(path.join(folder, 'onnx/text_model.onnx'));
  });

  it('that is not there is an error that says where it was looked for', async () => {
    await expect(readModelFolder('org/none')).rejects.toThrow(
      /^no model "org\/none": there is no config\.json in \/.*; from the hub: bifocal model pull org\/none$/,
    );
    await expect(readModelFolder('/no/where')).rejects.toThrow(
      'no model "/no/where": there is no config.json in /no/where',
    );
  });

  it('that lacks a file is an error that names it', async () => {
    await renamed('tokenizer.json', 'vocab.json', () =>
      expect(readModelFolder(folder)).rejects.toThrow(`${folder}: tokenizer.json is missing`),
    );
    await renamed('onnx/text_model.onnx', 'onnx/text_model_int8.onnx', () =>
      expect(readModelFolder(folder)).rejects.toThrow(
        'onnx/text_model.onnx is missing; only reduced versions are there: onnx/text_model_int8.onnx',
      ),
    );
    await renamed('onnx/vision_model.onnx', 'onnx/model.onnx', () =>
      expect(readModelFolder(folder)).rejects.toThrow(
        'onnx/vision_model.onnx is missing; onnx/model.onnx has both towers in one graph',
      ),
    );
  });

  it('may have a graph in half precision alone', async () => {
    const half = 'onnx/text_model_fp16.onnx';
    await renamed('onnx/text_model.onnx', half, async () => {
      const { textModel, visionModel } = await readModelFolder(folder);
      expect(textModel).toBe(path.join(folder, half));
      expect(visionModel).toBe(path.join(folder, 'onnx/vision_model.onnx'));
    });
  });

  it('with a broken setting is an error that names file and key', async () => {
    const broken = path.join(home, 'broken');
    await createTinyModel(broken);
    const file = path.join(broken, 'preprocessor_config.json');
    await writeFile(file, JSON.stringify({ size: { height: 8 } }));
    await expect(readModelFolder(broken)).rejects.toThrow(`${file}: size: `);
    await writeFile(file, '{');
    await expect(readModelFolder(broken)).rejects.toThrow(`${file}: `);
  });
});

describe('a tokenizer', () => {
  it('gives ids with their ends, cut to the context, not padded', async () => {
    const tokenizer = await loadTokenizer(await readModelFolder('org/tiny'));
    expect(tokenizer.contextLength).toBe(16);
    const [empty, cat, long] = tokenizer.encode(['', 'a cat', 'cat '.repeat(50)]);
    const [start, end] = empty!;
    expect(empty).toHaveLength(2);
    expect(cat!.length).toBeLessThan(16);
    expect([cat![0], cat!.at(-1)]).toEqual([start, end]);
    expect(long).toHaveLength(16);
    expect([long![0], long!.at(-1)]).toEqual([start, end]);
    expect(long!.filter((id) => id === end)).toHaveLength(1);
    expect(tokenizer.padId).toBe(end);
    // Megabytes are not read to their end.
    expect(tokenizer.encode(['cat '.repeat(3e6)])).toEqual([long]);
    expect(tokenizer.count('cat '.repeat(3e6))).toBeGreaterThan(16);
  });

  it('that cannot be read is an error that names the folder', async () => {
    const broken = path.join(home, 'mute');
    await createTinyModel(broken);
    await writeFile(path.join(broken, 'tokenizer.json'), '{}');
    await expect(readModelFolder(broken).then(loadTokenizer)).rejects.toThrow(
      `${broken}: its tokenizer cannot be read: `,
    );
  });
});
