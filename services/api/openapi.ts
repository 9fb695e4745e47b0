// The OpenAPI 3.1 document, from the same schemas that the handlers validate with.

import { z } from 'zod';
import { operations } from './operations';
import type { Operation } from './operation';
import { problem } from './schemas/common';

type Json = Record<string, unknown>;

/** The document. `version`: of the product. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const [name, operation] of Object.entries<Operation>(operations)) {
    const path = (operation.unversioned ? '/api' : '/api/v1') + operation.path;
    (paths[path] ??= {})[operation.method.toLowerCase()] = operationObject(name, operation);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Bifocal',
      version,
      description:
        'Search pictures with words and words with pictures. Where the server has a BIFOCAL_TOKEN, send it as ' +
        '`Authorization: Bearer …`. What goes wrong is answered as application/problem+json (RFC 9457).',
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, {}],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: schemaOf(problem, 'output') },
    },
  };
}

function operationObject(operationId: string, operation: Operation): Json {
  const { tag, summary, body, unversioned } = operation;
  return {
    operationId,
    tags: [tag],
    summary,
    parameters: [...pathParameters(operation), ...queryParameters(operation)],
    ...(body && { requestBody: { required: true, content: { [body.type]: bodySchema(body) } } }),
    responses: responses(operation),
    ...(unversioned && { security: [{}] }),
  };
}

function pathParameters({ path }: Operation): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: Operation): Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
}

function bodySchema(body: NonNullable<Operation['body']>): Json {
  return 'schema' in body ? { schema: schemaOf(body.schema, 'input') } : { schema: {} };
}

function responses({ answer, problems = {} }: Operation): Json {
  const status = 'status' in answer ? (answer.status ?? 200) : 200;
  const content =
    answer.type === null
      ? {}
      : {
          content: {
            [answer.type]: answer.schema ? { schema: schemaOf(answer.schema, 'output') } : {},
          },
        };
  const failures = Object.entries(problems).map(([code, description]) => [
    code,
    { description, content: { 'application/problem+json': { schema: { $ref: PROBLEM } } } },
  ]);
  return {
    [status]: { description: 'It went well.', ...content },
    ...Object.fromEntries(failures),
  };
}

const PROBLEM = '#/components/schemas/Problem';

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const json = z.toJSONSchema(schema, {
    io,
    // A file in a form is all that JSON Schema has no word for.
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'custom') {
        Object.assign(jsonSchema, { type: 'string', contentMediaType: 'application/octet-stream' });
      }
    },
  }) as Json;
  delete json.$schema;
  return json;
}
