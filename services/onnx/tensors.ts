// Constants between ONNX's wire form and typed arrays. Copies only where alignment forces it.
// Raw values are little-endian on the wire and in every machine that Node runs on.

import {
  elementType,
  elementTypeCode,
  elementTypes,
  type TensorDataConstructor,
} from './element-types';
import { size } from './shapes';
import type { DataType, Tensor, TensorData } from './types';
import { toNumber, type TensorProto } from './schema';

/** TensorProto.DataLocation: the values stand in another file. */
export const EXTERNAL = 1;

/** Reads a tensor whose values are in the message. The result may be a view of the message's bytes. */
export function deserializeTensor(proto: TensorProto): Tensor {
  const owner = `tensor ${proto.name || '(unnamed)'}`;
  if (proto.data_location === EXTERNAL)
    throw new Error(`${owner}: values stand in another file; read the model from its path`);
  const dataType = elementType(proto.data_type, owner);
  const dims = proto.dims.map(toNumber);
  const { array } = elementTypes[dataType];
  const bytes = proto.raw_data;
  const data = bytes?.length ? asArray(bytes, array) : typedValues(proto, dataType);
  if (data.length !== size(dims))
    throw new Error(`${owner}: ${data.length} values, but [${dims}] has ${size(dims)}`);
  return { dataType, dims, data };
}

/** Bytes from which a copy would cost more than keeping the message that they stand in. */
const WORTH_A_VIEW = 65_536;

/**
 * A view over many bytes that are aligned for the element type, else a copy: a small constant that
 * outlives the weights would keep all of their file in memory.
 */
function asArray(bytes: Uint8Array, array: TensorDataConstructor): TensorData {
  const length = bytes.byteLength / array.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0;
  if (aligned && bytes.byteLength >= WORTH_A_VIEW)
    return new array(bytes.buffer, bytes.byteOffset, Math.floor(length));
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return new array(copy.buffer, 0, Math.floor(length));
}

/** Values from the field that onnx.proto assigns to the element type. */
function typedValues(proto: TensorProto, dataType: DataType): TensorData {
  switch (dataType) {
    case 'float32':
      return Float32Array.from(proto.float_data ?? []);
    case 'float64':
      return Float64Array.from(proto.double_data ?? []);
    case 'int64':
      return BigInt64Array.from(proto.int64_data ?? [], (value) => BigInt(value.toString()));
    default: {
      // Everything narrower, float16 as its bits, shares int32_data.
      const values = proto.int32_data ?? [];
      const data = new elementTypes[dataType].array(values.length) as Int32Array;
      data.set(values);
      return data;
    }
  }
}

/** The message without its values; these are `tensorBytes`. */
export function serializeTensorHeader(name: string, { dataType, dims, data }: Tensor): TensorProto {
  if (data.length !== size(dims))
    throw new Error(`tensor ${name}: ${data.length} values, but [${dims}] has ${size(dims)}`);
  return { name, dims, data_type: elementTypeCode(dataType) };
}

/** The values as bytes: a view, not a copy. */
export function tensorBytes({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
