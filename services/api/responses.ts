// The answers of an operation as OpenAPI describes them: its own, and what may befall any.

import type { z } from 'zod';
import type { Example } from './examples';
import type { Operation } from './operation';

type Json = Record<string, unknown>;

const header = (description: string, type = 'string') => ({ description, schema: { type } });
const RETRY = { 'Retry-After': header('Seconds until it is worth while to ask again.', 'integer') };

const PROBLEM = {
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
};

/** What the gate and the server answer to any request, by the name under which operations refer to it. */
const COMMON = {
  SignIn: {
    status: '401',
    description: 'The server has a token, and this request did not send it.',
    headers: { 'WWW-Authenticate': header('Bearer') },
  },
  Forged: { status: '403', description: 'A page of another site has sent it.' },
  Misdirected: {
    status: '421',
    description: 'Without a token, the server answers to names of its own machine only.',
  },
  TooOften: {
    status: '429',
    description: 'This client has asked for something expensive too often.',
    headers: RETRY,
  },
  Failed: { status: '500', description: 'Something is wrong with the server; its log says what.' },
};

/** For `components.responses` of the document. */
export const commonResponses: Json = Object.fromEntries(
  Object.entries(COMMON).map(([name, { status: _, ...response }]) => [
    name,
    { ...response, content: PROBLEM },
  ]),
);

/** @param schemaOf - a schema as JSON Schema, of what is sent out. */
export function responses(
  operation: Operation,
  { answer: example }: Example,
  schemaOf: (schema: z.ZodType) => Json,
): Json {
  const { answer, problems = {}, cached, parts, unversioned } = operation;
  const status = 'status' in answer ? (answer.status ?? 200) : 200;
  const content = contentOf(answer, example, schemaOf);
  const tag = { ETag: header(`For If-None-Match${parts ? ' and If-Range' : ''}.`) };
  const headers = { ...tag, ...(parts && { 'Accept-Ranges': header('bytes') }) };
  const part = { ...headers, 'Content-Range': header('Which bytes these are, of how many.') };
  const own = Object.entries(problems).map(([code, description]) => [
    code,
    { description, ...(code === '503' && { headers: RETRY }), content: PROBLEM },
  ]);
  // Whether the server is well is for anybody to ask.
  const common = Object.entries(COMMON).flatMap(([name, { status, description }]) =>
    unversioned && status === '401'
      ? []
      : [[status, { $ref: `#/components/responses/${name}`, description }]],
  );
  return {
    [status]: { description: 'It went well.', ...(cached && { headers }), ...content },
    ...(parts && {
      206: { description: 'The part that was asked for.', headers: part, ...content },
    }),
    ...(cached && { 304: { description: 'The client has it already.', headers: tag } }),
    ...Object.fromEntries(common),
    ...Object.fromEntries(own),
  };
}

function contentOf(
  answer: Operation['answer'],
  example: unknown,
  schemaOf: (schema: z.ZodType) => Json,
): Json {
  if (answer.type === null) return {};
  const described = answer.schema ? { schema: schemaOf(answer.schema), example } : {};
  return { content: { [answer.type]: described } };
}
