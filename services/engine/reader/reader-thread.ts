// A thread that reads the catalog as it is asked to. Entry point only, for reader.ts.

import { parentPort, workerData } from 'node:worker_threads';
import { openEmbeddings } from '#catalog';
import type { PreparedRows } from '#vector-rows';
import { readChanges, readRows, type Changes, type VectorSource } from './reading';

export type Question = { source: VectorSource } & (
  { kind: 'changes'; known: Uint32Array } | { kind: 'rows'; ids: Uint32Array }
);

/** `null` ends the thread when it has answered all before. */
export type ToThread = (Question & { number: number }) | null;

export type Answer = { number: number } & (
  { result: Changes | PreparedRows } | { message: string }
);

const port = parentPort!;
const { embeddings, close } = await openEmbeddings(workerData as string);
port.on('message', (question: ToThread) => {
  if (question !== null) return answer(question);
  close();
  port.close();
});

function answer({ number, ...question }: Question & { number: number }): void {
  try {
    const result = ask(question);
    const buffers = Object.values(result).map(({ buffer }) => buffer as ArrayBuffer);
    port.postMessage({ number, result } satisfies Answer, buffers);
  } catch (error) {
    port.postMessage({ number, message: (error as Error).message } satisfies Answer);
  }
}

function ask(question: Question): Changes | PreparedRows {
  return question.kind === 'changes'
    ? readChanges(embeddings, question.source, question.known)
    : readRows(embeddings, question.source, question.ids);
}
