// What the two sides of the engine's channel say to each other. Values travel by structured clone.

import type { Engine, EngineOptions } from './types';

export type Method =
  'status' | 'encodeTexts' | 'encodeImages' | 'search' | 'background' | 'refresh';

/** Parent to child: a call, answered by a reply of the same number. */
export interface Call<M extends Method = Method> {
  number: number;
  method: M;
  args: Parameters<Engine[M]>;
}

export type Reply =
  | { kind: 'value'; number: number; value: unknown }
  | { kind: 'error'; number: number; name: string; message: string };

/** Child to parent, once: whether it could open the engine. */
export type Opening = { kind: 'ready' } | { kind: 'failed'; message: string };

export type FromChild = Reply | Opening;

/** The child's options are its one argument. */
export const encodeOptions = (options: EngineOptions): string => JSON.stringify(options);
export const decodeOptions = (argument: string): EngineOptions =>
  JSON.parse(argument) as EngineOptions;
