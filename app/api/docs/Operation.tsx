// One operation of the API: what may be sent, what comes back, what goes wrong.
import type { ReactNode } from 'react';
import { curl } from './curl';

interface Content {
  schema?: object;
  example?: unknown;
}

export interface OperationObject {
  operationId: string;
  tags: string[];
  summary: string;
  parameters: {
    name: string;
    in: string;
    example?: unknown;
    required: boolean;
    description?: string;
    schema: Record<string, unknown>;
  }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<
    string,
    { $ref?: string; description: string; content?: Record<string, Content> }
  >;
}

interface Props {
  path: string;
  method: string;
  operation: OperationObject;
}

export function Operation({ path, method, operation }: Props) {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const answers = Object.entries(responses);
  const isGood = ([status]: [string, unknown]) => /^[23]/.test(status);
  return (
    <details id={operationId}>
      <summary>
        <b>{method.toUpperCase()}</b> <code>{path}</code> <span>{summary}</span>
      </summary>
      <Code title="For instance" text={curl(path, method, operation)} />
      {answers
        .filter(isGood)
        .map(([status, { content = {} }]) =>
          Object.values(content).map(
            ({ example }) => example !== undefined && <Code key={status} json={example} />,
          ),
        )}
      <Table
        head={['field', 'type', 'meaning']}
        rows={parameters.map(({ name, required, description, schema }) => [
          <>
            <code>{name}</code>
            {required && ' (required)'}
          </>,
          <code key="type">{typeOf(schema)}</code>,
          description,
        ])}
      />
      {Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => (
        <Schema key={type} title={`Body: ${type}`} schema={schema} />
      ))}
      {answers
        .filter(isGood)
        .map(([status, { content = {} }]) =>
          Object.entries(content).map(([type, { schema }]) => (
            <Schema key={type} title={`Answer ${status}: ${type}`} schema={schema} />
          )),
        )}
      <Table
        head={['problem', 'when']}
        rows={answers
          // What may befall any request is said once, above all of them.
          .filter((answer) => !isGood(answer) && answer[1].$ref === undefined)
          .map(([status, { description }]) => [status, description])}
      />
    </details>
  );
}

function Table({ head, rows }: { head: string[]; rows: ReactNode[][] }) {
  if (rows.length === 0) return null;
  return (
    <table className="table">
      <thead>
        <tr>
          {head.map((name) => (
            <th key={name}>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, at) => (
          <tr key={at}>
            {row.map((cell, column) => (
              <td key={column}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Code({ title, text, json }: { title?: string; text?: string; json?: unknown }) {
  return (
    <>
      {title !== undefined && <h3>{title}</h3>}
      <pre tabIndex={0}>
        <code>{text ?? JSON.stringify(json, null, 2)}</code>
      </pre>
    </>
  );
}

function Schema({ title, schema = {} }: { title: string; schema: object | undefined }) {
  return Object.keys(schema).length > 0 ? <Code title={title} json={schema} /> : <h3>{title}</h3>;
}

/** A schema in a few words: `integer 1–200, default 60`. */
function typeOf(schema: Record<string, unknown>): string {
  const { type, enum: values, minimum, maximum, default: initial, items } = schema;
  const kind = Array.isArray(values)
    ? values.map(String).join(' | ')
    : type === 'array'
      ? `list of ${typeOf(items as Record<string, unknown>)}`
      : String(type ?? 'any');
  const inSafe = typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER;
  const range = inSafe ? ` ${String(minimum ?? '')}–${maximum}` : '';
  const usual =
    initial === undefined || initial === '' ? '' : `, default ${JSON.stringify(initial)}`;
  return kind + range + usual;
}
