// Values of tensors that lie on the GPU.

import type { DataType } from '#onnx';
import { openIdentity } from './identity';
import type { Session, Tensor } from './session';

/** One session an element type and rank, kept for the life of the process. */
const sessions = new Map<string, Promise<Session>>();

/**
 * Copies a tensor to CPU memory; a CPU tensor is returned as it is. The original stays the caller's.
 * ONNX Runtime aborts the process on `getData()` here, so an Identity on the same device does it.
 */
export async function download(tensor: Tensor): Promise<Tensor> {
  if (tensor.location !== 'gpu-buffer') return tensor;
  const rank = tensor.dims.length;
  const key = `${tensor.type} ${rank}`;
  const session = sessions.get(key) ?? openIdentity('webgpu', tensor.type as DataType, rank);
  sessions.set(key, session);
  const { y } = await (await session).run({ x: tensor });
  return y as Tensor;
}
