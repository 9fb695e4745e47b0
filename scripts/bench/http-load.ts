// Requests to a server over kept connections, and how long their answers take.

import http from 'node:http';

export interface Request {
  method: 'GET' | 'POST' | 'OPTIONS';
  path: string;
  type?: string;
  body?: Buffer;
}

/** What is asked the nth time. */
export type Asker = (n: number) => Request;

/** Milliseconds of the answers, and how many came. */
export interface Times {
  p50: number;
  p99: number;
  perSecond: number;
}

export interface Load {
  port: number;
  asker: Asker;
  connections: number;
  /** What is asked first is asked as the `from`th. */
  from: number;
  /** Whether another is to be asked, of so many asked before. */
  goesOn: (asked: number) => boolean;
}

/** Resolves to the status, when the whole answer is there. */
export function ask(port: number, agent: http.Agent, { method, path, type, body }: Request) {
  return new Promise<number>((resolve, reject) => {
    const headers = {
      ...(type && { 'Content-Type': type }),
      ...(body && { 'Content-Length': body.length }),
    };
    const request = http.request({ host: 'localhost', port, agent, method, path, headers });
    request.on('error', reject).on('response', (response) => {
      response.resume().on('end', () => resolve(response.statusCode!));
    });
    request.end(body);
  });
}

/**
 * Asks `connections` at a time. The first answer on each does not count: it waits until all of them
 * are open.
 */
export async function times({ port, asker, connections, from, goesOn }: Load): Promise<Times> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const taken: number[] = [];
  let next = from;
  const one = async () => {
    const request = asker(next++);
    const began = performance.now();
    const status = await ask(port, agent, request);
    if (status >= 400) throw new Error(`${request.method} ${request.path}: ${status}`);
    return performance.now() - began;
  };
  const each = async (work: () => Promise<void>) => {
    await Promise.all(Array.from({ length: connections }, work));
  };
  await each(async () => void (await one()));
  const started = performance.now();
  await each(async () => {
    while (goesOn(next - from - connections)) taken.push(await one());
  });
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  taken.sort((a, b) => a - b);
  const at = (share: number) =>
    taken[Math.min(taken.length - 1, Math.floor(share * taken.length))]!;
  return { p50: at(0.5), p99: at(0.99), perSecond: taken.length / seconds };
}
