// Our side of the training benchmark, a process of its own: see peer.ts for what it answers.
// Arguments, as JSON: Job.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { readModelFolder } from '#model';
import { encodeModel, GraphBuilder } from '#onnx';
import { openSession, Tensor } from '#runtime';
import {
  ADAMW_DEFAULTS,
  buildObjective,
  openGradients,
  readTower,
  Stepper,
  type Batch,
} from '#training';
import { products, SIZES, type Product, type Size } from './sizes';

/** What the driver asks for. */
export interface Job {
  size: string;
  /** The model folder. */
  model: string;
  batch: number;
  microBatch: number;
  length: number;
  threads: number;
}

const job = JSON.parse(process.argv[2]!) as Job;

/** Noise for pictures, and captions of random tokens that end in the last one of the vocabulary. */
function randomBatch(size: Size, { batch, length }: Job): Batch {
  const { image_size: side } = size.vision_config;
  const last = size.text_config.vocab_size - 1;
  const pixels = Float32Array.from({ length: batch * 3 * side ** 2 }, () => Math.random() * 2 - 1);
  const ids = BigInt64Array.from({ length: batch * length }, (_, index) =>
    BigInt((index + 1) % length === 0 ? last : Math.floor(Math.random() * last)),
  );
  const positives = Float32Array.from({ length: batch ** 2 }, (_, index) =>
    Number(index % (batch + 1) === 0),
  );
  const numbers = Int32Array.from({ length: batch }, (_, index) => index);
  return {
    image: { pixel_values: new Tensor('float32', pixels, [batch, 3, side, side]) },
    text: { input_ids: new Tensor('int64', ids, [batch, length]) },
    positives: new Tensor('float32', positives, [batch, batch]),
    pictures: numbers,
    captions: numbers,
    length,
    extra: {},
  };
}

async function openStepper({ model, batch, microBatch, length, threads }: Job): Promise<Stepper> {
  const base = await readModelFolder(model);
  const text = await readTower(base, 'text');
  const image = await readTower(base, 'image');
  const values = new Map<string, Float32Array>([
    ['logit_scale', Float32Array.of(base.config.logitScale)],
  ]);
  for (const { prefix, graph, trained } of [text, image]) {
    for (const name of trained) {
      values.set(prefix + name, graph.initializers.get(name)!.data as Float32Array);
    }
  }
  const device = 'cpu' as const;
  const objective = buildObjective({ loss: 'infonce' });
  const sizes = { batchSize: batch, microBatch, length };
  const gradients = await openGradients({ text, image, objective, ...sizes, device, threads });
  return Stepper.open(gradients, values, { device, threads, optimizer: ADAMW_DEFAULTS });
}

/** Seconds of one Gemm alone: the forward product, or one of the two of its backward pass. */
async function gemmSeconds(
  { rows, inner, columns }: Product,
  kind: 'forward' | 'input' | 'weight',
  threads: number,
): Promise<number> {
  const shapes = {
    forward: { a: [rows, inner], b: [inner, columns], y: [rows, columns] },
    input: { a: [rows, columns], b: [inner, columns], y: [rows, inner] },
    weight: { a: [rows, inner], b: [rows, columns], y: [inner, columns] },
  }[kind];
  const builder = new GraphBuilder('gemm');
  const attributes = { transA: Number(kind === 'weight'), transB: Number(kind === 'input') };
  const [a, b] = [builder.input('a', 'float32', shapes.a), builder.input('b', 'float32', shapes.b)];
  builder.output(builder.op('Gemm', [a, b], attributes), 'y', 'float32', shapes.y);
  const model = encodeModel({
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producer: 'bifocal',
    metadata: new Map(),
    graph: builder.graph,
  });
  const session = await openSession(model, { threads, inPlace: true });
  const noise = ([m, n]: number[]) =>
    new Tensor('float32', new Float32Array(m! * n!).fill(0.5), [m!, n!]);
  const feeds = { a: noise(shapes.a), b: noise(shapes.b) };
  const outputs = { y: noise(shapes.y) };
  let best = Infinity;
  for (let time = 0; time < 4; time++) {
    const started = performance.now();
    await session.fill(feeds, outputs);
    best = Math.min(best, (performance.now() - started) / 1000);
  }
  await session.release();
  return best;
}

/** GFLOP/s of all products of a step, each in its best time. */
async function gemmRate({ size, batch, length, threads }: Job): Promise<number> {
  let [operations, seconds] = [0, 0];
  for (const product of products(SIZES[size]!, batch, length)) {
    for (const kind of ['forward', 'input', 'weight'] as const) {
      operations += 2 * product.rows * product.inner * product.columns * product.count;
      seconds += (await gemmSeconds(product, kind, threads)) * product.count;
    }
  }
  return operations / seconds / 1e9;
}

function memory(): { peak: number; resident: number } {
  const status = readFileSync('/proc/self/status', 'utf8');
  const bytes = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)![1]) * 1024;
  return { peak: bytes('VmHWM'), resident: bytes('VmRSS') };
}

const stepper = await openStepper(job);
const batch = randomBatch(SIZES[job.size]!, job);
const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`);
say({});
let step = 0;
for await (const word of createInterface({ input: process.stdin })) {
  if (word === 'memory') say(memory());
  if (word === 'gemm') say({ rate: await gemmRate(job) });
  if (word === 'step') {
    const started = performance.now();
    const { loss } = await stepper.step(batch, step++, 1e-4);
    say({ seconds: (performance.now() - started) / 1000, loss });
  }
}
await stepper.release();
