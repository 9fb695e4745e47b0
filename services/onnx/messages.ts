// A model between its messages and plain data: pairs of serialize and deserialize, one a message of
// onnx.proto. Bytes and files are serde.ts.

import {
  lengthDelimited,
  protos,
  toInt64,
  toNumber,
  type AttributeProto,
  type DimensionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './schema';
import { elementType, elementTypeCode } from './element-types';
import { deserializeTensor, serializeTensorHeader, tensorBytes } from './tensors';
import type { Attribute, Graph, Model, Node, Tensor, ValueInfo } from './types';

/** AttributeProto.AttributeType of the kinds that we handle. */
const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

/** The message of the bytes. Throws one line when they are no ONNX model. */
export function parseModel(bytes: Uint8Array): ModelProto {
  // A Buffer, because the reader then hands out views instead of copies.
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const proto = protos.model.decode(buffer) as unknown as ModelProto;
    if (!proto.graph) throw new Error('there is no graph in it');
    return proto;
  } catch (cause) {
    throw new Error(`not an ONNX model: ${(cause as Error).message}`, { cause });
  }
}

export function deserializeModel(proto: ModelProto): Model {
  if (proto.functions?.length)
    throw new Error('the model defines functions of its own; export it with them inlined');
  return {
    irVersion: toNumber(proto.ir_version),
    opsets: new Map(proto.opset_import.map(({ domain, version }) => [domain, toNumber(version)])),
    producer: proto.producer_name,
    graph: deserializeGraph(proto.graph as GraphProto),
    metadata: new Map(proto.metadata_props.map(({ key, value }) => [key, value])),
  };
}

/**
 * The file as a list of chunks, so that weights are written from where they lie. Fields may stand in
 * any order: what is small is encoded as one message, and the initializers follow.
 * `header` describes an initializer; when it returns a message whose values are external, no values follow.
 */
export function modelChunks(
  model: Model,
  header: (name: string, tensor: Tensor) => TensorProto = serializeTensorHeader,
): Uint8Array[] {
  const proto: ModelProto = {
    ir_version: model.irVersion,
    producer_name: model.producer,
    opset_import: [...model.opsets].map(([domain, version]) => ({ domain, version })),
    metadata_props: [...model.metadata].map(([key, value]) => ({ key, value })),
  };
  const small = { ...serializeGraph(model.graph), initializer: [] };
  const initializers = [...model.graph.initializers].flatMap(([name, tensor]) => {
    const message = header(name, tensor);
    const values = message.data_location ? [] : lengthDelimited(9, [tensorBytes(tensor)]);
    return lengthDelimited(5, [protos.tensor.encode(message).finish(), ...values]);
  });
  const graph = [protos.graph.encode(small).finish(), ...initializers];
  return [protos.model.encode(proto).finish(), ...lengthDelimited(7, graph)];
}

function deserializeGraph(proto: GraphProto): Graph {
  if (proto.sparse_initializer?.length)
    throw new Error(`graph ${proto.name}: sparse initializers are not handled`);
  return {
    name: proto.name,
    nodes: proto.node.map(deserializeNode),
    inputs: proto.input.map(deserializeValueInfo),
    outputs: proto.output.map(deserializeValueInfo),
    initializers: new Map(
      proto.initializer.map((tensor) => [tensor.name, deserializeTensor(tensor)]),
    ),
  };
}

function serializeGraph(graph: Graph): GraphProto {
  return {
    name: graph.name,
    node: graph.nodes.map(serializeNode),
    input: graph.inputs.map(serializeValueInfo),
    output: graph.outputs.map(serializeValueInfo),
    initializer: [...graph.initializers].map(([name, tensor]) => serializeTensor(name, tensor)),
  };
}

function serializeTensor(name: string, tensor: Tensor): TensorProto {
  return { ...serializeTensorHeader(name, tensor), raw_data: tensorBytes(tensor) };
}

