// What the two sides of the engine's channel say to each other, several things a frame (frames.ts).

import type { Engine, EngineOptions, EngineStatus } from './types';

export type Method =
  'encodeTexts' | 'countPieces' | 'encodeImages' | 'search' | 'background' | 'refresh';

/** Parent to child: a call, answered by a reply of the same number. */
export interface Call<M extends Method = Method> {
  number: number;
  method: M;
  args: Parameters<Engine[M]>;
}

export type Reply =
  | { kind: 'value'; number: number; value: unknown }
  | { kind: 'error'; number: number; name: string; message: string };

/** Child to parent: it is ready, or its status is another than it said before; what it answers comes later. */
export interface News {
  kind: 'status';
  status: EngineStatus;
}

/** Child to parent, at most once: it could not open the engine. */
export interface Failure {
  kind: 'failed';
  message: string;
}

export type FromChild = Reply | News | Failure;

/** The child's options are its one argument. */
export const encodeOptions = (options: EngineOptions): string => JSON.stringify(options);
export const decodeOptions = (argument: string): EngineOptions =>
  JSON.parse(argument) as EngineOptions;
