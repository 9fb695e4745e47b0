// What a job is and how it can be followed. No implementation.

import type { JobKind } from './kinds';

/** `stopping`: it was asked to stop and is saving. `failed`: it said why, or its process was killed. */
export type JobState = 'running' | 'stopping' | 'done' | 'stopped' | 'failed';

/** How far a command is, as it says itself. */
export interface JobProgress {
  /** One line for people. */
  text: string;
  /** Of `total`, in the command's own unit; absent where the command cannot say. */
  done?: number | undefined;
  total?: number | undefined;
  /** Whatever else the command tells of itself: rates, loss, counts. */
  detail?: Record<string, unknown> | undefined;
}

export interface Job {
  id: string;
  kind: JobKind;
  parameters: Record<string, unknown>;
  state: JobState;
  /** ISO 8601. */
  startedAt: string;
  endedAt: string | null;
  /** The last that it told; null before the first. */
  progress: JobProgress | null;
  /** Why it failed, in one line. */
  error: string | null;
}

/** A job with what is too long for lists. */
export interface JobDetail extends Job {
  /** The last lines that the command said beside its progress. */
  notes: string[];
  /** The command's own report (what it prints with --json), once it is done. */
  result: unknown;
}

/** There is no job of that id. */
export class UnknownJob extends Error {
  override readonly name = 'UnknownJob';
}

/** As many jobs of that kind run as may at once. */
export class JobsBusy extends Error {
  override readonly name = 'JobsBusy';
}

/** What a job was to be started with does not make sense; the message names the field. */
export class JobRefused extends Error {
  override readonly name = 'JobRefused';
}
