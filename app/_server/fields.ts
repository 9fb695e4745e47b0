// Fields of a URL or a form, as one schema reads them.
import type { z } from 'zod';
import { HttpProblem } from './problem';

/**
 * Reads the fields that the schema knows and ignores others and empty ones; of a field that may be
 * given once the last counts. Throws a 400 that names the field at fault.
 */
export function readFields<S extends z.ZodObject<z.ZodRawShape>>(
  schema: S,
  fields: Iterable<[string, unknown]>,
): z.output<S> {
  const record: Record<string, unknown> = {};
  for (const [name, value] of fields) {
    if (value === '' || !Object.hasOwn(schema.shape, name)) continue;
    if (!isList(schema.shape[name])) record[name] = value;
    else record[name] = [...((record[name] as unknown[] | undefined) ?? []), value];
  }
  const parsed = schema.safeParse(record);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new HttpProblem(400, `${String(path[0])}: ${message}`);
}

/** What the schema makes of a value. Throws a 400 that names the field at fault. */
export function check<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new HttpProblem(400, `${path.join('.') || 'the body'}: ${message}`);
}

/** Whether a field is an array, beneath its default or its being optional. */
function isList(schema: unknown): boolean {
  const { def } = schema as { def: { type: string; innerType?: unknown } };
  return def.type === 'array' || (def.innerType !== undefined && isList(def.innerType));
}