function deserializeNode(proto: NodeProto): Node {
  const owner = `node ${proto.name || proto.output[0]} (${proto.op_type})`;
  return {
    op: proto.op_type,
    domain: proto.domain === 'ai.onnx' ? '' : proto.domain,
    name: proto.name,
    inputs: proto.input,
    outputs: proto.output,
    attributes: Object.fromEntries(
      proto.attribute.map((attribute) => [attribute.name, deserializeAttribute(attribute, owner)]),
    ),
  };
}

function serializeNode(node: Node): NodeProto {
  return {
    op_type: node.op,
    domain: node.domain,
    name: node.name,
    input: node.inputs,
    output: node.outputs,
    attribute: Object.entries(node.attributes).map(([name, value]) =>
      serializeAttribute(name, value),
    ),
  };
}

function deserializeAttribute(proto: AttributeProto, owner: string): Attribute {
  switch (proto.type) {
    case attributeTypes.float:
      return { type: 'float', value: proto.f ?? 0 };
    case attributeTypes.int:
      return { type: 'int', value: toNumber(proto.i ?? 0) };
    case attributeTypes.string:
      return { type: 'string', value: bytesToString(proto.s ?? new Uint8Array()) };
    case attributeTypes.tensor:
      return { type: 'tensor', value: deserializeTensor(proto.t as TensorProto) };
    case attributeTypes.graph:
      return { type: 'graph', value: deserializeGraph(proto.g as GraphProto) };
    case attributeTypes.floats:
      return { type: 'floats', value: proto.floats ?? [] };
    case attributeTypes.ints:
      return { type: 'ints', value: (proto.ints ?? []).map(toNumber) };
    case attributeTypes.strings:
      return { type: 'strings', value: (proto.strings ?? []).map(bytesToString) };
    default:
      throw new Error(`${owner}: attribute ${proto.name} has type ${proto.type}, not handled`);
  }
}

function serializeAttribute(name: string, attribute: Attribute): AttributeProto {
  const proto = { name, type: attributeTypes[attribute.type] };
  switch (attribute.type) {
    case 'float':
      return { ...proto, f: attribute.value };
    case 'int':
      return { ...proto, i: toInt64(attribute.value) };
    case 'string':
      return { ...proto, s: Buffer.from(attribute.value) };
    case 'tensor':
      return { ...proto, t: serializeTensor('', attribute.value) };
    case 'graph':
      return { ...proto, g: serializeGraph(attribute.value) };
    case 'floats':
      return { ...proto, floats: attribute.value };
    case 'ints':
      return { ...proto, ints: attribute.value.map(toInt64) };
    case 'strings':
      return { ...proto, strings: attribute.value.map((text) => Buffer.from(text)) };
  }
}

function deserializeValueInfo(proto: ValueInfoProto): ValueInfo {
  const tensor = proto.type?.tensor_type;
  if (!tensor) throw new Error(`value ${proto.name}: its type is missing or not a tensor`);
  if (!tensor.shape) throw new Error(`value ${proto.name}: its rank is not declared`);
  return {
    name: proto.name,
    dataType: elementType(tensor.elem_type, `value ${proto.name}`),
    dims: tensor.shape.dim.map(deserializeDimension),
  };
}

function serializeValueInfo({ name, dataType, dims }: ValueInfo): ValueInfoProto {
  const shape = { dim: dims.map(serializeDimension) };
  return { name, type: { tensor_type: { elem_type: elementTypeCode(dataType), shape } } };
}

/** A dynamic axis without a name is the empty string. */
function deserializeDimension(proto: DimensionProto): number | string {
  const isValue = Object.hasOwn(proto, 'dim_value');
  return isValue ? toNumber(proto.dim_value as number) : (proto.dim_param ?? '');
}

function serializeDimension(dim: number | string): DimensionProto {
  if (typeof dim === 'number') return { dim_value: dim };
  return dim === '' ? {} : { dim_param: dim };
}

function bytesToString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
