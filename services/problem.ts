// What goes wrong, as it is told over HTTP: one clear line in problem+json (RFC 9457).

export const PROBLEM_TYPE = 'application/problem+json';

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Sign in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not for this',
  408: 'Too slow',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported type',
  416: 'No such part',
  421: 'Misdirected',
  422: 'Cannot be read as a picture',
  429: 'Too often',
  431: 'Headers too large',
  500: 'Internal error',
  501: 'Not implemented',
  503: 'Warming up',
  507: 'Out of space',
};

/** The body of an answer of this status. */
export function problemText(status: number, detail: string): string {
  return JSON.stringify({ type: 'about:blank', title: TITLES[status], status, detail });
}
