// How every command talks: a result on stdout, progress and remarks on stderr, errors of wrong use.

import { Option } from 'commander';

/** Milliseconds between two progress lines where lines cannot be overwritten. */
const QUIET = 5000;

/** The command line does not make sense: exit code 2, where other failures are 1. */
export class UsageError extends Error {}

/** How far a command is, in numbers. */
export interface Extent {
  done?: number | undefined;
  total?: number | undefined;
  detail?: Record<string, unknown>;
}

let listener: ((progress: Extent & { text: string }) => void) | undefined;

/** Has every progress of this process told to `tell` too: the process is a job that somebody follows. */
export function tellProgress(tell: typeof listener): void {
  listener = tell;
}

/** `--json`, the same in every command. */
export function jsonOption(): Option {
  return new Option('--json', 'print one JSON object as the last line, nothing else on stdout');
}

export class Output {
  #line = '';
  #shown = 0;

  constructor(private readonly json: boolean) {}

  /**
   * What is going on now, on one line that the next call overwrites.
   *
   * @param extent - the same for programs.
   */
  progress(text: string, extent: Extent = {}): void {
    listener?.({ text, ...extent });
    if (listener === undefined) this.#show(text);
  }

  #show(text: string): void {
    if (process.stderr.isTTY) {
      const width = process.stderr.columns || 80;
      this.#line = text.slice(0, width - 1);
      process.stderr.write(`\r\x1b[K${this.#line}`);
    } else if (performance.now() - this.#shown > QUIET) {
      this.#shown = performance.now();
      process.stderr.write(`${text}\n`);
    }
  }

  /** A line that stays: a warning, or why something is left out. */
  note(text: string): void {
    this.#clear();
    process.stderr.write(`${text}\n`);
  }

  /** The outcome, once: the object with `--json`, else what `human` makes of it. */
  result<T>(value: T, human: (value: T) => string): void {
    this.#clear();
    process.stdout.write(`${this.json ? JSON.stringify(value) : human(value)}\n`);
  }

  #clear(): void {
    if (this.#line) process.stderr.write('\r\x1b[K');
    this.#line = '';
  }
}

/** A name of a file as one line: names may hold line breaks, and worse. */
export function oneLine(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Rows as aligned columns, two spaces apart. Numbers stand right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => String(row[column]).length)),
  );
  const cell = (value: string | number, column: number) =>
    typeof value === 'number'
      ? String(value).padStart(widths[column]!)
      : value.padEnd(widths[column]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
