// The smallest model there is: its output is its input. What needs a device but no graph uses it.

import { toModelFile, type DataType } from '#onnx';
import type { Device } from './devices';
import { openSession, type Session } from './session';

/** A session from `x` to an equal `y`, of any shape of this rank. */
export function openIdentity(device: Device, dataType: DataType, rank: number): Promise<Session> {
  const dims = Array.from({ length: rank }, (_, axis) => `d${axis}`);
  const node = { op: 'Identity', domain: '', name: 'identity', attributes: {} };
  const model = toModelFile({
    name: 'identity',
    nodes: [{ ...node, inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', dataType, dims }],
    outputs: [{ name: 'y', dataType, dims }],
    initializers: new Map(),
  });
  return openSession(model, { device });
}
