// The server at the other end: sends a call, and makes an error of what it refuses.

import type { OperationName, Operations } from '#api';
import { ApiError, type Answer, type CallOptions, type ClientOptions, type Fields } from './types';

interface Sending<N extends OperationName> extends CallOptions {
  params?: Record<string, string | number>;
  query?: Fields<N> | undefined;
  body?: BodyInit;
  json?: unknown;
}

export class Server {
  private readonly base: string;
  private readonly fetch: typeof fetch;
  private readonly headers: Record<string, string>;

  constructor({ url = '', token, fetch: own = (...of) => fetch(...of) }: ClientOptions = {}) {
    this.base = `${url.replace(/\/+$/, '')}/api/v1`;
    this.fetch = own;
    this.headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }

  /** Method and path are checked against the operation of that name. */
  async call<N extends OperationName>(
    name: N,
    method: Operations[N]['method'],
    path: Operations[N]['path'],
    sending: Sending<N> = {},
  ): Promise<Answer<N>> {
    return (await (await this.send(name, method, path, sending)).json()) as Answer<N>;
  }

  /** As call, for what is answered with bytes. */
  async file<N extends 'thumbnail' | 'original' | 'why' | 'archive'>(
    name: N,
    path: Operations[N]['path'],
    sending: Sending<N>,
  ): Promise<Blob> {
    return (await this.send(name, 'GET', path, sending)).blob();
  }

  /** As call, for what is answered with nothing, or bit by bit. */
  async send<N extends OperationName>(
    _name: N,
    method: Operations[N]['method'],
    path: Operations[N]['path'],
    { params = {}, query, body, json, signal }: Sending<N> = {},
  ): Promise<Response> {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, key: string) =>
      encodeURIComponent(params[key]!),
    );
    const parameters = query ? `?${parametersOf(query as object)}` : '';
    const response = await this.fetch(this.base + filled + parameters, {
      method,
      headers: {
        ...this.headers,
        ...(json !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(json !== undefined ? { body: JSON.stringify(json) } : body !== undefined && { body }),
      ...(signal && { signal }),
    });
    if (response.ok) return response;
    const problem = (await response.json().catch(() => null)) as { detail?: string } | null;
    const retryAfter = response.headers.get('Retry-After');
    throw new ApiError(
      response.status,
      problem?.detail ?? `The server answered ${response.status}.`,
      retryAfter === null ? null : Number(retryAfter),
    );
  }
}

/** Fields as URL parameters; of lists one a value, of what is undefined none. */
export function parametersOf(fields: object): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const each of [value].flat()) {
      if (each !== undefined) parameters.append(name, String(each));
    }
  }
  return parameters;
}
