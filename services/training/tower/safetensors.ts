// The safetensors format: named float32 tensors with a header, as Hugging Face's tools read them.

export interface NamedTensor {
  dims: number[];
  data: Float32Array;
}

export interface Safetensors {
  tensors: Map<string, NamedTensor>;
  metadata: Record<string, string>;
}

interface Entry {
  dtype: string;
  shape: number[];
  /** Of the bytes behind the header. */
  data_offsets: [number, number];
}

/** Bytes before the header: its length, uint64. */
const PREFIX = 8;

/** The length of the header, the header as JSON padded to whole words, then the values. */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  let end = 0;
  const entries = [...tensors].map(([name, { dims, data }]) => {
    const data_offsets: Entry['data_offsets'] = [end, (end += data.byteLength)];
    return [name, { dtype: 'F32', shape: dims, data_offsets }] as const;
  });
  const header = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const text = Buffer.from(header);
  const size = Math.ceil(text.length / 8) * 8;
  const bytes = Buffer.alloc(PREFIX + size + end, ' ');
  bytes.writeBigUInt64LE(BigInt(size));
  text.copy(bytes, PREFIX);
  for (const [name, { data_offsets }] of entries) {
    const { buffer, byteOffset, byteLength } = tensors.get(name)!.data;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), PREFIX + size + data_offsets[0]);
  }
  return bytes;
}

/** Throws one line where the bytes are not safetensors of float32, or are cut short. */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.length < PREFIX ? Infinity : Number(view.readBigUInt64LE());
  if (PREFIX + size > view.length) throw new Error('not a whole safetensors file');
  const { __metadata__: metadata = {}, ...entries } = parseHeader(
    view.toString('utf8', PREFIX, PREFIX + size),
  );
  const tensors = new Map<string, NamedTensor>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(entries)) {
    if (dtype !== 'F32') throw new Error(`a file of ${dtype}, not of F32 (${name})`);
    const [start, end] = data_offsets;
    const part = view.subarray(PREFIX + size + start, PREFIX + size + end);
    if (part.length !== end - start) throw new Error('not a whole safetensors file');
    tensors.set(name, { dims: shape, data: new Float32Array(new Uint8Array(part).buffer) });
  }
  return { tensors, metadata };
}

type Header = { __metadata__?: Record<string, string> } & Record<string, Entry>;

function parseHeader(text: string): Header {
  try {
    return JSON.parse(text) as Header;
  } catch (cause) {
    throw new Error('not a safetensors file: its header is not JSON', { cause });
  }
}
