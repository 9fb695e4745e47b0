// An image tower for pictures of another size: the same weights, but for what it has of positions.

import { constantValue, fromFloat16, numbers, numbersAttribute, tensor, toFloat16 } from '#onnx';
import { GraphBuilder, toModelFile, type Graph, type Node, type Tensor } from '#onnx';
import { openSession, Tensor as Values } from '#runtime';

/** Height and width, in pixels or in patches. */
type Size = readonly [height: number, width: number];

/**
 * The graph for square pictures of `side` pixels, of one for pictures of the size `before`. Convolutions take
 * any size. Where embeddings of positions are added to patches, or each place has its own matrix, these are
 * resized as pictures are, bicubically (Dosovitskiy et al. 2021, section 3.2), and what the export wrote down
 * of their number follows. Whether the result computes anything is for the caller to try. Throws one line
 * where the side is no multiple of the patches'.
 */
export async function resizeTower(graph: Graph, before: Size, side: number): Promise<Graph> {
  const { inputs, nodes, initializers, ...rest } = liftConstants(graph);
  const resized = {
    ...rest,
    nodes,
    initializers: new Map(initializers),
    inputs: inputs.map((input) => ({
      ...input,
      dims: input.dims.map((dim, axis) => (axis >= 2 && typeof dim === 'number' ? side : dim)),
    })),
  };
  await resizePositions(resized, before, side);
  await resizePlaces(resized, before, side);
  return resized;
}

/** A graph whose weights may be changed. */
type Resized = Graph & { initializers: Map<string, Tensor> };

/** Embeddings of positions that are added to patches. */
async function resizePositions(graph: Resized, before: Size, side: number): Promise<void> {
  const { nodes, initializers } = graph;
  const patches = nodes.find(({ op }) => op === 'Conv');
  if (patches === undefined) return;
  const kernel = initializers.get(patches.inputs[1]!)!.dims.slice(2);
  const [from, to] = [before, [side, side] as const].map((size) => grid(patches, kernel, size));
  const tables = positionTables(graph, area(from!));
  if (tables.length === 0) return;
  if (!to!.every(Number.isInteger)) {
    throw new Error(
      `${side} pixels are no multiple of its patches of ${kernel.join(' × ')} pixels`,
    );
  }
  for (const name of tables) {
    const table = initializers.get(name)!;
    initializers.set(name, await resizeTable(table, from!, to!));
    followLengths(initializers, table.dims.at(-2)!, area(to!) - area(from!));
  }
}

/** Matrices [places, from, to], one for each place of a square map, as `vision_config.spatial_size` makes them. */
async function resizePlaces(graph: Resized, [height]: Size, side: number): Promise<void> {
  const { nodes, initializers } = graph;
  const factors = nodes.flatMap(({ op, inputs }) => (op === 'MatMul' ? [inputs[1]!] : []));
  for (const name of new Set(factors)) {
    const matrices = initializers.get(name);
    // A single matrix is for all places.
    if (matrices?.dims.length !== 3 || matrices.dims[0] === 1) continue;
    const [places, from, to] = matrices.dims as [number, number, number];
    const length = Math.sqrt(places);
    const other = (length * side) / height;
    if (!Number.isInteger(other)) {
      throw new Error(
        `${side} pixels are no multiple of ${height / length}, which one of its places has`,
      );
    }
    const table = { ...matrices, dims: [places, from * to] };
    const resized = await resizeTable(table, [length, length], [other, other]);
    initializers.set(name, { ...resized, dims: [other ** 2, from, to] });
  }
}

const area = ([height, width]: Size) => height * width;

/** How many patches a convolution cuts a picture into; fractions where pixels are left over. */
function grid(convolution: Node, kernel: number[], picture: Size): Size {
  const strides = numbersAttribute(convolution, 'strides') ?? [1, 1];
  const along = (axis: 0 | 1) => (picture[axis] - kernel[axis]!) / strides[axis]! + 1;
  return [along(0), along(1)];
}

