// The OpenAPI 3.1 document, from the same schemas that the handlers validate with.

import { z } from 'zod';
import { exampleOf, type Example } from './examples';
import { operations } from './operations';
import type { Operation } from './operation';
import { commonResponses, responses } from './responses';
import { addressOf } from './routes';
import { problem } from './schemas/common';

type Json = Record<string, unknown>;

/** The document. `version`: of the product. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const [name, operation] of Object.entries<Operation>(operations)) {
    (paths[addressOf(operation)] ??= {})[operation.method.toLowerCase()] = operationObject(
      name,
      operation,
    );
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Bifocal',
      version,
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'Search pictures with words and words with pictures. Where the server has a BIFOCAL_TOKEN, send it as ' +
        '`Authorization: Bearer …`. What goes wrong is answered as application/problem+json (RFC 9457). ' +
        'Fields that are not described are ignored; of one that may be given once, the last counts.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values<Operation>(operations).map(({ tag }) => tag))].map((name) => ({
      name,
    })),
    security: [{ token: [] }, {}],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: schemaOf(problem, 'output') },
      responses: commonResponses,
    },
  };
}

function operationObject(operationId: string, operation: Operation): Json {
  const { tag, summary, body, unversioned } = operation;
  const example = exampleOf(operationId);
  return {
    operationId,
    tags: [tag],
    summary,
    parameters: [
      ...pathParameters(operation),
      ...queryParameters(operation, example),
      ...(operation.parts ? PART_PARAMETERS : []),
    ],
    ...(body && {
      requestBody: { required: true, content: { [body.type]: bodyContent(body, example) } },
    }),
    responses: responses(operation, example, (schema) => schemaOf(schema, 'output')),
    ...(unversioned && { security: [{}] }),
  };
}

/** What stands in braces, by the path up to there. */
const PATH_PARAMETERS: Record<string, Json> = {
  '/items/{id}': {
    description: 'The `itemId` of a hit or of a picture in a list.',
    schema: { type: 'integer', minimum: 1 },
    example: 42,
  },
  '/jobs/{id}': {
    description: 'As it was answered when the job was started.',
    example: '20261127-171905-17a13001',
  },
  '/collections/{name}': { description: 'What the collection is called.', example: 'holiday' },
  '/uploads/{name}': {
    description: 'What the file is called; no folders.',
    example: 'beach.jpg',
  },
  '/runs/{run}': { description: 'The name of a training run.', example: 'mine' },
  '/models/{fingerprint}': {
    description: 'Which model, as the list of models says.',
    example: 'de9f4b498bbf3b3ec7fd71c538ca018fb8508bbd38ea29ba62a5a8785bb1a9e4',
  },
};

function pathParameters({ path }: Operation): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(({ 0: braces, 1: name, index }) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    ...PATH_PARAMETERS[path.slice(0, index + braces.length)],
  }));
}

function queryParameters({ query }: Operation, example: Example): Json[] {
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
    ...(example.query?.[name] !== undefined && { example: example.query[name] }),
  }));
}

const PART_PARAMETERS = [
  {
    name: 'Range',
    in: 'header',
    description: 'One range of bytes; several are answered with the whole.',
    schema: { type: 'string' },
    example: 'bytes=0-1023',
  },
  {
    name: 'If-Range',
    in: 'header',
    description: 'The ETag of what the client has: of another file the whole is answered.',
    schema: { type: 'string' },
  },
];

function bodyContent(body: NonNullable<Operation['body']>, { body: example }: Example): Json {
  const schema = 'schema' in body ? schemaOf(body.schema, 'input') : {};
  return { schema, ...(example !== undefined && { example }) };
}

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
