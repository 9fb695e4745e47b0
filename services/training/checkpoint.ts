// Checkpoints: the state of a run in one file, complete or absent.

import { open, readFile, rename, rm } from 'node:fs/promises';
import type { StateValues } from './step/stepper';

const MAGIC = 'bifocal checkpoint 1\n';

interface Header {
  /** Steps done. */
  step: number;
  tensors: { name: string; length: number }[];
}

/** State that only further steps need. */
const FOR_STEPS = /^(moment[12]|momentum|queue)\./;

/** The weights alone of a run's state. */
export function weightsOf(values: StateValues): StateValues {
  return new Map([...values].filter(([name]) => !FOR_STEPS.test(name)));
}

/** Writes `values` after `step` steps: a line of JSON, then the float32 values in its order. */
export async function saveCheckpoint(
  file: string,
  step: number,
  values: StateValues,
): Promise<void> {
  const tensors = [...values].map(([name, { length }]) => ({ name, length }));
  const header: Header = { step, tensors };
  const beside = `${file}.writing`;
  try {
    const handle = await open(beside, 'w');
    try {
      await handle.write(`${MAGIC}${JSON.stringify(header)}\n`);
      for (const value of values.values()) {
        await handle.write(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    // On a full disk half a checkpoint is in the way of what comes next.
    await rm(beside, { force: true });
    throw error;
  }
}

/** Reads what saveCheckpoint wrote. Throws one line where the file is not a whole checkpoint. */
export async function loadCheckpoint(file: string): Promise<{ step: number; values: StateValues }> {
  const content = await readFile(file);
  const end = content.indexOf('\n', MAGIC.length);
  if (content.toString('latin1', 0, MAGIC.length) !== MAGIC || end < 0) {
    throw new Error(`${file} is not a checkpoint of this version`);
  }
  const header = JSON.parse(content.toString('utf8', MAGIC.length, end)) as Header;
  const values: StateValues = new Map();
  let at = end + 1;
  for (const { name, length } of header.tensors) {
    const bytes = content.subarray(at, at + 4 * length);
    if (bytes.length !== 4 * length) throw new Error(`${file} ends early: it is damaged`);
    values.set(name, new Float32Array(new Uint8Array(bytes).buffer));
    at += 4 * length;
  }
  return { step: header.step, values };
}
