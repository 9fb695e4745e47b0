// What the library page shows when it is opened.
import type { CollectionAnswer, FailuresAnswer, JobAnswer } from '#api';
import { hasEnded } from '#jobs';
import { failuresOf } from './failures';
import { collectionsOverview } from './pictures';
import { catalog, jobs } from './services';
import { shownJob } from './shown-job';

/** Failures shown at once. */
const FAILURES = 20;

export interface LibraryPage {
  pictures: number;
  collections: CollectionAnswer[];
  failures: FailuresAnswer;
  /** Ingests that are at work. */
  running: JobAnswer[];
}

export async function loadLibrary(): Promise<LibraryPage> {
  const from = await catalog();
  const [counts, collections, failures, all] = await Promise.all([
    from.counts(),
    collectionsOverview(),
    failuresOf({ limit: FAILURES, offset: 0 }),
    jobs().list(),
  ]);
  return {
    pictures: counts.items,
    collections,
    failures,
    running: all.filter((job) => job.kind === 'ingest' && !hasEnded(job)).map(shownJob),
  };
}
