// What is asked and answered, for instance: recorded from a server over the sample gallery, cut short.

import examples from './examples.json' with { type: 'json' };

export interface Example {
  query?: Record<string, unknown>;
  /** Of JSON bodies. */
  body?: unknown;
  /** Of JSON answers, and of one event of a stream. */
  answer?: unknown;
}

/** By the name of an operation. */
export function exampleOf(name: string): Example {
  return (examples as Record<string, Example>)[name] ?? {};
}
