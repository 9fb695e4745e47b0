// A dual encoder: texts and pictures to embeddings in one space, by the two graphs of a folder.

import { fromFloat16, toFloat16 } from '#onnx';
import { preprocess, type Preprocessing } from '#preprocess';
import { openSession, Tensor, type Device, type Session } from '#runtime';
import { fingerprint } from './fingerprint';
import { readModelFolder, type ModelFolder } from './folder';
import { loadTokenizer, type Tokenizer } from './tokenizer';

/** Texts or pictures of one run of a graph. */
const BATCH = 32;

export interface EncoderOptions {
  /** Default: the CPU. */
  device?: Device | 'auto';
  /** Threads of one operation; 0 lets the runtime choose. */
  threads?: number;
  /** For who works on other threads meanwhile (SessionOptions). */
  waitAsleep?: boolean;
}

export interface DualEncoder {
  readonly name: string;
  readonly folder: string;
  /** Two encoders with the same fingerprint give the same embeddings. */
  readonly fingerprint: string;
  /** Length of an embedding. */
  readonly dimension: number;
  /** logit = cosine · logitScale + logitBias. */
  readonly logitScale: number;
  readonly logitBias: number;
  /** What `preprocess` does, for who does it on other threads. */
  readonly preprocessing: Preprocessing;
  /** One L2-normalised embedding a text. */
  encodeTexts(texts: readonly string[]): Promise<Float32Array[]>;
  /** How many pieces (tokens, without those at the ends) a text is cut into. */
  countPieces(text: string): number;
  /** One a picture, given as path or bytes. Throws ImageError if one cannot be decoded. */
  encodeImages(images: readonly (string | Uint8Array)[]): Promise<Float32Array[]>;
  /** One a tensor of `preprocess`. */
  encodePixels(pixels: readonly Float32Array[]): Promise<Float32Array[]>;
  /** The picture as the tower's input, [3, height, width]. Throws ImageError. */
  preprocess(image: string | Uint8Array): Promise<Float32Array>;
  /** Frees the sessions. */
  dispose(): Promise<void>;
}

/** What loadDualEncoder opens. */
export async function openDualEncoder(
  nameOrPath: string,
  options: EncoderOptions,
): Promise<DualEncoder> {
  const folder = await readModelFolder(nameOrPath);
  const [hash, tokenizer] = await Promise.all([fingerprint(folder), loadTokenizer(folder)]);
  const text = new Tower(folder.textModel, 'text_embeds', options);
  const vision = new Tower(folder.visionModel, 'image_embeds', options);
  const dimension = folder.config.dimension ?? (await text.dimension());
  return new FolderEncoder(folder, hash, dimension, tokenizer, text, vision);
}

class FolderEncoder implements DualEncoder {
  constructor(
    private readonly source: ModelFolder,
    readonly fingerprint: string,
    readonly dimension: number,
    private readonly tokenizer: Tokenizer,
    private readonly text: Tower,
    private readonly vision: Tower,
  ) {}

  get name() {
    return this.source.name;
  }

  get folder() {
    return this.source.path;
  }

  get logitScale() {
    return Math.exp(this.source.config.logitScale);
  }

  get logitBias() {
    return this.source.config.logitBias;
  }

  get preprocessing() {
    return this.source.preprocessing;
  }

  async encodeTexts(texts: readonly string[]): Promise<Float32Array[]> {
    const ids = this.tokenizer.encode(texts);
    const size = await this.text.batchSize('input_ids');
    const fixed = await this.text.axis('input_ids', 1);
    // SigLIP pools at the last position and was trained with every text padded to the end.
    const full = this.source.config.modelType.startsWith('siglip');
    return inBatches(ids, size, async (batch) => {
      const longest = batch.reduce((length, row) => Math.max(length, row.length), 1);
      const length = fixed ?? (full ? this.tokenizer.contextLength : longest);
      const feeds = tokenTensors(batch, length, this.tokenizer.padId);
      return this.check(await this.text.run(feeds), 'text');
    });
  }

  countPieces(text: string): number {
    return this.tokenizer.count(text) - this.tokenizer.count('');
  }

  async encodeImages(images: readonly (string | Uint8Array)[]): Promise<Float32Array[]> {
    return inBatches(images, BATCH, async (batch) =>
      this.encodePixels(await Promise.all(batch.map((image) => this.preprocess(image)))),
    );
  }

  async encodePixels(pixels: readonly Float32Array[]): Promise<Float32Array[]> {
    const { width, height } = this.source.preprocessing;
    const size = await this.vision.batchSize('pixel_values');
    return inBatches(pixels, size, async (batch) => {
      const data = new Float32Array(batch.length * 3 * height * width);
      batch.forEach((tensor, index) => data.set(tensor, index * 3 * height * width));
      const pixel_values = new Tensor('float32', data, [batch.length, 3, height, width]);
      return this.check(await this.vision.run({ pixel_values }), 'vision');
    });
  }