/** A graph in which what Constant nodes hold are initializers. */
function liftConstants(graph: Graph): Graph {
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.filter((node) => {
    const value = node.op === 'Constant' ? constantValue(node) : undefined;
    if (value !== undefined) initializers.set(node.outputs[0]!, value);
    return value === undefined;
  });
  return { ...graph, nodes, initializers };
}

/**
 * Names of the tables [patches, width], perhaps with a row before them for the class token, that are added to
 * something, as they are or by a Gather of all rows.
 */
function positionTables({ nodes, initializers }: Graph, patches: number): string[] {
  const gathered = new Map(
    nodes.filter(({ op }) => op === 'Gather').map((node) => [node.outputs[0]!, node.inputs[0]!]),
  );
  const added = nodes.filter(({ op }) => op === 'Add').flatMap(({ inputs }) => inputs);
  const names = new Set(added.map((name) => gathered.get(name) ?? name));
  return [...names].filter((name) => {
    const { dims = [], dataType = '' } = initializers.get(name) ?? {};
    const rows = dims.at(-2);
    return dataType.startsWith('float') && (rows === patches || rows === patches + 1);
  });
}

/** Lists 0, 1, … of as many numbers as there were rows, and shapes that name that number or the patches', follow. */
function followLengths(initializers: Map<string, Tensor>, rows: number, more: number): void {
  const isIndex = (values: number[]) => values.every((value, index) => value === index);
  for (const [name, value] of initializers) {
    if (value.dataType !== 'int64' || value.data.length === 0) continue;
    const values = numbers(value);
    if (values.length === rows && isIndex(values)) {
      const longer = Array.from({ length: rows + more }, (_, index) => index);
      const dims = value.dims.map((dim) => (dim === rows ? rows + more : dim));
      initializers.set(name, tensor(longer, dims, 'int64'));
    } else if (value.dims.length === 1 && values.length > 1) {
      const changed = values.map((length) =>
        length === rows || length === rows - 1 ? length + more : length,
      );
      initializers.set(name, tensor(changed, value.dims, 'int64'));
    }
  }
}

/** A table's rows for the patches of another grid; a row before those of the patches stays. */
async function resizeTable(table: Tensor, from: Size, to: Size): Promise<Tensor> {
  const width = table.dims.at(-1)!;
  const half = table.dataType === 'float16';
  const rows = half ? fromFloat16(table.data as Uint16Array) : (table.data as Float32Array);
  const own = rows.length - area(from) * width;
  const patches = await resizeGrid(rows.subarray(own), [...from, width], to);
  const data = new Float32Array(own + patches.length);
  data.set(rows.subarray(0, own));
  data.set(patches, own);
  const dims = [...table.dims.slice(0, -2), data.length / width, width];
  return { ...table, dims, data: half ? toFloat16(data) : data };
}

/** [height, width, channels] to another height and width, bicubically, by the runtime. */
async function resizeGrid(data: Float32Array, dims: number[], to: Size): Promise<Float32Array> {
  const b = new GraphBuilder('resize');
  const first = b.op('Transpose', [b.input('grid', 'float32', dims)], { perm: [2, 0, 1] });
  const pictures = b.op('Unsqueeze', [first, b.ints([0])]);
  const sizes = b.ints([1, dims[2]!, ...to]);
  const resized = b.op('Resize', [pictures, '', '', sizes], {
    mode: 'cubic',
    coordinate_transformation_mode: 'half_pixel',
  });
  const last = b.op('Transpose', [resized], { perm: [0, 2, 3, 1] });
  b.output(last, 'resized', 'float32', [1, ...to, dims[2]!]);
  const session = await openSession(toModelFile(b.graph));
  try {
    const { resized } = await session.run({ grid: new Values('float32', data, dims) });
    return resized!.data as Float32Array;
  } finally {
    await session.release();
  }
}
