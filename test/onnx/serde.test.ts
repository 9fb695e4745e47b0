// Models through bytes and files, against protobufjs' own encoder and against ONNX Runtime.

import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel, encodeModel, readModel, writeModel, type Model, type Tensor } from '#onnx';
import { protos } from '../../services/onnx/schema';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-onnx-'));
});
afterAll(() => rm(folder, { recursive: true }));

function float(values: number[], dims = [values.length]): Tensor {
  return { dataType: 'float32', dims, data: Float32Array.from(values) };
}

/** y = x · w + b, with w [width, width] twice the identity and b = 0, 1, 2, … */
function linear(width: number): Model {
  const identity = Array.from({ length: width * width }, (_, i) => (i % (width + 1) ? 0 : 2));
  const bias = Array.from({ length: width }, (_, i) => i);
  return {
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producer: 'bifocal',
    metadata: new Map([['layout', 'row-major']]),
    graph: {
      name: 'linear',
      nodes: [
        {
          op: 'Gemm',
          domain: '',
          name: 'gemm',
          inputs: ['x', 'w', 'b'],
          outputs: ['y'],
          attributes: { alpha: { type: 'float', value: 1 }, transB: { type: 'int', value: 1 } },
        },
      ],
      inputs: [{ name: 'x', dataType: 'float32', dims: ['batch', width] }],
      outputs: [{ name: 'y', dataType: 'float32', dims: ['batch', width] }],
      initializers: new Map([
        ['w', float(identity, [width, width])],
        ['b', float(bias)],
      ]),
    },
  };
}

/** One node for every kind of attribute and one initializer for every element type. */
function everything(): Model {
  const model = linear(2);
  const tensors: Record<string, Tensor> = {
    float32: float([1.5, -0, Infinity]),
    float64: { dataType: 'float64', dims: [2], data: Float64Array.of(Math.PI, -1e300) },
    float16: { dataType: 'float16', dims: [2], data: Uint16Array.of(0x3c00, 0xfc00) },
    int64: { dataType: 'int64', dims: [2], data: BigInt64Array.of(-1n, 2n ** 62n) },
    int32: { dataType: 'int32', dims: [1, 2], data: Int32Array.of(-7, 2 ** 31 - 1) },
    int16: { dataType: 'int16', dims: [1], data: Int16Array.of(-300) },
    int8: { dataType: 'int8', dims: [1], data: Int8Array.of(-128) },
    uint8: { dataType: 'uint8', dims: [1], data: Uint8Array.of(255) },
    bool: { dataType: 'bool', dims: [2], data: Uint8Array.of(1, 0) },
    scalar: { dataType: 'float32', dims: [], data: Float32Array.of(4) },
    empty: { dataType: 'float32', dims: [0, 3], data: new Float32Array() },
  };
  for (const [name, tensor] of Object.entries(tensors)) model.graph.initializers.set(name, tensor);
  model.graph.inputs.push({ name: 'anonymous', dataType: 'int64', dims: ['', 3] });
  model.graph.nodes.push({
    op: 'Everything',
    domain: 'com.example',
    name: '',
    inputs: ['', 'x'],
    outputs: ['z', ''],
    attributes: {
      float: { type: 'float', value: 0.5 },
      int: { type: 'int', value: -3 },
      toTheEnd: { type: 'int', value: Number(2n ** 63n - 1n) },
      string: { type: 'string', value: 'naïve 猫' },
      tensor: { type: 'tensor', value: float([1, 2, 3, 4], [2, 2]) },
      floats: { type: 'floats', value: [0.25, -1] },
      ints: { type: 'ints', value: [0, -(2 ** 40), 7] },
      strings: { type: 'strings', value: ['a', ''] },
      graph: { type: 'graph', value: linear(3).graph },
    },
  });
  return model;
}

async function run(model: string | Uint8Array, x: number[], dims: number[]) {
  const session = await ort.InferenceSession.create(model as string);
  const { y } = await session.run({ x: new ort.Tensor('float32', x, dims) });
  await session.release();
  return Array.from(y!.data as Float32Array);
}

