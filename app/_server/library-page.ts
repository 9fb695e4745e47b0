// What the library page shows when it is opened.
import type { CollectionAnswer, FailuresAnswer, JobAnswer } from '#api';
import { hasEnded } from '#jobs';
import { collectionsOverview } from './pictures';
import { catalog, jobs } from './services';

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
  const [counts, collections, all] = await Promise.all([
    from.counts(),
    collectionsOverview(),
    jobs().list(),
  ]);
  return {
    pictures: counts.items,
    collections,
    failures: {
      total: counts.files.failed,
      failures: from.files.failures({ limit: FAILURES, offset: 0 }),
    },
    running: all.filter((job) => job.kind === 'ingest' && !hasEnded(job)),
  };
}
