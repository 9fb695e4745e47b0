// What the client's methods take and give, told from the schemas that the server validates with; of them it carries
// nothing at run time.

import type { z } from 'zod';
import type { OperationName, Operations } from '#api';

type Has<N extends OperationName, K extends string> =
  Operations[N] extends Record<K, infer V> ? V : never;

/** The fields of a route's query. */
export type Fields<N extends OperationName> =
  Has<N, 'query'> extends z.ZodType ? z.input<Has<N, 'query'>> : never;

/** What a route answers. */
export type Answer<N extends OperationName> = Operations[N]['answer'] extends {
  schema: infer S extends z.ZodType;
}
  ? z.output<S>
  : never;

export interface ClientOptions {
  /** Where the server is, `https://pictures.example`; by default where the page came from. */
  url?: string;
  /** The server's BIFOCAL_TOKEN, where it has one and no cookie says so. */
  token?: string;
  fetch?: typeof fetch;
}

export interface CallOptions {
  signal?: AbortSignal;
}

/** What the server refused, in its own line. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    message: string,
    /** Seconds until it is worth while to ask again, where the server says so. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}
