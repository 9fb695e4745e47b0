// GraphBuilder: appends operations to a graph, inferring the type of every value it can.

import { elementTypes } from './element-types';
import { inferTypes } from './infer';
import type { ValueType } from './shapes';
import type { Attribute, DataType, Graph, Node, Tensor } from './types';

/** A value is known by its name in the graph. */
export type Value = string;

/** An attribute as a caller writes it; `float()` marks a number that ONNX stores as a float. */
export type AttributeInput = number | number[] | string | Attribute;

export interface OperationOptions {
  domain?: string;
  /** Names for the outputs, or how many fresh ones to make (1). */
  outputs?: number | string[];
}

/** An attribute that ONNX stores as a float even where its value is whole. */
export function float(value: number): Attribute {
  return { type: 'float', value };
}

/** A tensor of `dataType` from plain numbers. */
export function tensor(values: ArrayLike<number>, dims: number[], dataType: DataType): Tensor {
  const data = new elementTypes[dataType].array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    data[index] = data instanceof BigInt64Array ? toInt64(value) : value;
  }
  return { dataType, dims, data };
}

/** "To the end" is the largest int64 in Slice, which a number rounds up: kept from wrapping. */
function toInt64(value: number): bigint {
  return value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value);
}

/** The values of a tensor as plain numbers. */
export function numbers(constant: Tensor): number[] {
  return Array.from(constant.data as ArrayLike<number | bigint>, Number);
}

function attribute(value: AttributeInput): Attribute {
  if (typeof value === 'number') return { type: 'int', value };
  if (typeof value === 'string') return { type: 'string', value };
  if (Array.isArray(value)) return { type: 'ints', value };
  return value;
}

export class GraphBuilder {
  readonly graph: Graph;
  /** What is known of each value; graphs with dynamic axes are known only in part. */
  readonly types = new Map<Value, ValueType>();
  private readonly constants = new Map<string, Value>();
  private counter = 0;

  constructor(name: string) {
    this.graph = { name, nodes: [], inputs: [], outputs: [], initializers: new Map() };
  }

  /** Declares a graph input. Its type takes part in inference when every axis is a number. */
  input(name: Value, dataType: DataType, dims: (number | string)[]): Value {
    this.graph.inputs.push({ name, dataType, dims });
    if (dims.every((dim) => typeof dim === 'number')) this.types.set(name, { dataType, dims });
    return name;
  }

  /** Declares a graph output under a name of its own. */
  output(value: Value, name: string, dataType: DataType, dims: (number | string)[]): void {
    if (value !== name) this.operation('Identity', [value], {}, { outputs: [name] });
    this.graph.outputs.push({ name, dataType, dims });
  }

  /** Adds a named initializer: a weight. */
  initializer(name: Value, value: Tensor): Value {
    this.graph.initializers.set(name, value);
    this.types.set(name, { dataType: value.dataType, dims: value.dims });
    return name;
  }

  /** Adds an unnamed constant; equal ones are stored once. */
  constant(value: Tensor): Value {
    const key = `${value.dataType}[${value.dims.join()}]${numbers(value).join()}`;
    let name = this.constants.get(key);
    if (name === undefined) {
      name = this.initializer(this.fresh('constant'), value);
      this.constants.set(key, name);
    }
    return name;
  }

  /** A constant vector of int64: shapes, axes, positions. */
  ints(values: number[]): Value {
    return this.constant(tensor(values, [values.length], 'int64'));
  }

  /** A constant scalar of the same element type as `like`. */
  scalar(value: number, like: Value | DataType = 'float32'): Value {
    const known = this.types.get(like)?.dataType;
    return this.constant(
      tensor([value], [], known ?? (like in elementTypes ? (like as DataType) : 'float32')),
    );
  }

  /** The type of a value. Throws where inference could not tell. */
  type(value: Value): ValueType {
    const known = this.types.get(value);
    if (known === undefined) throw new Error(`the shape of value "${value}" is not known`);
    return known;
  }

  dims(value: Value): number[] {
    return this.type(value).dims;
  }

  /** The constant behind a value, if it is one. */
  constantOf(value: Value | undefined): Tensor | undefined {
    return value === undefined ? undefined : this.graph.initializers.get(value);
  }

  /** Appends an operation with one output. */
  op(
    op: string,
    inputs: Value[],
    attributes: Record<string, AttributeInput> = {},
    domain = '',
  ): Value {
    return this.operation(op, inputs, attributes, { domain })[0]!;
  }

  /** Appends an operation and returns its outputs. */
  operation(
    op: string,
    inputs: Value[],
    attributes: Record<string, AttributeInput> = {},
    { domain = '', outputs = 1 }: OperationOptions = {},
  ): Value[] {
    const names =
      typeof outputs === 'number' ? Array.from({ length: outputs }, () => this.fresh(op)) : outputs;
    const node: Node = {
      op,
      domain,
      name: this.fresh(`node_${op}`),
      inputs,
      outputs: names,
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, attribute(value)]),
      ),
    };
    this.append(node);
    return names;
  }

  /** Appends a node as it stands and infers its output types. */
  append(node: Node): void {
    this.graph.nodes.push(node);
    this.infer(node);
  }

  /** Infers the output types of a node from what is known of its inputs. */
  infer(node: Node): void {
    const types = inferTypes(
      node,
      (value) => this.types.get(value),
      (value) => this.constantOf(value),
    );
    types?.forEach((type, index) => {
      const name = node.outputs[index];
      if (name) this.types.set(name, type);
    });
  }

  fresh(prefix: string): Value {
    this.counter += 1;
    return `${prefix}_${this.counter}`;
  }
}
