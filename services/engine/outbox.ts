// What is said in one turn of the event loop, sent as one message: a message costs each side some 20 µs,
// however much is in it, and a server under load has dozens of calls under way.

export class Outbox<T> {
  private waiting: T[] = [];

  constructor(private readonly send: (parts: T[]) => void) {}

  put(part: T): void {
    if (this.waiting.push(part) > 1) return;
    setImmediate(() => {
      const parts = this.waiting;
      this.waiting = [];
      this.send(parts);
    });
  }
}
