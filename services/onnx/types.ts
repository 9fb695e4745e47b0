// An ONNX model as plain data. Knows no protobuf (serde.ts) and no runtime.

/** Element types that the project handles, by the names that ONNX Runtime uses. */
export type DataType =
  'float32' | 'float64' | 'float16' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8' | 'bool';

/** Raw values: float16 as its bits in a Uint16Array, bool as 0 and 1 in a Uint8Array. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array;

/** A constant: an initializer or the value of an attribute. Row-major; `[]` is a scalar. */
export interface Tensor {
  dataType: DataType;
  dims: number[];
  data: TensorData;
}

export type Attribute =
  | { type: 'float'; value: number }
  | { type: 'int'; value: number }
  | { type: 'string'; value: string }
  | { type: 'tensor'; value: Tensor }
  | { type: 'floats'; value: number[] }
  | { type: 'ints'; value: number[] }
  | { type: 'strings'; value: string[] }
  | { type: 'graph'; value: Graph };

/** One operation. An absent optional input or output is the empty string, as in ONNX. */
export interface Node {
  op: string;
  /** '' is ai.onnx; 'com.microsoft' holds ONNX Runtime's own operations. */
  domain: string;
  name: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, Attribute>;
}

/** A graph input or output. A dimension is a number, or the name of a dynamic axis. */
export interface ValueInfo {
  name: string;
  dataType: DataType;
  dims: (number | string)[];
}

/** Nodes stand in topological order. */
export interface Graph {
  name: string;
  nodes: Node[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  initializers: Map<string, Tensor>;
}

export interface Model {
  irVersion: number;
  /** Operator set version by domain; '' is ai.onnx. */
  opsets: Map<string, number>;
  producer: string;
  graph: Graph;
  metadata: Map<string, string>;
}
