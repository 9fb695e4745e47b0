// Element types: the codes by which ONNX names them, and the arrays that hold their values.

import type { DataType, TensorData } from './types';

export type TensorDataConstructor = {
  new (length: number): TensorData;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TensorData;
  BYTES_PER_ELEMENT: number;
};

/** Each element type with its code in onnx.proto and the array that holds its values. */
export const elementTypes: Record<DataType, { code: number; array: TensorDataConstructor }> = {
  float32: { code: 1, array: Float32Array },
  uint8: { code: 2, array: Uint8Array },
  int8: { code: 3, array: Int8Array },
  int16: { code: 5, array: Int16Array },
  int32: { code: 6, array: Int32Array },
  int64: { code: 7, array: BigInt64Array },
  bool: { code: 9, array: Uint8Array },
  float16: { code: 10, array: Uint16Array },
  float64: { code: 11, array: Float64Array },
};

const dataTypes = new Map(
  Object.entries(elementTypes).map(([name, { code }]) => [code, name as DataType]),
);

/** The code of an element type, as files and attributes (Cast's `to`) have it. */
export function elementTypeCode(dataType: DataType): number {
  return elementTypes[dataType].code;
}

/** The element type of a code; `owner` is what an error calls the tensor or value. */
export function elementType(code: number, owner: string): DataType {
  const dataType = dataTypes.get(code);
  if (dataType === undefined) throw new Error(`${owner}: ONNX element type ${code} is not handled`);
  return dataType;
}
