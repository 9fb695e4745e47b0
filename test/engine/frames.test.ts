// The engine's channel: what is sent arrives, however it is cut; and the numbers of what is under way.

import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, FramedPipe, splitFrames } from '../../services/engine/frames';
import { UnderWay } from '../../services/engine/under-way';

const vector = Float32Array.from({ length: 5 }, (_, i) => Math.fround(i / 3));
const strange = new Float32Array([NaN, Infinity, -0]);
const file = new Uint8Array([7, 0, 255]);
const messages = [
  {
    number: 1,
    method: 'search',
    args: [{ modality: 'image', vector, k: 3, filter: { under: '/ä' } }],
  },
  { number: 2, method: 'encodeImages', args: [['/a/picture.png', file], undefined] },
  { kind: 'value', number: 3, value: [vector, strange] },
  { kind: 'value', number: 4, value: [{ id: 7, score: 0.1234567890123 }] },
  { kind: 'value', number: 5, value: undefined },
  { kind: 'status', status: { recall: { image: null, text: 0.5 } } },
];

describe('a frame', () => {
  it('holds vectors, files and numbers exactly', () => {
    const [search, pictures, vectors, ...others] = decodeFrame(
      encodeFrame(messages),
    ) as typeof messages;
    expect(search).toEqual(messages[0]);
    expect(vectors).toEqual(messages[2]);
    expect(others).toEqual(messages.slice(3));
    const [[name, bytes], model] = pictures!.args as unknown as [[string, Uint8Array], undefined];
    expect([name, [...bytes], model]).toEqual(['/a/picture.png', [...file], undefined]);
  });

  it('arrives whole whatever pieces it comes in', () => {
    const sent = [messages, [], messages.slice(3)].map(encodeFrame);
    const stream = Buffer.concat(sent);
    for (const size of [1, 3, 11, 64, stream.length]) {
      const got: Buffer[] = [];
      const take = splitFrames((frame) => got.push(Buffer.from(frame)));
      for (let at = 0; at < stream.length; at += size) take(stream.subarray(at, at + size));
      expect(got).toEqual(sent);
    }
  });
});

describe('a pipe', () => {
  const server = createServer();
  let ends: [Socket, Socket];
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const near = connect((server.address() as { port: number }).port, '127.0.0.1');
    const [far] = (await once(server, 'connection')) as [Socket];
    ends = [near, far];
  });
  afterAll(() => {
    for (const end of ends) end.destroy();
    server.close();
  });

  it('carries messages in their order, and answers', async () => {
    const far = new FramedPipe<number, number>(ends[1], (numbers) => void far.send(numbers));
    const got: number[] = [];
    const near = new FramedPipe<number, number>(ends[0], (numbers) => got.push(...numbers));
    for (let n = 0; n < 100; n++) void near.send([2 * n, 2 * n + 1]);
    await expect.poll(() => got.length).toBe(200);
    expect(got).toEqual([...Array(200).keys()]);
  });

  it('says when it cannot send', async () => {
    ends[0].destroy();
    const pipe = new FramedPipe<object, object>(ends[0], () => undefined);
    await expect(pipe.send([{}])).rejects.toThrow();
  });
});

describe('what is under way', () => {
  it('has a number of its own, and is given up once', () => {
    const underWay = new UnderWay<string>();
    const [a, b] = [underWay.put('a'), underWay.put('b')];
    expect(underWay.take(a)).toBe('a');
    expect(underWay.take(a)).toBeUndefined();
    expect(underWay.take(99)).toBeUndefined();
    const [c, d] = [underWay.put('c'), underWay.put('d')];
    expect(new Set([b, c, d]).size).toBe(3);
    expect(underWay.takeAll().sort()).toEqual(['b', 'c', 'd']);
    expect(underWay.takeAll()).toEqual([]);
    expect(underWay.take(underWay.put('e'))).toBe('e');
  });
});
