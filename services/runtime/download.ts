// Values of tensors that lie on the GPU. Everything else about sessions is session.ts.

import { encodeModel, type DataType } from '#onnx';
import { openSession, type Session, type Tensor } from './session';

/** One session an element type and rank, kept for the life of the process. */
const sessions = new Map<string, Promise<Session>>();

/**
 * Copies a tensor to CPU memory; a CPU tensor is returned as it is. The original stays the caller's.
 * ONNX Runtime aborts the process on `getData()` here, so an Identity on the same device does it.
 */
export async function download(tensor: Tensor): Promise<Tensor> {
  if (tensor.location !== 'gpu-buffer') return tensor;
  const key = `${tensor.type} ${tensor.dims.length}`;
  const session = sessions.get(key) ?? openIdentity(tensor.type as DataType, tensor.dims.length);
  sessions.set(key, session);
  const { y } = await (await session).run({ x: tensor });
  return y as Tensor;
}

function openIdentity(dataType: DataType, rank: number): Promise<Session> {
  const dims = Array.from({ length: rank }, (_, axis) => `d${axis}`);
  const node = { op: 'Identity', domain: '', name: 'identity', attributes: {} };
  const model = encodeModel({
    irVersion: 8,
    opsets: new Map([['', 17]]),
    producer: 'bifocal',
    metadata: new Map(),
    graph: {
      name: 'identity',
      nodes: [{ ...node, inputs: ['x'], outputs: ['y'] }],
      inputs: [{ name: 'x', dataType, dims }],
      outputs: [{ name: 'y', dataType, dims }],
      initializers: new Map(),
    },
  });
  return openSession(model, { device: 'webgpu' });
}
