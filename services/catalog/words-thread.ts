// The thread that finds words in the catalog. Entry point only, for word-finder.ts.

import { parentPort, workerData } from 'node:worker_threads';
import { openCatalog, type TextQuery } from './catalog';
import type { TextMatch } from './words';

export interface WordsQuestion {
  words: string;
  query: TextQuery;
}

export type WordsAnswer = { number: number } & (
  { matches: TextMatch[] } | { name: string; message: string }
);

const port = parentPort!;
const catalog = await openCatalog(workerData as string);
port.on('message', (question: (WordsQuestion & { number: number }) | null) => {
  if (question === null) void catalog.close().finally(() => port.close());
  else port.postMessage(answer(question));
});

function answer({ number, words, query }: WordsQuestion & { number: number }): WordsAnswer {
  try {
    return { number, matches: catalog.fullText(words, query) };
  } catch (error) {
    const { name, message } = error as Error;
    return { number, name, message };
  }
}
