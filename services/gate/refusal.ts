// What does not pass, as it is told: one line in problem+json (RFC 9457).

import type { ServerResponse } from 'node:http';

export type Refusal = [status: number, detail: string, retryAfter?: number];

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Sign in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not for this',
  408: 'Too slow',
  421: 'Misdirected',
  429: 'Too often',
  431: 'Headers too large',
  501: 'Not implemented',
};

export const PROBLEM_TYPE = 'application/problem+json';

export function problemText(status: number, detail: string): string {
  return JSON.stringify({ type: 'about:blank', title: TITLES[status], status, detail });
}

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
