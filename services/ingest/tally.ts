// What a run has done so far, and at the end.

import type { Failure } from './reasons';

/** Counts so far. What is found but not yet dealt with is in none of the other counts. */
interface Counts {
  /** Files that are or claim to be pictures, and folders, links and lists that cannot be used. */
  found: number;
  /** Stored in this run: new, changed, or not yet embedded by this model. */
  added: number;
  unchanged: number;
  failed: number;
  seconds: number;
}

/** Counts so far, and what `found` will come to, as soon as that is known. */
export interface IngestProgress extends Counts {
  total: number | undefined;
}

export interface IngestReport extends Counts {
  /** Files that were here before and have gone from the disk. */
  removed: number;
  failures: Failure[];
  /** Pictures added a second. */
  imagesPerSecond: number;
}

export class Tally {
  found = 0;
  added = 0;
  unchanged = 0;
  removed = 0;
  total: number | undefined;
  readonly failures: Failure[] = [];
  /** Of texts beside pictures, which nobody counts until the end. */
  readonly textFailures: Failure[] = [];
  private readonly start = performance.now();

  progress(): IngestProgress {
    return { ...this.counts(), total: this.total };
  }

  report(): IngestReport {
    const counts = this.counts();
    const failures = [...this.failures, ...this.textFailures];
    return {
      ...counts,
      failed: failures.length,
      removed: this.removed,
      failures,
      imagesPerSecond: counts.added / counts.seconds,
    };
  }

  private counts(): Counts {
    const { found, added, unchanged, failures } = this;
    const seconds = (performance.now() - this.start) / 1000;
    return { found, added, unchanged, failed: failures.length, seconds };
  }
}
