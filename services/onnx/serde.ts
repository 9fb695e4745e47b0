// Models as bytes and as files, with the external data files that hold the weights of large ones.
// What the bytes mean is messages.ts.

import { randomUUID } from 'node:crypto';
import { open, readFile, realpath, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { type GraphProto, type TensorProto } from './schema';
import { deserializeModel, modelChunks, parseModel } from './messages';
import { EXTERNAL, serializeTensorHeader, tensorBytes } from './tensors';
import type { Model } from './types';

/** The largest message that protobuf implementations accept. */
const MAX_BYTES = 2 ** 31 - 1;

/** Bytes of weights from which they leave the .onnx file: a message ends at 2 GB. */
const EXTERNAL_ABOVE = 1_500_000_000;

/** Tensors smaller than this stay in the .onnx file, where shape arithmetic expects its constants. */
const EXTERNAL_AT_LEAST = 1024;

/** External tensors start at multiples of a memory page, so that runtimes can map them. */
const PAGE = 4096;

/** Reads a model from the bytes of an .onnx file. Tensors stay views of `bytes` where aligned. */
export function decodeModel(bytes: Uint8Array): Model {
  return deserializeModel(parseModel(bytes));
}

/** The bytes of an .onnx file. The same model gives the same bytes. */
export function encodeModel(model: Model): Uint8Array {
  const chunks = modelChunks(model);
  const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  if (size > MAX_BYTES)
    throw new Error(`a model of ${size} bytes does not fit one message; write it with writeModel`);
  return Buffer.concat(chunks, size);
}

/** Reads the model of an .onnx file, with its external data. Throws one line that names the file. */
export async function readModel(file: string): Promise<Model> {
  try {
    const proto = parseModel(await readFile(file));
    await loadExternalData(proto.graph as GraphProto, file);
    return deserializeModel(proto);
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Writes the model, beside and renamed. Weights above `externalAbove` bytes go to `<file>_data`, the
 * name that transformers.js expects. A crash between the two renames leaves a pair that does not
 * fit: who replaces a model that is in use writes a new folder.
 */
export async function writeModel(
  model: Model,
  file: string,
  { externalAbove = EXTERNAL_ABOVE }: { externalAbove?: number } = {},
): Promise<void> {
  const tensors = [...model.graph.initializers.values()];
  const weights = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (weights <= externalAbove) {
    await writeChunks(file, modelChunks(model));
    await rm(`${file}_data`, { force: true });
    return;
  }
  const data: Uint8Array[] = [];
  let offset = 0;
  const chunks = modelChunks(model, (name, tensor) => {
    const header = serializeTensorHeader(name, tensor);
    const bytes = tensorBytes(tensor);
    if (bytes.byteLength < EXTERNAL_AT_LEAST) return header;
    const padding = (PAGE - (offset % PAGE)) % PAGE;
    data.push(new Uint8Array(padding), bytes);
    const start = offset + padding;
    offset = start + bytes.byteLength;
    return {
      ...header,
      data_location: EXTERNAL,
      external_data: externalEntries(`${path.basename(file)}_data`, start, bytes.byteLength),
    };
  });
  await writeChunks(`${file}_data`, data);
  await writeChunks(file, chunks);
}

function externalEntries(location: string, offset: number, length: number) {
  return [
    { key: 'location', value: location },
    { key: 'offset', value: String(offset) },
    { key: 'length', value: String(length) },
  ];
}

async function writeChunks(file: string, chunks: Uint8Array[]): Promise<void> {
  const beside = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(beside, 'wx');
    try {
      for (const chunk of chunks) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (cause) {
    await rm(beside, { force: true });
    throw cause;
  }
}

/** Fills `raw_data` of every tensor that stands in another file. */
async function loadExternalData(graph: GraphProto, file: string): Promise<void> {
  const handles = new Map<string, FileHandle>();
  try {
    for (const tensor of tensorsOf(graph)) {
      if (tensor.data_location !== EXTERNAL) continue;
      const entries = new Map(tensor.external_data?.map(({ key, value }) => [key, value]));
      const location = await confined(entries.get('location') ?? '', file);
      const handle = handles.get(location) ?? (await open(location));
      handles.set(location, handle);
      const offset = Number(entries.get('offset') ?? 0);
      const length = Number(entries.get('length') ?? (await handle.stat()).size - offset);
      tensor.raw_data = await readRange(handle, offset, length, `${location} (${tensor.name})`);
      tensor.data_location = 0;
    }
  } finally {
    for (const handle of handles.values()) await handle.close();
  }
}

/** All constants of a graph and of the graphs inside it. */
function* tensorsOf(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  for (const node of graph.node) {
    for (const { t, g } of node.attribute) {
      if (t) yield t;
      if (g) yield* tensorsOf(g);
    }
  }
}

/**
 * The path of a data file, which must lie in the folder of the model. The folder may be one of
 * links (the hub's cache is): then the links must meet again where they lead.
 */
async function confined(location: string, file: string): Promise<string> {
  const folder = path.dirname(file);
  const target = await realpath(path.resolve(folder, location));
  const homes = [await realpath(folder), path.dirname(await realpath(file))];
  if (location === '' || !homes.some((home) => target.startsWith(home + path.sep)))
    throw new Error(`external data "${location}" is outside the folder of the model`);
  return target;
}

/** Reads into a buffer of its own, so that the tensor is aligned and nothing else is held. */
async function readRange(handle: FileHandle, offset: number, length: number, owner: string) {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    // One read call takes less than 2 GiB.
    const size = Math.min(length - done, 2 ** 30);
    const { bytesRead } = await handle.read(bytes, done, size, offset + done);
    if (bytesRead === 0) throw new Error(`${owner} ends before its ${length} bytes`);
    done += bytesRead;
  }
  return bytes;
}
