// Work that is done again whenever there is a reason to, once at a time, and again after a pause if it fails.

/** How long after a failure it is not tried again. */
const pauseMs = 1_000;

export class Chore {
  /** Why it failed the last time it was done. */
  trouble: string | undefined;
  private due = true;
  private busy = false;
  private pausedUntil = 0;

  constructor(private readonly work: () => Promise<void>) {}

  /** To be called every so often. Does the work in the background, if it has to be done. */
  tend(due: boolean): void {
    this.due ||= due;
    if (!this.due || this.busy || performance.now() < this.pausedUntil) return;
    this.due = false;
    this.busy = true;
    this.work()
      .then(
        () => (this.trouble = undefined),
        (error: Error) => this.failed(error),
      )
      .finally(() => (this.busy = false));
  }

  private failed({ message }: Error): void {
    this.trouble = message;
    this.due = true;
    this.pausedUntil = performance.now() + pauseMs;
  }
}
