// Runs together what is asked for together: while one batch runs, the next collects.

interface Waiting<In, Out> {
  inputs: In[];
  resolve: (outputs: Out[]) => void;
  reject: (error: unknown) => void;
}

/** Joins concurrent calls of `run`, which gives one output an input, up to `limit` inputs a run. */
export class Batcher<In, Out> {
  private waiting: Waiting<In, Out>[] = [];
  private running = false;

  constructor(
    private readonly run: (inputs: In[]) => Promise<Out[]>,
    private readonly limit: number,
  ) {}

  ask(inputs: In[]): Promise<Out[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ inputs, resolve, reject });
      if (this.running) return;
      this.running = true;
      // A run blocks the thread. Requests that are here already shall be in it, not behind it.
      setImmediate(() => void this.drain());
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.take();
      try {
        const outputs = await this.run(batch.flatMap(({ inputs }) => inputs));
        let first = 0;
        for (const { inputs, resolve } of batch) {
          resolve(outputs.slice(first, (first += inputs.length)));
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.running = false;
  }

  /** Whole calls, the first one whatever its size. */
  private take(): Waiting<In, Out>[] {
    let count = 0;
    const end = this.waiting.findIndex(
      ({ inputs }, call) => (count += inputs.length) > this.limit && call > 0,
    );
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }
}
