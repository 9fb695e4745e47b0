// Route handlers: what is sent is validated by the operation's schemas, what is thrown becomes a problem.
import type { z } from 'zod';
import { operations, type Operation, type OperationName, type Operations } from '#api';
import { check, readFields } from './fields';
import { observeRequest } from './metrics';
import { isOfType } from './headers';
import { answer, HttpProblem } from './problem';

/** What any JSON body may have. */
const MAX_JSON_BYTES = 1_000_000;

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;
type Field<T, K extends string> = T extends Record<K, infer V> ? V : undefined;

export interface Call<N extends OperationName> {
  request: Request;
  /** What stands in the path. */
  params: Record<string, string>;
  query: Output<Field<Operations[N], 'query'>>;
  /** The JSON that was sent; other bodies are for the handler to read from the request. */
  body: Output<
    Field<Extract<Field<Operations[N], 'body'>, { type: 'application/json' }>, 'schema'>
  >;
}

type Handler = (request: Request, context: { params: Promise<unknown> }) => Promise<Response>;

/** The handler of an operation. What it gives is sent as JSON, unless it is a whole response. */
export function route<N extends OperationName>(
  name: N,
  handle: (call: Call<N>) => Promise<unknown>,
): Handler {
  const operation: Operation = operations[name];
  return async (request, context) => {
    const started = performance.now();
    const response = await answer(async () => {
      const params = (await context.params) as Record<string, string>;
      const query = operation.query
        ? readFields(operation.query, new URL(request.url).searchParams)
        : undefined;
      const body =
        operation.body?.type === 'application/json'
          ? check(operation.body.schema, await readJson(request))
          : undefined;
      const result = await handle({ request, params, query, body } as Call<N>);
      if (result instanceof Response) return result;
      const status = 'status' in operation.answer ? (operation.answer.status ?? 200) : 200;
      if (status === 204) return new Response(null, { status });
      return Response.json(result, { status, headers: { 'Cache-Control': 'private, no-cache' } });
    });
    observeRequest(name, response.status, (performance.now() - started) / 1000);
    return response;
  };
}

async function readJson(request: Request): Promise<unknown> {
  if (!isOfType(request, 'application/json')) throw new HttpProblem(415, 'Send JSON.');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_JSON_BYTES) throw new HttpProblem(413, 'The JSON may have 1 MB.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (cause) {
    throw new HttpProblem(400, 'The body is no JSON.', { cause });
  }
}
