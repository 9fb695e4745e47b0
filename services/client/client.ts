// A typed client of the API, for browsers and Node: one method a route. Its types come from the schemas that the
// server validates with; of them it carries nothing at run time.

import type { z } from 'zod';
import type { JobStart, OperationName, Operations } from '#api';
import { events } from './events';

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

interface Sending<N extends OperationName> extends CallOptions {
  params?: Record<string, string | number>;
  query?: Fields<N> | undefined;
  body?: BodyInit;
  json?: unknown;
}

export class Client {
  private readonly base: string;
  private readonly fetch: typeof fetch;
  private readonly headers: Record<string, string>;

  constructor({ url = '', token, fetch: own = (...of) => fetch(...of) }: ClientOptions = {}) {
    this.base = `${url.replace(/\/+$/, '')}/api/v1`;
    this.fetch = own;
    this.headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }

  search(query: Fields<'search'>, options?: CallOptions): Promise<Answer<'search'>> {
    return this.call('search', 'GET', '/search', { query, ...options });
  }

  /** Searches by a picture, together with words where `query` has some. */
  searchByPicture(
    picture: Blob,
    query: Fields<'search'> = {},
    options?: CallOptions,
  ): Promise<Answer<'searchByPicture'>> {
    const body = new FormData();
    body.set('image', picture);
    for (const [name, value] of parametersOf(query)) body.append(name, value);
    return this.call('searchByPicture', 'POST', '/search', { body, ...options });
  }

  item(id: number, options?: CallOptions): Promise<Answer<'item'>> {
    return this.call('item', 'GET', '/items/{id}', { params: { id }, ...options });
  }

  /** A picture, small, as WebP. A page shows the address in a hit; this is for who sends a token. */
  thumbnail(id: number, query: Fields<'thumbnail'> = {}, options?: CallOptions): Promise<Blob> {
    return this.file('thumbnail', '/items/{id}/thumbnail', { params: { id }, query, ...options });
  }

  /** A picture's own file, as it is on the disk. */
  original(id: number, options?: CallOptions): Promise<Blob> {
    return this.file('original', '/items/{id}/original', { params: { id }, ...options });
  }

  /** The files of some pictures, at most 500, in one ZIP. */
  archive(ids: readonly number[], options?: CallOptions): Promise<Blob> {
    return this.file('archive', '/items/archive', { query: { ids: ids.join(',') }, ...options });
  }

  /** Where in a picture the match with a term lies: a WebP to lay over it. */
  why(id: number, query: Fields<'why'>, options?: CallOptions): Promise<Blob> {
    return this.file('why', '/items/{id}/why', { params: { id }, query, ...options });
  }

  /** Forgets a picture; its files stay on the disk. */
  async forgetItem(id: number, options?: CallOptions): Promise<void> {
    await this.send('forgetItem', 'DELETE', '/items/{id}', { params: { id }, ...options });
  }

  facets(query: Fields<'facets'> = {}, options?: CallOptions): Promise<Answer<'facets'>> {
    return this.call('facets', 'GET', '/facets', { query, ...options });
  }

  status(options?: CallOptions): Promise<Answer<'status'>> {
    return this.call('status', 'GET', '/status', options);
  }

  /** The pictures that satisfy a filter, a page after the other (`after`: `next` of the page before). */
  items(query: Fields<'items'> = {}, options?: CallOptions): Promise<Answer<'items'>> {
    return this.call('items', 'GET', '/items', { query, ...options });
  }

  /** Forgets pictures; their files stay on the disk. */
  forgetItems(ids: number[], options?: CallOptions): Promise<Answer<'forgetItems'>> {
    return this.call('forgetItems', 'POST', '/items/forget', { json: { ids }, ...options });
  }

  collections(options?: CallOptions): Promise<Answer<'collections'>> {
    return this.call('collections', 'GET', '/collections', options);
  }

  /** Puts pictures into a collection, which is made if there is none of that name. */
  addToCollection(
    name: string,
    ids: number[],
    options?: CallOptions,
  ): Promise<Answer<'addToCollection'>> {
    const sending = { params: { name }, json: { ids }, ...options };
    return this.call('addToCollection', 'POST', '/collections/{name}/items', sending);
  }

  /** Takes pictures out of a collection; they stay in the library. */
  takeOutOfCollection(
    name: string,
    ids: number[],
    options?: CallOptions,
  ): Promise<Answer<'takeOutOfCollection'>> {
    const sending = { params: { name }, json: { ids }, ...options };
    return this.call('takeOutOfCollection', 'POST', '/collections/{name}/items/remove', sending);
  }

