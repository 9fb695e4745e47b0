// Outputs into memory that is there already, without the copy that onnxruntime-node makes of them.
//
// Given tensors to fill, version 1.30.0 fills them and then copies every output into a fresh
// ArrayBuffer all the same, in the order of the graph's outputs: for the gradients of a large model
// that takes a quarter of a step. An output that is a sequence makes it throw where its copy would be.
// So a model gets one as its first output, and what is thrown is expected. Other versions, whose
// behaviour is not known, run the plain way and may copy.

import ort from 'onnxruntime-node';

/** The name of the output that stops the copying. */
export const STOP_OUTPUT = 'bifocal.stop';

const STOP_MESSAGE = 'Non tensor type is temporarily not supported.';

const known = ort.env.versions.node === '1.30.0';

/** Whether a failed run is one that was stopped after filling its outputs. */
export function stoppedCopying(error: unknown): boolean {
  return (error as Error).message === STOP_MESSAGE;
}

/** A model file with a sequence as its first output, where this version needs it; else as it is. */
export function withStop(model: Uint8Array): Uint8Array {
  if (!known) return model;
  // Protocol buffers join messages that stand behind each other, their lists in order: a model with
  // nothing but `graph { node { op_type: SequenceEmpty } output }` goes in front.
  const name = text(STOP_OUTPUT);
  const node = field(1, [...field(2, name), ...field(4, text('SequenceEmpty'))]);
  const output = field(12, field(1, name));
  const prefix = field(7, [...node, ...output]);
  const joined = new Uint8Array(prefix.length + model.length);
  joined.set(prefix);
  joined.set(model, prefix.length);
  return joined;
}

/** A field of bytes, shorter than 128, in the wire format of protocol buffers. */
function field(number: number, bytes: number[]): number[] {
  return [number * 8 + 2, bytes.length, ...bytes];
}

function text(value: string): number[] {
  return [...Buffer.from(value)];
}
