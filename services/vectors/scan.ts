// The int8 scan: rows as a constant of an ONNX graph, which compares them with a batch of queries and
// keeps the best of each. Numbers in, numbers out; which row is whose is block.ts.

import { elementTypeCode, GraphBuilder, tensor, toModelFile } from '#onnx';
import { openSession, Tensor, type Session } from '#runtime';

/** Added to the score of a row that must not be found. */
export const hidden = -1e30;

/** The largest magnitude of a number of a row. */
const rowLevels = 127;

/** Rows in whole numbers from −127 to 127, and what one unit of each row is worth. */
export interface Quantised {
  bytes: Int8Array;
  scales: Float32Array;
}

/** Rounds each of the first `count` rows to int8, its largest number to ±127. */
export function quantiseRows(rows: Float32Array, count: number, dimension: number): Quantised {
  const bytes = new Int8Array(count * dimension);
  const scales = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const end = (row + 1) * dimension;
    const most = largest(rows, end - dimension, end);
    const step = rowLevels / most;
    for (let i = end - dimension; i < end; i++) bytes[i] = rounded(rows[i]! * step);
    scales[row] = most / rowLevels;
  }
  return { bytes, scales };
}

/**
 * Queries in unsigned bytes, around zero = levels + 1, and what one unit of each is worth.
 * @param levels the largest magnitude, from exactLevels()
 */
export function quantiseQueries(queries: readonly Float32Array[], levels: number) {
  const dimension = queries[0]!.length;
  const bytes = new Uint8Array(queries.length * dimension);
  const scales = queries.map((query, q) => {
    const scale = largest(query, 0, dimension) / levels;
    for (let j = 0; j < dimension; j++) {
      bytes[q * dimension + j] = levels + 1 + Math.round(query[j]! / scale);
    }
    return scale;
  });
  return { bytes, scales };
}

/** A number from −127 to 127, rounded; a third of the time of Math.round. */
function rounded(value: number): number {
  return ((value + 128.5) | 0) - 128;
}

function largest(values: Float32Array, from: number, to: number): number {
  let most = 0;
  for (let i = from; i < to; i++) {
    const size = Math.abs(values[i]!);
    if (size > most) most = size;
  }
  return most;
}

/** The best of a batch, `width` a query, best first; scores in units of the query's scale. */
export interface Scanned {
  width: number;
  scores: Float32Array;
  rows: Int32Array;
}

export class Scan {
  private constructor(
    private readonly session: Session,
    private readonly scales: Tensor,
    private readonly dimension: number,
    private readonly count: number,
  ) {}

  static async open(rows: Quantised, dimension: number, levels: number): Promise<Scan> {
    const { bytes, scales } = rows;
    const builder = new GraphBuilder('scan');
    builder.input('queries', 'uint8', ['q', dimension]);
    builder.input('scales', 'float32', [scales.length]);
    builder.input('bias', 'float32', [scales.length]);
    builder.input('k', 'int64', [1]);
    const dims = [scales.length, dimension];
    builder.initializer('rows', { dataType: 'int8', dims, data: bytes });
    const columns = builder.op('Transpose', ['rows'], { perm: [1, 0] }); // done once, as it is opened
    const zero = builder.constant(tensor([levels + 1], [], 'uint8'));
    const inputs = ['queries', columns, builder.scalar(1), 'scales', zero, '', 'bias'];
    const scores = builder.op('MatMulIntegerToFloat', inputs, {}, 'com.microsoft');
    const [best, at] = builder.operation('TopK', [scores, 'k'], {}, { outputs: 2 });
    const row = builder.op('Cast', [at!], { to: elementTypeCode('int32') });
    builder.output(best!, 'scores', 'float32', ['q', 'k']);
    builder.output(row, 'found', 'int32', ['q', 'k']);
    // One thread: blocks are scanned one after another, and the pools of their sessions, each of them
    // waiting actively for more work, would take the processor from one another.
    const session = await openSession(toModelFile(builder.graph), { threads: 1 });
    const tensorOfScales = new Tensor('float32', scales, [scales.length]);
    return new Scan(session, tensorOfScales, dimension, scales.length);
  }

  /** @param bias is added to the score of each row: 0, or `hidden` */
  async run(queries: Uint8Array, bias: Float32Array, k: number): Promise<Scanned> {
    const width = Math.min(k, this.count);
    const { scores, found } = await this.session.run({
      queries: new Tensor('uint8', queries, [queries.length / this.dimension, this.dimension]),
      scales: this.scales,
      bias: new Tensor('float32', bias, [this.count]),
      k: new Tensor('int64', BigInt64Array.of(BigInt(width)), [1]),
    });
    return { width, scores: scores!.data as Float32Array, rows: found!.data as Int32Array };
  }

  close(): Promise<void> {
    return this.session.release();
  }
}
