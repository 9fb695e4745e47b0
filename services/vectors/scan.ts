// The int8 scan: an ONNX graph that compares rows with a batch of queries and keeps the best of each.
// Numbers in, numbers out; which row is whose is block.ts.

import { elementTypeCode, GraphBuilder, tensor, toModelFile } from '#onnx';
import { openSession, Tensor, type Session } from '#runtime';
import { largest } from '#vector-rows';

/** Added to the score of a row that must not be found. */
export const hidden = -1e30;

/** Rounded rows: `columns` is dimension × scales.length, and `scales` what one unit of each row is worth. */
export interface Quantised {
  columns: Int8Array;
  scales: Float32Array;
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

/** The best of a batch, `width` a query, best first; scores in units of the query's scale. */
export interface Scanned {
  width: number;
  scores: Float32Array;
  rows: Int32Array;
}

/** Rows as a constant of the graph, in the order that suits the processor. Takes 30 ms to open. */
export class Scan {
  private constructor(
    private readonly session: Session,
    private readonly scales: Float32Array,
    private readonly dimension: number,
  ) {}

  static async open(rows: Quantised, dimension: number, levels: number): Promise<Scan> {
    const session = await openScan(dimension, levels, (builder) => {
      const dims = [dimension, rows.scales.length];
      builder.initializer('columns', { dataType: 'int8', dims, data: rows.columns });
    });
    return new Scan(session, rows.scales, dimension);
  }

  /** @param bias is added to the score of each row: 0, or `hidden` */
  run(queries: Uint8Array, bias: Float32Array, k: number): Promise<Scanned> {
    return run(this.session, this.scales, queries, this.dimension, bias, k);
  }

  close(): Promise<void> {
    return this.session.release();
  }
}

/** By their levels, of which a process has one kind. */
const loose = new Map<number, Promise<Session>>();

/**
 * The same of rows that are no constant, because more may come: nothing to open, but a single query
 * takes five times as long.
 */
export async function scanLoose(
  { columns, scales }: Quantised,
  queries: Uint8Array,
  dimension: number,
  levels: number,
  bias: Float32Array,
  k: number,
): Promise<Scanned> {
  const session =
    loose.get(levels) ??
    openScan('dimension', levels, (builder) =>
      builder.input('columns', 'int8', ['dimension', 'rows']),
    );
  loose.set(levels, session);
  const rows = new Tensor('int8', columns, [dimension, scales.length]);
  return run(await session, scales, queries, dimension, bias, k, { columns: rows });
}

function openScan(
  dimension: number | string,
  levels: number,
  addColumns: (builder: GraphBuilder) => void,
): Promise<Session> {
  const builder = new GraphBuilder('scan');
  builder.input('queries', 'uint8', ['q', dimension]);
  builder.input('scales', 'float32', ['rows']);
  builder.input('bias', 'float32', ['rows']);
  builder.input('k', 'int64', [1]);
  addColumns(builder);
  const zero = builder.constant(tensor([levels + 1], [], 'uint8'));
  const inputs = ['queries', 'columns', builder.scalar(1), 'scales', zero, '', 'bias'];
  const scores = builder.op('MatMulIntegerToFloat', inputs, {}, 'com.microsoft');
  const [best, at] = builder.operation('TopK', [scores, 'k'], {}, { outputs: 2 });
  const row = builder.op('Cast', [at!], { to: elementTypeCode('int32') });
  builder.output(best!, 'scores', 'float32', ['q', 'k']);
  builder.output(row, 'found', 'int32', ['q', 'k']);
  // One thread: blocks are scanned one after another, and the pools of their sessions, each of them
  // waiting actively for more work, would take the processor from one another.
  return openSession(toModelFile(builder.graph), { threads: 1 });
}

async function run(
  session: Session,
  scales: Float32Array,
  queries: Uint8Array,
  dimension: number,
  bias: Float32Array,
  k: number,
  columns: Record<string, Tensor> = {},
): Promise<Scanned> {
  const count = scales.length;
  const width = Math.min(k, count);
  const { scores, found } = await session.run({
    ...columns,
    queries: new Tensor('uint8', queries, [queries.length / dimension, dimension]),
    scales: new Tensor('float32', scales, [count]),
    bias: new Tensor('float32', bias, [count]),
    k: new Tensor('int64', BigInt64Array.of(BigInt(width)), [1]),
  });
  return { width, scores: scores!.data as Float32Array, rows: found!.data as Int32Array };
}