  preprocess(image: string | Uint8Array): Promise<Float32Array> {
    return preprocess(image, this.source.preprocessing);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.text.release(), this.vision.release()]);
  }

  private check(embeddings: Float32Array[], tower: string): Float32Array[] {
    const width = embeddings[0]?.length;
    if (width !== undefined && width !== this.dimension)
      throw new Error(
        `${this.folder}: the ${tower} tower gives ${width} numbers, config.json says ${this.dimension}`,
      );
    return embeddings;
  }
}

/** One graph with one embedding a row of its output. */
class Tower {
  #session: Promise<Session> | undefined;

  constructor(
    private readonly file: string,
    private readonly output: string,
    private readonly options: EncoderOptions,
  ) {}

  session(): Promise<Session> {
    this.#session ??= openSession(this.file, this.options);
    return this.#session;
  }

  /** The length of an axis of an input; `undefined` where it is free. */
  async axis(input: string, axis: number): Promise<number | undefined> {
    const { inputs } = await this.session();
    const dim = inputs.find(({ name }) => name === input)?.shape[axis];
    return typeof dim === 'number' ? dim : undefined;
  }

  async batchSize(input: string): Promise<number> {
    return (await this.axis(input, 0)) ?? BATCH;
  }

  /** Runs the graph with those of the feeds that it asks for, and normalises. */
  async run(feeds: Record<string, Tensor>): Promise<Float32Array[]> {
    const session = await this.session();
    const missing = session.inputNames.filter((name) => !(name in feeds));
    if (missing.length)
      throw new Error(`${this.file}: input ${missing.join(', ')} is not known to a dual encoder`);
    const output = await this.outputName();
    const given = Object.fromEntries(
      session.inputs.map(({ name, type }) => [name, ofType(feeds[name]!, type)]),
    );
    const result = (await session.run(given, [output]))[output]!;
    if (result.dims.length !== 2)
      throw new Error(`${this.file}: output ${output} has shape [${result.dims}], not two axes`);
    const rows = normalizedRows(floatsOf(result), result.dims[1]!);
    if (!rows.every((row) => row.every(Number.isFinite)))
      throw new Error(`${this.file}: an embedding is zero or not finite; its weights are broken`);
    return rows;
  }

  /** The width of the output where the graph declares it. */
  async dimension(): Promise<number> {
    const { outputs } = await this.session();
    const name = await this.outputName();
    const width = outputs.find((output) => output.name === name)?.shape.at(-1);
    if (typeof width !== 'number')
      throw new Error(`${this.file}: neither config.json nor the graph says how wide ${name} is`);
    return width;
  }

  async release(): Promise<void> {
    const session = await this.#session;
    this.#session = undefined;
    await session?.release();
  }

  private async outputName(): Promise<string> {
    const { outputNames } = await this.session();
    const known = [this.output, 'pooler_output'].find((name) => outputNames.includes(name));
    return known ?? outputNames[0]!;
  }
}

/** What text towers ask for: rows of ids, padded at the end, with their mask, segment and positions. */
function tokenTensors(rows: readonly number[][], length: number, padId: number) {
  const ids = new BigInt64Array(rows.length * length).fill(BigInt(padId));
  const mask = new BigInt64Array(rows.length * length);
  const positions = new BigInt64Array(rows.length * length);
  rows.forEach((row, index) => {
    ids.set(row.map(BigInt), index * length);
    mask.fill(1n, index * length, index * length + row.length);
    for (let at = 0; at < length; at++) positions[index * length + at] = BigInt(at);
  });
  const dims = [rows.length, length];
  return {
    input_ids: new Tensor('int64', ids, dims),
    attention_mask: new Tensor('int64', mask, dims),
    token_type_ids: new Tensor('int64', new BigInt64Array(ids.length), dims),
    position_ids: new Tensor('int64', positions, dims),
  };
}

/** The tensor in the element type that a graph's input has: some exports take int32 or float16. */
function ofType(tensor: Tensor, type: Tensor['type']): Tensor {
  if (tensor.type === type) return tensor;
  if (type === 'int32') {
    const data = Int32Array.from(tensor.data as BigInt64Array, Number);
    return new Tensor('int32', data, tensor.dims);
  }
  if (type === 'float16') {
    return new Tensor('float16', toFloat16(tensor.data as Float32Array), tensor.dims);
  }
  throw new Error(`an input of type ${type} is not known to a dual encoder`);
}

/** The values of an embedding, which a float16 graph gives as their bits. */
function floatsOf({ type, data }: Tensor): Float32Array {
  if (type !== 'float16') return data as Float32Array;
  return fromFloat16(
    new Uint16Array((data as Uint16Array).buffer, (data as Uint16Array).byteOffset, data.length),
  );
}

function normalizedRows(data: Float32Array, dimension: number): Float32Array[] {
  const rows: Float32Array[] = [];
  for (let start = 0; start < data.length; start += dimension) {
    const row = data.slice(start, start + dimension);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    rows.push(row.map((value) => value / norm));
  }
  return rows;
}

async function inBatches<T, R>(
  items: readonly T[],
  size: number,
  work: (batch: readonly T[]) => Promise<R[]>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size)
    results.push(...(await work(items.slice(start, start + size))));
  return results;
}
