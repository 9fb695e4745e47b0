// Answers to questions that were asked before, as long as nothing they depend on has changed.

/** Answers remembered: with a page of hits each, some ten megabytes. */
const REMEMBERED = 300;

/**
 * Milliseconds that a state must have lasted for an answer to be remembered: the engine takes up what was
 * written a little later than the catalog says so, and would answer with the old until then.
 */
const SETTLED_MS = 3_000;

export class AnswerCache<T> {
  private state = '';
  private since = -Infinity;
  /** The one used last at the end. */
  private readonly answers = new Map<string, Promise<T>>();

  /**
   * The answer to `question`, made anew unless it was made under this very `state`. Who asks while it is
   * being made gets the same.
   */
  async of(
    question: string,
    state: string,
    make: () => Promise<T>,
    now = performance.now(),
  ): Promise<{ answer: T; known: boolean }> {
    if (state !== this.state) {
      this.answers.clear();
      // What held before the first question is not known to be new.
      if (this.state !== '') this.since = now;
      this.state = state;
    }
    const kept = this.answers.get(question);
    if (kept !== undefined) {
      this.answers.delete(question);
      this.answers.set(question, kept);
      return { answer: await kept, known: true };
    }
    const answer = make();
    if (now - this.since >= SETTLED_MS) this.keep(question, answer);
    return { answer: await answer, known: false };
  }

  private keep(question: string, answer: Promise<T>): void {
    this.answers.set(question, answer);
    if (this.answers.size > REMEMBERED) this.answers.delete(this.answers.keys().next().value!);
    answer.catch(() => {
      if (this.answers.get(question) === answer) this.answers.delete(question);
    });
  }
}
