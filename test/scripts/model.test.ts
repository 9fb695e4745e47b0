// The commands around models, and how every command ends, as processes.

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTinyModel } from '../engine/tiny-model';
import { bifocal, lastLine } from './command';

let home: string;
let tiny: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'bifocal-scripts-'));
  tiny = path.join(home, 'models/tiny');
  await createTinyModel(tiny);
});
afterAll(() => rm(home, { recursive: true }));

const run = (...args: string[]) => bifocal(args, { home });

describe('usage', () => {
  it('is shown on request, and every command is in it', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    for (const name of [
      'ingest',
      'search',
      'classify',
      'train',
      'evaluate',
      'model',
      'serve',
      'doctor',
    ])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it.each([
    [['nope'], "bifocal: unknown command 'nope'\n"],
    [['classify', '--labels', 'a'], "bifocal: required option '--image <file...>' not specified\n"],
    [['model', 'info', '--nope'], "bifocal: unknown option '--nope'\n"],
    [
      ['model', 'create', '--seed', 'x'],
      /^bifocal: option '--seed <number>' argument 'x' is invalid/,
    ],
  ])('that is wrong ends with 2 and one line: %j', async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('model', () => {
  it('describes a model', async () => {
    const ended = await run('model', 'info', 'tiny', '--json');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(lastLine(ended)).toMatchObject({
      name: 'tiny',
      folder: tiny,
      type: 'clip',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      dimension: 16,
      contextLength: 16,
      imageSize: { width: 32, height: 32 },
      logitBias: 0,
    });
  });

  it('lists the sound ones and says what is wrong with others', async () => {
    const broken = path.join(home, 'models/broken');
    await createTinyModel(broken);
    await rm(path.join(broken, 'onnx/vision_model.onnx'));
    const ended = await run('model', 'list', '--json');
    const { models } = lastLine<{ models: { name: string }[] }>(ended);
    expect(models.map(({ name }) => name)).toContain('tiny');
    expect(ended.stderr).toContain(`left out broken: ${broken}: onnx/vision_model.onnx is missing`);
  });

  it('creates one from a config, with the tokenizer of another', async () => {
    const tower = {
      hidden_size: 8,
      intermediate_size: 16,
      num_hidden_layers: 1,
      num_attention_heads: 2,
    };
    const config = {
      projection_dim: 4,
      text_config: { ...tower, vocab_size: 600, max_position_embeddings: 16 },
      vision_config: { ...tower, image_size: 16, patch_size: 8 },
    };
    await writeFile(path.join(home, 'config.json'), JSON.stringify(config));
    const create = ['model', 'create', '--config', 'config.json', '--tokenizer', 'tiny', '--json'];
    const one = await run(...create, '--out', 'one');
    expect(one.code).toBe(0);
    expect(lastLine(one)).toMatchObject({
      name: 'one',
      dimension: 4,
      folder: path.join(home, 'one'),
    });
    expect((await readdir(path.join(home, 'one'))).sort()).toEqual(
      expect.arrayContaining(['config.json', 'onnx', 'preprocessor_config.json', 'tokenizer.json']),
    );
    expect(await run(...create, '--out', 'one')).toMatchObject({
      code: 1,
      stderr: 'bifocal: one exists already\n',
    });
  });

  it('that is not there ends with 1 and one line', async () => {
    const { code, stdout, stderr } = await run('model', 'info', 'nope', '--json');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^bifocal: no model "nope": .*\n$/);
  });
});

describe('classify', () => {
  const picture = async (name: string, background: string) => {
    const image = sharp({ create: { width: 40, height: 40, channels: 3, background } });
    await image.png().toFile(path.join(home, name));
  };

  it('ranks labels for every picture', async () => {
    await picture('red ünï.png', '#f00');
    await picture('blue.png', '#00f');
    const args = ['classify', '--model', 'tiny', '--labels', 'red, blue,green', '--json'];
    const ended = await run(...args, '--image', 'red ünï.png', 'blue.png');
    expect(ended.code).toBe(0);
    const rankings = lastLine<Record<string, { label: string; score: number }[]>>(ended);
    expect(Object.keys(rankings)).toEqual(['red ünï.png', 'blue.png']);
    for (const ranking of Object.values(rankings)) {
      expect(ranking.map(({ label }) => label).sort()).toEqual(['blue', 'green', 'red']);
      const scores = ranking.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      expect(scores.reduce((sum, score) => sum + score)).toBeCloseTo(1, 6);
    }
  });

  it('names the picture that cannot be read', async () => {
    await writeFile(path.join(home, 'notes.png'), 'buy milk');
    const args = ['classify', '--model', 'tiny', '--labels', 'red'];
    expect(await run(...args, '--image', 'notes.png')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^bifocal: notes\.png: not an image.*\n$/) as string,
    });
  });
});

describe('doctor', () => {
  it('says what there is and what is missing', async () => {
    const ended = await bifocal(['doctor', '--json'], { home });
    const { versions, devices, device, model } = lastLine<{
      versions: Record<string, string>;
      devices: { name: string; failure: string | null }[];
      device: string;
      model: { name: string; failure: string | null };
    }>(ended);
    expect(versions.node).toBe(process.versions.node);
    expect(devices.map(({ name }) => name)).toEqual(['cpu', 'webgpu', 'cuda']);
    expect(devices[0]).toEqual({ name: 'cpu', failure: null });
    expect(device).toBe('cpu');
    expect(ended.code).toBe(model.failure === null ? 0 : 1);
  });
});
