// What one route takes and gives, as data: the handlers validate with it, the OpenAPI document and the
// client's types are made from it.

import type { z } from 'zod';

type Shape = z.ZodObject<z.ZodRawShape>;

export interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below /api/v1, with parameters in braces. */
  path: `/${string}`;
  /** Below /api itself: for those who know of no versions. */
  unversioned?: true;
  tag: string;
  summary: string;
  /** Fields after the question mark. Arrays are fields that may be given several times. */
  query?: Shape;
  /** What is sent: fields of a form, JSON, or the bytes of a file. */
  body?:
    | { type: 'multipart/form-data'; schema: Shape }
    | { type: 'application/json'; schema: z.ZodType }
    | { type: 'application/octet-stream' };
  /** What is answered, if all goes well: JSON, a stream of JSON values as events, or a file. */
  answer:
    | { status?: 200 | 201 | 202; type: 'application/json'; schema: z.ZodType }
    | { type: 'text/event-stream'; schema: z.ZodType }
    | { status: 204; type: null }
    | { type: string; schema?: undefined };
  /** Whether it has an ETag, and a 304 for who knows it. */
  cached?: true;
  /** Whether it answers with a part where the request has a Range. */
  parts?: true;
  /** The statuses of problems that are particular to it, with what they mean. */
  problems?: Partial<Record<number, string>>;
}