describe('bytes', () => {
  it('round-trips every element type and attribute', () => {
    const model = everything();
    expect(decodeModel(encodeModel(model))).toEqual(model);
    expect(encodeModel(decodeModel(encodeModel(model)))).toEqual(encodeModel(model));
  });

  it('reads values from the typed fields', () => {
    const initializer = [
      { name: 'float32', dims: [2], data_type: 1, float_data: [1.5, -2] },
      { name: 'float64', dims: [1], data_type: 11, double_data: [Math.E] },
      { name: 'float16', dims: [1], data_type: 10, int32_data: [0x3c00] },
      { name: 'int64', dims: [2], data_type: 7, int64_data: ['-9223372036854775808', 5] },
      { name: 'int8', dims: [1], data_type: 3, int32_data: [-5] },
      { name: 'bool', dims: [2], data_type: 9, int32_data: [0, 1] },
    ];
    const bytes = protos.model.encode({ ir_version: 8, graph: { initializer } }).finish();
    const read = [...decodeModel(bytes).graph.initializers.values()].map(({ data }) => data);
    expect(read).toEqual([
      Float32Array.of(1.5, -2),
      Float64Array.of(Math.E),
      Uint16Array.of(0x3c00),
      BigInt64Array.of(-(2n ** 63n), 5n),
      Int8Array.of(-5),
      Uint8Array.of(0, 1),
    ]);
  });

  it('keeps large tensors as views of the file where they are aligned', () => {
    const bytes = new Uint8Array(encodeModel(linear(128)));
    const shifted = [0, 1, 2, 3].map((shift) => {
      const buffer = new Uint8Array(bytes.length + shift);
      buffer.set(bytes, shift);
      return decodeModel(buffer.subarray(shift)).graph.initializers.get('w')!.data;
    });
    expect(shifted.filter((data) => data.buffer.byteLength > bytes.length - 1)).toHaveLength(1);
    for (const data of shifted) expect(data).toEqual(linear(128).graph.initializers.get('w')!.data);
  });

  it('computes in ONNX Runtime', async () => {
    expect(await run(encodeModel(linear(3)), [1, 2, 3], [1, 3])).toEqual([2, 5, 8]);
  });

  it('says what is wrong', () => {
    expect(() => decodeModel(Buffer.from('<html>not found</html>'))).toThrow(/^not an ONNX model/);
    expect(() => decodeModel(new Uint8Array())).toThrow('there is no graph in it');
    const short = linear(2);
    short.graph.initializers.set('b', float([1], [2]));
    expect(() => encodeModel(short)).toThrow('tensor b: 1 values, but [2] has 2');
    const strings = { graph: { initializer: [{ name: 's', dims: [1], data_type: 8 }] } };
    expect(() => decodeModel(protos.model.encode(strings).finish())).toThrow(
      'tensor s: ONNX element type 8 is not handled',
    );
  });
});

describe('files', () => {
  it('round-trips, and leaves nothing beside', async () => {
    const file = path.join(folder, 'small.onnx');
    await writeModel(linear(3), file);
    expect(await readModel(file)).toEqual(linear(3));
    expect(await run(file, [1, 1, 1], [1, 3])).toEqual([2, 3, 4]);
    expect((await readdir(folder)).filter((name) => name.startsWith('small'))).toEqual([
      'small.onnx',
    ]);
  });

  it('puts large weights into external data that we and ONNX Runtime read', async () => {
    const file = path.join(folder, 'large.onnx');
    await writeModel(linear(64), file, { externalAbove: 1000 });
    expect((await readFile(`${file}_data`)).byteLength).toBe(64 * 64 * 4);
    expect((await readFile(file)).byteLength).toBeLessThan(1000);
    expect(await readModel(file)).toEqual(linear(64));
    const ones = new Array<number>(64).fill(1);
    expect(await run(file, ones, [1, 64])).toEqual(ones.map((_, i) => 2 + i));
    await expect(async () => decodeModel(await readFile(file))).rejects.toThrow(
      'tensor w: values stand in another file',
    );
    await writeModel(linear(64), file);
    expect(await readdir(folder)).not.toContain('large.onnx_data');
  });

  it('reads external data only from the folder of the model', async () => {
    const secret = path.join(folder, 'secret');
    await writeFile(secret, new Uint8Array(64 * 64 * 4));
    const inside = await mkdtemp(path.join(folder, 'inside-'));
    const file = path.join(inside, 'model.onnx');
    await writeModel(linear(64), file, { externalAbove: 1000 });
    await rm(`${file}_data`);
    await symlink(secret, `${file}_data`);
    await expect(readModel(file)).rejects.toThrow(
      /model\.onnx: external data "model\.onnx_data" is outside the folder/,
    );
    await rm(`${file}_data`);
    await expect(readModel(file)).rejects.toThrow(/model\.onnx: ENOENT/);
  });

  it('follows links of the model and its data to the same place, as the cache of the hub has them', async () => {
    const [blobs, snapshot] = await Promise.all(
      ['blobs-', 'snapshot-'].map((name) => mkdtemp(path.join(folder, name))),
    );
    await writeModel(linear(64), path.join(blobs!, 'm.onnx'), { externalAbove: 1000 });
    for (const name of ['m.onnx', 'm.onnx_data'])
      await symlink(path.join(blobs!, name), path.join(snapshot!, name));
    expect(await readModel(path.join(snapshot!, 'm.onnx'))).toEqual(linear(64));
  });
});
