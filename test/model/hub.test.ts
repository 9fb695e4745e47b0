// Pulling a model, from a local server that answers as the hub does: listing, ranges, a redirect to
// another path for large files, 404, and a connection that breaks.

import { createHash } from 'node:crypto';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { pullModel } from '#model';

const LARGE = 300_000;

/** The content of the repository by path; `onnx/*` is large and stored apart, as Git LFS does. */
const content = new Map<string, Buffer>([
  ...['config.json', 'preprocessor_config.json', 'tokenizer.json', 'tokenizer_config.json'].map(
    (name) => [name, Buffer.from(`{"name":"${name}"}`)] as const,
  ),
  ['onnx/text_model.onnx', Buffer.alloc(LARGE, 'text')],
  ['onnx/vision_model.onnx', Buffer.alloc(LARGE, 'vision')],
  ['onnx/vision_model_quantized.onnx', Buffer.alloc(10)],
  ['model.safetensors', Buffer.alloc(10)],
  ['README.md', Buffer.from('# A model')],
]);

/** The next answer with this file breaks off after so many bytes. */
let breakAfter: { file: string; bytes: number } | undefined;
/** Paths asked for, with their ranges. */
let requests: string[] = [];

function entry(name: string, data: Buffer) {
  const blob = createHash('sha1').update(`blob ${data.length}\0`).update(data).digest('hex');
  const sha256 = createHash('sha256').update(data).digest('hex');
  const file = { type: 'file', path: name, size: data.length, oid: blob };
  if (!name.startsWith('onnx/')) return file;
  return {
    ...file,
    oid: '0'.repeat(40),
    lfs: { oid: sha256, size: data.length, pointerSize: 130 },
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url!, 'http://hub');
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
  requests.push(`${url.pathname} ${request.headers.range ?? ''}`.trim());
  if (url.pathname === '/api/models/org/clip/tree/main') {
    const list = [...content].map(([name, data]) => entry(name, data));
    response.setHeader('content-type', 'application/json').end(JSON.stringify(list));
    return;
  }
  const large = /^\/org\/clip\/resolve\/main\/(onnx\/.*)$/.exec(url.pathname);
  if (large) {
    response.writeHead(302, { location: `/storage/${large[1]}` }).end();
    return;
  }
  const name = url.pathname.replace(/^\/(org\/clip\/resolve\/main|storage)\//, '');
  const data = content.get(name);
  if (!data) {
    response.writeHead(404).end();
    return;
  }
  const start = Number(range?.[1] ?? 0);
  const end = Number(range?.[2] || data.length - 1);
  const headers = { etag: '"1"', 'content-range': `bytes ${start}-${end}/${data.length}` };
  response.writeHead(range ? 206 : 200, { ...headers, 'content-length': end - start + 1 });
  if (breakAfter?.file === name && end - start + 1 > breakAfter.bytes) {
    const part = data.subarray(start, start + breakAfter.bytes);
    breakAfter = undefined;
    response.write(part, () => setTimeout(() => response.destroy(), 50));
  } else response.end(data.subarray(start, end + 1));
}

let server: Server;
let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'bifocal-hub-'));
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('HF_TOKEN', undefined);
  vi.stubEnv('BIFOCAL_HOME', home);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  server.close();
  await rm(home, { recursive: true });
});
afterEach(() => rm(path.join(home, 'models'), { recursive: true, force: true }));

async function expectPulled(folder: string): Promise<void> {
  expect(folder).toBe(path.join(home, 'models/org/clip'));
  const names = (await readdir(folder, { recursive: true })).filter((name) => name !== 'onnx');
  const unneeded = ['onnx/vision_model_quantized.onnx', 'model.safetensors'];
  expect(names.sort()).toEqual([...content.keys()].filter((n) => !unneeded.includes(n)).sort());
  for (const name of names)
    expect((await readFile(path.join(folder, name))).equals(content.get(name)!)).toBe(true);
  await expect(access(`${folder}.partial`)).rejects.toThrow('ENOENT');
}

describe('pullModel', () => {
  it('takes what is needed, and reports bytes up to the end', async () => {
    const steps: number[] = [];
    let total = 0;
    const folder = await pullModel('org/clip', (progress) => {
      steps.push(progress.done);
      total = progress.total;
    });
    await expectPulled(folder);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBe(total);

    requests = [];
    await pullModel('org/clip');
    expect(requests).toEqual(['/api/models/org/clip/tree/main']);
  });

  it('goes on where it broke off', async () => {
    breakAfter = { file: 'onnx/vision_model.onnx', bytes: 100_000 };
    await expect(pullModel('org/clip')).rejects.toThrow(
      /^org\/clip: onnx\/vision_model\.onnx: http\S+ failed: .*pull again$/,
    );
    await expect(access(path.join(home, 'models/org/clip'))).rejects.toThrow('ENOENT');

    requests = [];
    await expectPulled(await pullModel('org/clip'));
    expect(requests.filter((request) => request.startsWith('/storage/onnx/text'))).toEqual([]);
    expect(requests).toContain(`/storage/onnx/vision_model.onnx bytes=100000-${LARGE - 1}`);
  });

  it('notices damage', async () => {
    const part = path.join(home, 'models/org/clip.partial/onnx/text_model.onnx.part');
    breakAfter = { file: 'onnx/text_model.onnx', bytes: 1000 };
    await expect(pullModel('org/clip')).rejects.toThrow();
    await writeFile(part, Buffer.alloc(1000, 'x'));
    await expect(pullModel('org/clip')).rejects.toThrow('onnx/text_model.onnx arrived damaged');
    await expectPulled(await pullModel('org/clip'));
  });

  it('replaces a model that has changed on the hub', async () => {
    const old = content.get('config.json')!;
    const folder = await pullModel('org/clip');
    content.set('config.json', Buffer.from('{"changed":true}'));
    await expectPulled(await pullModel('org/clip'));
    expect(await readFile(path.join(folder, 'config.json'), 'utf8')).toBe('{"changed":true}');
    content.set('config.json', old);
  });

  it('says when there is no such model, or none that can be used', async () => {
    await expect(pullModel('org/none')).rejects.toThrow(
      /^org\/none: not on http\S+, or only with a token in HF_TOKEN$/,
    );
    await expect(pullModel('../../etc')).rejects.toThrow('"../../etc" is no hub id');
    const graph = content.get('onnx/vision_model.onnx')!;
    content.delete('onnx/vision_model.onnx');
    await expect(pullModel('org/clip')).rejects.toThrow(
      'org/clip on the hub: onnx/vision_model.onnx is missing; only reduced versions are there: onnx/vision_model_quantized.onnx',
    );
    content.set('onnx/vision_model.onnx', graph);
  });
});
