// The part of onnx.proto that the project reads and writes: messages with their field numbers, and
// the same messages as TypeScript types. What they mean to us is said in messages.ts and tensors.ts.

import protobuf from 'protobufjs';

/** Deprecated and unused fields are left out; readers skip what they do not know. */
const definition = `
syntax = "proto2";

message ModelProto {
  optional int64 ir_version = 1;
  optional string producer_name = 2;
  optional GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8;
  repeated StringStringEntryProto metadata_props = 14;
  repeated bytes functions = 25;
}
message OperatorSetIdProto {
  optional string domain = 1;
  optional int64 version = 2;
}
message StringStringEntryProto {
  optional string key = 1;
  optional string value = 2;
}
message GraphProto {
  repeated NodeProto node = 1;
  optional string name = 2;
  repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
  repeated bytes sparse_initializer = 15;
}
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  optional string name = 3;
  optional string op_type = 4;
  repeated AttributeProto attribute = 5;
  optional string domain = 7;
}
message AttributeProto {
  optional string name = 1;
  optional float f = 2;
  optional int64 i = 3;
  optional bytes s = 4;
  optional TensorProto t = 5;
  optional GraphProto g = 6;
  repeated float floats = 7;
  repeated int64 ints = 8;
  repeated bytes strings = 9;
  optional int32 type = 20;
}
message TensorProto {
  repeated int64 dims = 1;
  optional int32 data_type = 2;
  repeated float float_data = 4 [packed = true];
  repeated int32 int32_data = 5 [packed = true];
  repeated int64 int64_data = 7 [packed = true];
  optional string name = 8;
  optional bytes raw_data = 9;
  repeated double double_data = 10 [packed = true];
  repeated StringStringEntryProto external_data = 13;
  optional int32 data_location = 14;
}
message ValueInfoProto {
  optional string name = 1;
  optional TypeProto type = 2;
}
message TypeProto {
  optional TensorTypeProto tensor_type = 1;
}
message TensorTypeProto {
  optional int32 elem_type = 1;
  optional TensorShapeProto shape = 2;
}
message TensorShapeProto {
  repeated DimensionProto dim = 1;
}
message DimensionProto {
  optional int64 dim_value = 1;
  optional string dim_param = 2;
}
`;

const { root } = protobuf.parse(definition, { keepCase: true });

export const protos = {
  model: root.lookupType('ModelProto'),
  graph: root.lookupType('GraphProto'),
  tensor: root.lookupType('TensorProto'),
};

/** A 64-bit integer: the decoder gives Long objects, the encoder takes numbers and decimal strings. */
export type Int64 = number | string | { toString(): string };

export interface ModelProto {
  ir_version: Int64;
  producer_name: string;
  graph?: GraphProto;
  opset_import: { domain: string; version: Int64 }[];
  metadata_props: EntryProto[];
  functions?: Uint8Array[];
}

export interface EntryProto {
  key: string;
  value: string;
}

export interface GraphProto {
  node: NodeProto[];
  name: string;
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
  sparse_initializer?: Uint8Array[];
}

export interface NodeProto {
  input: string[];
  output: string[];
  name: string;
  op_type: string;
  attribute: AttributeProto[];
  domain: string;
}

/** Exactly the field that `type` names is filled. */
export interface AttributeProto {
  name: string;
  type: number;
  f?: number;
  i?: Int64;
  s?: Uint8Array;
  t?: TensorProto;
  g?: GraphProto;
  floats?: number[];
  ints?: Int64[];
  strings?: Uint8Array[];
}

/** Values stand in `raw_data`, in the typed field of the element type, or in another file. */
export interface TensorProto {
  dims: Int64[];
  data_type: number;
  name: string;
  raw_data?: Uint8Array;
  float_data?: number[];
  int32_data?: number[];
  int64_data?: Int64[];
  double_data?: number[];
  external_data?: EntryProto[];
  data_location?: number;
}

export interface ValueInfoProto {
  name: string;
  type?: { tensor_type?: { elem_type: number; shape?: { dim: DimensionProto[] } } };
}

/** Neither field: a dynamic axis without a name. */
export interface DimensionProto {
  dim_value?: Int64;
  dim_param?: string;
}

/** The value as a JavaScript number; beyond 2^53 it is rounded. */
export function toNumber(value: Int64): number {
  return Number(value.toString());
}

/** A number for the encoder, saturated at the end of int64 (INT64_MAX is "to the end" in exports). */
export function toInt64(value: number): Int64 {
  if (Number.isSafeInteger(value)) return value;
  return value >= 2 ** 63 ? String(2n ** 63n - 1n) : String(BigInt(value));
}

/** Frames chunks as one length-delimited field, without copying them. */
export function lengthDelimited(fieldNumber: number, chunks: Uint8Array[]): Uint8Array[] {
  const length = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  const header = protobuf.Writer.create()
    .uint32((fieldNumber << 3) | 2)
    .uint32(length);
  return [header.finish(), ...chunks];
}
