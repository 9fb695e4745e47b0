// The answer to what does not pass.

import type { ServerResponse } from 'node:http';
import { PROBLEM_TYPE, problemText } from '#problem';

export type Refusal = [status: number, detail: string, retryAfter?: number];

/** Answers, and is false, as a request that goes no further. */
export function refuse(response: ServerResponse, refusal: Refusal): false {
  const [status, detail, retryAfter] = refusal;
  if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
  // Whatever is still being sent need not be.
  response.setHeader('Connection', 'close');
  response.writeHead(status, { 'Content-Type': PROBLEM_TYPE });
  response.end(problemText(status, detail));
  return false;
}
