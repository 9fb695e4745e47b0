// Whether a device answers: known only by computing on it.

import type { Device } from './devices';
import { openIdentity } from './identity';
import { Tensor } from './session';

/** Why the device cannot be used here, on one line; `null` when it can. */
export async function deviceFailure(device: Device): Promise<string | null> {
  try {
    const session = await openIdentity(device, 'float32', 1);
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(7), [1]) });
    await session.release();
    return y?.data[0] === 7 ? null : `${device} computes wrongly`;
  } catch (error) {
    return (error as Error).message;
  }
}
