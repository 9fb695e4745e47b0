// Explaining in a process of its own, seen from the server: started when it is first asked, ended when
// nobody has asked for a while. Loads no runtime into this process.

import type { ChildProcess } from 'node:child_process';
import { startProcess } from '#process';
import type { Answered, Explanation, Question } from './protocol';

/** It holds a model, so it goes when it is not needed. */
const idleMs = 5 * 60_000;

interface Pending {
  resolve: (explanation: Explanation) => void;
  reject: (error: Error) => void;
}

export class ExplainerProcess {
  private child: ChildProcess | undefined;
  private readonly pending = new Map<number, Pending>();
  private asked = 0;
  private idle: NodeJS.Timeout | undefined;

  /** @throws ImageError if the picture cannot be decoded; one line if the model cannot be explained */
  ask(question: Question): Promise<Explanation> {
    const child = (this.child ??= this.start());
    clearTimeout(this.idle);
    const number = ++this.asked;
    return new Promise<Explanation>((resolve, reject) => {
      this.pending.set(number, { resolve, reject });
      child.send({ ...question, number }, (error) => {
        if (error) this.settle(number)?.reject(error);
      });
    });
  }

  close(): void {
    clearTimeout(this.idle);
    this.child?.kill();
  }

  private start(): ChildProcess {
    const child = startProcess('services/explain/child.ts');
    child.on('message', (message) => this.receive(message as Answered));
    child.once('error', ({ message }) => this.lost(child, message));
    child.once('exit', (code, signal) => this.lost(child, signal ?? `exit code ${code}`));
    child.unref();
    child.channel?.unref();
    return child;
  }

  private receive(answered: Answered): void {
    const pending = this.settle(answered.number);
    if ('explanation' in answered) pending?.resolve(answered.explanation);
    else pending?.reject(Object.assign(new Error(answered.message), { name: answered.name }));
    if (this.pending.size > 0) return;
    this.idle = setTimeout(() => this.child?.kill(), idleMs);
    this.idle.unref();
  }

  private settle(number: number): Pending | undefined {
    const pending = this.pending.get(number);
    this.pending.delete(number);
    return pending;
  }

  private lost(child: ChildProcess, how: string): void {
    if (child !== this.child) return;
    this.child = undefined;
    for (const { reject } of this.pending.values()) {
      reject(new Error(`the process that explains pictures ended: ${how}`));
    }
    this.pending.clear();
  }
}
