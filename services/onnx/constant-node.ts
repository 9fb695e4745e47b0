// The tensor that a Constant node holds, in whichever attribute.

import { tensor } from './builder';
import type { Node, Tensor } from './types';

/** Undefined where the constant is not numeric (strings, sparse tensors). */
export function constantValue(node: Node): Tensor | undefined {
  const { value, value_float, value_int, value_ints, value_floats } = node.attributes;
  if (value?.type === 'tensor') return value.value;
  if (value_float?.type === 'float') return tensor([value_float.value], [], 'float32');
  if (value_int?.type === 'int') return tensor([value_int.value], [], 'int64');
  if (value_ints?.type === 'ints') {
    return tensor(value_ints.value, [value_ints.value.length], 'int64');
  }
  if (value_floats?.type === 'floats') {
    return tensor(value_floats.value, [value_floats.value.length], 'float32');
  }
  return undefined;
}
