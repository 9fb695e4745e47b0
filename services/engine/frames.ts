// The engine's channel: a pipe that carries messages as frames. A frame is its own length, where its JSON begins,
// the bytes of vectors and files, and the JSON that says where among them which lies.
//
// Node's own channels will not do. What it clones ('advanced'), both ways, is kept alive by objects that only a
// full collection frees: under load those came two or three times a second, and held up the server's event loop
// for 10 to 20 ms each. Its JSON has no bytes: a file to search by would go as base64.

import type { Socket } from 'node:net';

type Bytes = Float32Array | Uint8Array;

/** Stands in the JSON for bytes beside it. */
interface Beside {
  bytesAt: number;
  length: number;
  kind: 'floats' | 'file';
}

const headerLength = 8;
/** What bytes may be in, beside lists: a call, a reply, and what is searched for. */
const holders = ['args', 'value', 'vector'] as const;

/** Sends through a pipe, and receives what the other side sends, in order. */
export class FramedPipe<Sent, Received> {
  constructor(
    private readonly socket: Socket,
    receive: (messages: Received[]) => void,
  ) {
    const take = splitFrames((frame) => receive(decodeFrame(frame) as Received[]));
    socket.on('data', take);
    // Whoever sends is told by what send() gives; the other process's end says the rest.
    socket.on('error', () => undefined);
  }

  /** Settles when it is on its way. */
  send(messages: Sent[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(encodeFrame(messages), (error) => (error ? reject(error) : resolve()));
    });
  }
}

/** Messages as one frame; what is left out of their lists (undefined) is left out there too. */
export function encodeFrame(messages: readonly unknown[]): Buffer {
  const parts: { at: number; part: Uint8Array }[] = [];
  let end = headerLength;
  const json = JSON.stringify(
    mapBytes(messages, (value) => {
      if (!isBytes(value)) return value;
      const part = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      const kind = value instanceof Float32Array ? 'floats' : 'file';
      parts.push({ at: end, part });
      const beside: Beside = { bytesAt: end, length: part.length, kind };
      end += part.length;
      return beside;
    }),
  );
  const frame = Buffer.allocUnsafe(end + Buffer.byteLength(json));
  frame.writeUInt32LE(frame.length, 0);
  frame.writeUInt32LE(end, 4);
  for (const { at, part } of parts) frame.set(part, at);
  frame.write(json, end);
  return frame;
}

/** The messages of a frame. Vectors are copies, files lie in the frame. */
export function decodeFrame(frame: Buffer): unknown {
  const json = frame.toString('utf8', frame.readUInt32LE(4));
  return mapBytes(JSON.parse(json), (value) => {
    if (!isBeside(value)) return value ?? undefined;
    const { bytesAt, length, kind } = value;
    if (kind === 'file') return frame.subarray(bytesAt, bytesAt + length);
    const start = frame.byteOffset + bytesAt;
    return new Float32Array(frame.buffer.slice(start, start + length));
  });
}

/** What takes a stream of frames in pieces of any size, and hands on each that is whole. */
export function splitFrames(take: (frame: Buffer) => void): (piece: Buffer) => void {
  let pieces: Buffer[] = [];
  let length = 0;
  return (piece) => {
    pieces.push(piece);
    length += piece.length;
    while (length >= headerLength) {
      if (pieces[0]!.length < headerLength) pieces = [Buffer.concat(pieces)];
      const wanted = pieces[0]!.readUInt32LE(0);
      if (length < wanted) return;
      const all = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
      pieces = [all.subarray(wanted)];
      length -= wanted;
      take(all.subarray(0, wanted));
    }
  };
}

/** The same value with another in place of each thing in it that may be bytes. */
function mapBytes(value: unknown, change: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => mapBytes(each, change));
  if (typeof value !== 'object' || value === null || isBytes(value)) return change(value);
  const holder = holders.find((key) => key in value);
  if (holder === undefined) return change(value);
  return { ...value, [holder]: mapBytes((value as Record<string, unknown>)[holder], change) };
}

function isBytes(value: unknown): value is Bytes {
  return value instanceof Float32Array || value instanceof Uint8Array;
}

function isBeside(value: unknown): value is Beside {
  return typeof value === 'object' && value !== null && 'bytesAt' in value;
}
