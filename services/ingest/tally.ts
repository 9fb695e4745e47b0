// What a run has done so far, and at the end.

import type { Failure } from './reasons';

/** Counts so far. Pictures that are found but not yet dealt with are in none of the other counts. */
export interface IngestProgress {
  found: number;
  /** Stored in this run: new, changed, or not yet embedded by this model. */
  added: number;
  unchanged: number;
  failed: number;
  seconds: number;
}

export interface IngestReport extends IngestProgress {
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
  readonly failures: Failure[] = [];
  private readonly start = performance.now();

  progress(): IngestProgress {
    const { found, added, unchanged, failures } = this;
    const seconds = (performance.now() - this.start) / 1000;
    return { found, added, unchanged, failed: failures.length, seconds };
  }

  report(): IngestReport {
    const progress = this.progress();
    const { added, seconds } = progress;
    return {
      ...progress,
      removed: this.removed,
      failures: this.failures,
      imagesPerSecond: added / seconds,
    };
  }
}
