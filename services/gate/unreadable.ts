// What comes over a connection and is no request that Node can read: told in the same way as everything else.

import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEM_TYPE, problemText } from '#problem';
import type { Refusal } from './refusal';

/** By Node's code of the error. */
const REFUSALS: Record<string, Refusal> = {
  HPE_HEADER_OVERFLOW: [431, 'The address and the headers may have 16 kB together.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not come to its end in time.'],
};
const NO_HTTP: Refusal = [400, 'This is no request in HTTP/1.1 that can be read.'];

/** For a server's event `clientError`. */
export function answerUnreadable({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || code === 'ECONNRESET') return void socket.destroy();
  const [status, detail] = REFUSALS[code] ?? NO_HTTP;
  const body = problemText(status, detail);
  const headers = [
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join('\r\n')}\r\n\r\n${body}`,
  );
}
