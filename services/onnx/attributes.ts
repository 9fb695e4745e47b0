// Typed reading of a node's attributes with their ONNX defaults.

import type { Node } from './types';

/** An int or float attribute, or `fallback` where it is absent. */
export function numberAttribute(node: Node, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  if (attribute === undefined) return fallback;
  if (attribute.type === 'int' || attribute.type === 'float') return attribute.value;
  throw new Error(`node "${node.name}" (${node.op}): attribute ${name} should be a number`);
}

/** An ints or floats attribute, or undefined where it is absent. */
export function numbersAttribute(node: Node, name: string): number[] | undefined {
  const attribute = node.attributes[name];
  if (attribute === undefined) return undefined;
  if (attribute.type === 'ints' || attribute.type === 'floats') return attribute.value;
  throw new Error(
    `node "${node.name}" (${node.op}): attribute ${name} should be a list of numbers`,
  );
}

/** A string attribute, or `fallback` where it is absent. */
export function stringAttribute(node: Node, name: string, fallback: string): string {
  const attribute = node.attributes[name];
  if (attribute === undefined) return fallback;
  if (attribute.type === 'string') return attribute.value;
  throw new Error(`node "${node.name}" (${node.op}): attribute ${name} should be a string`);
}
