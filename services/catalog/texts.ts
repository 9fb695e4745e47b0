// Caption texts and the pictures that carry them: queries whose answer is known.

import type { Connection } from './sqlite';
import { CARRIERS, PRESENT_TEXTS } from './sqlite';

/** At most `count` different captions of pictures on the disk, evenly spread over the catalog. */
export function sampleTexts(database: Connection, count: number): string[] {
  const texts = database.prepare(PRESENT_TEXTS).pluck().all() as string[];
  const step = Math.max(1, texts.length / count);
  return texts
    .filter((_, n) => Math.floor(n / step) !== Math.floor((n - 1) / step))
    .slice(0, count);
}

/** The items that carry each text, word for word; texts that none carries are absent. */
export function carriers(database: Connection, texts: readonly string[]): Map<string, number[]> {
  const rows = database.prepare(CARRIERS).raw().all(JSON.stringify(texts)) as [string, string][];
  return new Map(rows.map(([text, items]) => [text, JSON.parse(items) as number[]]));
}
