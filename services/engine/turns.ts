// What has come in at once, dealt with a few things a turn of the event loop, in order: whoever waited for
// an answer goes on in the same turn, and 64 of them together hold up timers and everybody else.

const together = 8;

export class Turns {
  private waiting: (() => void)[] = [];

  /** Does these after what was put here before: now, if nothing waits, or in the next turns. */
  put(tasks: readonly (() => void)[]): void {
    const idle = this.waiting.length === 0;
    this.waiting.push(...tasks);
    if (idle) this.take();
  }

  private take(): void {
    const now = this.waiting.splice(0, together);
    if (this.waiting.length > 0) setImmediate(() => this.take());
    for (const task of now) task();
  }
}
