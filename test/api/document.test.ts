// What stands before the handlers knows of the same routes as they do, and the document describes each answer.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { methodsOf, openApiDocument, operations, type Operation } from '#api';
import { readFields } from '../../app/_server/fields';
import { parametersOf } from '../../services/client/server';
import { exampleOf } from '../../services/api/examples';

interface Described {
  parameters: { name: string; in: string; description?: string }[];
  responses: Record<string, { $ref?: string; description?: string; headers?: object }>;
  security?: object[];
}

const { paths, components, tags } = openApiDocument('1.0.0') as {
  paths: Record<string, Record<string, Described>>;
  components: { responses: Record<string, { description: string }> };
  tags: { name: string }[];
};
const all = Object.entries(paths).flatMap(([address, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ address, method, operation })),
);

it('is asked at a path what a handler of that path answers, and nothing else', () => {
  const folder = path.resolve('app/api');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const handlers = files.filter((file) => /(^|\/)route\.ts$/.test(file));
  expect(handlers.length).toBeGreaterThan(20);
  for (const file of handlers) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    const exported = [...text.matchAll(/export const (GET|POST|PUT|DELETE|PATCH)\b/g)];
    const address = `/api/${path.dirname(file).replaceAll(/\[\w+\]/g, 'x y')}`;
    const understood = methodsOf(address).filter((method) => !/HEAD|OPTIONS/.test(method));
    expect([address, understood.sort()]).toEqual([address, exported.map(([, one]) => one).sort()]);
  }
});

it.each([
  '/api',
  '/api/',
  '/api/v1',
  '/api/v1/',
  '/api/v2/search',
  '/api/v1/search/more',
  '/api/x',
])('finds nothing at %s', (address) => expect(methodsOf(address)).toEqual([]));

it('finds the same with a slash at the end, and HEAD and OPTIONS where there is a GET', () => {
  expect(methodsOf('/api/v1/search/')).toEqual(['GET', 'POST', 'HEAD', 'OPTIONS']);
  expect(methodsOf('/api/v1/uploads/a.png')).toEqual(['PUT', 'OPTIONS']);
});

it('describes every answer, that of the gate too, and what stands in a path', () => {
  const common = Object.keys(components.responses).map((name) => `#/components/responses/${name}`);
  for (const { address, method, operation } of all) {
    const where = `${method} ${address}`;
    const { responses, parameters } = operation;
    for (const { $ref, description } of Object.values(responses)) {
      expect(description, where).toBeTruthy();
      if ($ref !== undefined) expect(common, where).toContain($ref);
    }
    for (const status of ['403', '421', '429', '500'])
      expect(responses, where).toHaveProperty(status);
    expect('401' in responses, where).toBe(address !== '/api/health');
    if (responses['503'] !== undefined)
      expect(responses['503'].headers).toHaveProperty('Retry-After');
    for (const one of parameters.filter(({ in: place }) => place === 'path')) {
      expect(one.description, `${where} ${one.name}`).toBeTruthy();
    }
  }
  expect(tags.map(({ name }) => name)).toContain('Search');
});

describe('the example of', () => {
  it.each(Object.entries<Operation>(operations))(
    '%s is what its schemas say',
    (name, operation) => {
      const { query, body, answer } = exampleOf(name);
      const sent = operation.body?.type === 'application/json' ? operation.body.schema : undefined;
      const { schema } = operation.answer as { schema?: z.ZodType };
      expect([body !== undefined, answer !== undefined]).toEqual([!!sent, !!schema]);
      // Nothing is left over: a schema drops what it does not know.
      if (schema) expect(schema.parse(answer)).toEqual(answer);
      if (sent) expect(sent.parse(body)).toEqual(body);
      if (query === undefined) return;
      expect(Object.keys(operation.query!.shape)).toEqual(
        expect.arrayContaining(Object.keys(query)),
      );
      // As the client sends it and the server reads it.
      readFields(operation.query!, parametersOf(query));
    },
  );
});
