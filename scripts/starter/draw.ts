// Seeded draws by name: what is held out, and which of several ways to say a thing is taken.

import { createHash } from 'node:crypto';

const SEED = 'bifocal starter 1';

/** A number in [0, 1) that depends on the key and the seed alone. */
export function draw(key: string): number {
  return createHash('sha256').update(`${SEED} ${key}`).digest().readUInt32BE(0) / 2 ** 32;
}
