// The inputs of a text tower: token ids and what goes with them, padded.

import { Tensor } from '#runtime';
import type { Tensors } from './batch';
import type { Tower } from '../tower/tower';

/** An input of a text tower. */
export interface TextInput {
  name: string;
  dataType: 'int32' | 'int64';
}

/** What each input holds at a position: `id` is undefined past the caption's end. */
const CELLS: Record<string, (id: number | undefined, position: number, padId: number) => number> = {
  input_ids: (id, _, padId) => id ?? padId,
  attention_mask: (id) => (id === undefined ? 0 : 1),
  token_type_ids: () => 0,
  position_ids: (_, position) => position,
};

/**
 * What the batches must feed a text tower. Throws one line that names an input which nothing is known
 * to be fed to.
 */
export function textInputsOf({ graph, inputs }: Tower): TextInput[] {
  return graph.inputs
    .filter(({ name }) => name in inputs)
    .map(({ name, dataType }) => {
      if (!(name in CELLS) || (dataType !== 'int64' && dataType !== 'int32')) {
        const known = `${Object.keys(CELLS).join(', ')} of int64 or int32`;
        throw new Error(`the text tower has an input ${name} of ${dataType}; known are ${known}`);
      }
      return { name, dataType };
    });
}

/** The inputs of a text tower, [rows, length] each, padded at the end. */
export function textTensors(
  rows: readonly Int32Array[],
  length: number,
  padId: number,
  inputs: readonly TextInput[],
): Tensors {
  const dims = [rows.length, length];
  return Object.fromEntries(
    inputs.map(({ name, dataType }) => {
      const cell = CELLS[name]!;
      const values = new Int32Array(rows.length * length);
      rows.forEach((row, index) => {
        for (let at = 0; at < length; at++) values[index * length + at] = cell(row[at], at, padId);
      });
      const tensor =
        dataType === 'int32'
          ? new Tensor('int32', values, dims)
          : new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
      return [name, tensor];
    }),
  );
}
