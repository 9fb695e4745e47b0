// Full-text search on a thread and a connection of its own: a common word takes milliseconds, which a server's
// own thread has better use for.

import path from 'node:path';
import { config } from '#config';
import { Thread } from '#thread';
import type { FullText, TextQuery } from './catalog';
import type { WordsAnswer, WordsQuestion } from './words-thread';
import type { TextMatch } from './words';

type WordsThread = Thread<WordsQuestion, WordsAnswer, TextMatch[]>;

export class WordFinder implements FullText {
  private thread: WordsThread | undefined;

  /** @param file - the database. */
  constructor(private readonly file: string) {}

  /** As Catalog's. Starts the thread if none is there, or the last has failed. */
  fullText(words: string, query: TextQuery): Promise<TextMatch[]> {
    if (this.thread === undefined || this.thread.hasEnded) this.thread = start(this.file);
    return this.thread.ask({ words, query });
  }

  async close(): Promise<void> {
    await this.thread?.close('the thread that finds words is closed');
  }
}

function start(file: string): WordsThread {
  return new Thread({
    program: 'services/catalog/words-thread.ts',
    workerData: file,
    work: 'finds words',
    read: (answer) => {
      if ('matches' in answer) return answer.matches;
      throw Object.assign(new Error(answer.message), { name: answer.name });
    },
  });
}

/** @param file - the database; by default bifocal.db in the data folder. */
export function openWordFinder(file = path.join(config().home, 'bifocal.db')): WordFinder {
  return new WordFinder(path.resolve(file));
}