  /** Forgets a collection; its pictures stay. */
  async forgetCollection(name: string, options?: CallOptions): Promise<void> {
    await this.send('forgetCollection', 'DELETE', '/collections/{name}', {
      params: { name },
      ...options,
    });
  }

  /** Keeps a picture in the server's data folder; the job "ingest" takes it in from there. */
  upload(
    name: string,
    picture: Blob,
    query: Fields<'upload'> = {},
    options?: CallOptions,
  ): Promise<Answer<'upload'>> {
    return this.call('upload', 'PUT', '/uploads/{name}', {
      params: { name },
      query,
      body: picture,
      ...options,
    });
  }

  failures(query: Fields<'failures'> = {}, options?: CallOptions): Promise<Answer<'failures'>> {
    return this.call('failures', 'GET', '/failures', { query, ...options });
  }

  embedTexts(texts: string[], options?: CallOptions): Promise<Answer<'embedTexts'>> {
    return this.call('embedTexts', 'POST', '/embeddings', { json: { texts }, ...options });
  }

  embedPictures(pictures: Blob[], options?: CallOptions): Promise<Answer<'embedPictures'>> {
    const body = new FormData();
    for (const picture of pictures) body.append('image', picture);
    return this.call('embedPictures', 'POST', '/embeddings/pictures', { body, ...options });
  }

  jobs(query: Fields<'jobs'> = {}, options?: CallOptions): Promise<Answer<'jobs'>> {
    return this.call('jobs', 'GET', '/jobs', { query, ...options });
  }

  startJob(json: JobStart, options?: CallOptions): Promise<Answer<'startJob'>> {
    return this.call('startJob', 'POST', '/jobs', { json, ...options });
  }

  job(id: string, options?: CallOptions): Promise<Answer<'job'>> {
    return this.call('job', 'GET', '/jobs/{id}', { params: { id }, ...options });
  }

  stopJob(id: string, options?: CallOptions): Promise<Answer<'stopJob'>> {
    return this.call('stopJob', 'POST', '/jobs/{id}/stop', { params: { id }, ...options });
  }

  async forgetJob(id: string, options?: CallOptions): Promise<void> {
    await this.send('forgetJob', 'DELETE', '/jobs/{id}', { params: { id }, ...options });
  }

  /** A job each time that it has changed, until it has ended; a connection that breaks is made again. */
  followJob(id: string, { signal }: CallOptions = {}): AsyncGenerator<Answer<'followJob'>, void> {
    const open = () =>
      this.send('followJob', 'GET', '/jobs/{id}/events', {
        params: { id },
        ...(signal && { signal }),
      });
    return events(open, (job) => job.endedAt !== null, signal);
  }

  runs(options?: CallOptions): Promise<Answer<'runs'>> {
    return this.call('runs', 'GET', '/runs', options);
  }

  run(run: string, options?: CallOptions): Promise<Answer<'run'>> {
    return this.call('run', 'GET', '/runs/{run}', { params: { run }, ...options });
  }

  models(options?: CallOptions): Promise<Answer<'models'>> {
    return this.call('models', 'GET', '/models', options);
  }

  /** Pictures for words, by a model that need not serve. ApiError 503 while its engine starts. */
  searchModel(
    fingerprint: string,
    query: Fields<'searchModel'>,
    options?: CallOptions,
  ): Promise<Answer<'searchModel'>> {
    const sending = { params: { fingerprint }, query, ...options };
    return this.call('searchModel', 'GET', '/models/{fingerprint}/search', sending);
  }

  map(options?: CallOptions): Promise<Answer<'map'>> {
    return this.call('map', 'GET', '/map', options);
  }

  mapPictures(ids: readonly number[], options?: CallOptions): Promise<Answer<'mapPictures'>> {
    return this.call('mapPictures', 'GET', '/map/pictures', {
      query: { ids: ids.join(',') },
      ...options,
    });
  }

  /** Method and path are checked against the operation of that name. */
  private async call<N extends OperationName>(
    name: N,
    method: Operations[N]['method'],
    path: Operations[N]['path'],
    sending: Sending<N> = {},
  ): Promise<Answer<N>> {
    return (await (await this.send(name, method, path, sending)).json()) as Answer<N>;
  }

  private async file<N extends 'thumbnail' | 'original' | 'why' | 'archive'>(
    name: N,
    path: Operations[N]['path'],
    sending: Sending<N>,
  ): Promise<Blob> {
    return (await this.send(name, 'GET', path, sending)).blob();
  }

  private async send<N extends OperationName>(
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
