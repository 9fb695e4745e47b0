// The API for people: the OpenAPI document as one page that needs no script.
import { openApiDocument } from '#api';

interface Content {
  schema?: unknown;
}
interface OperationObject {
  operationId: string;
  tags: string[];
  summary: string;
  parameters: {
    name: string;
    in: string;
    required: boolean;
    description?: string;
    schema: Record<string, unknown>;
  }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { description: string; content?: Record<string, Content> }>;
}

const STYLE = `
  :root { color-scheme: light dark; --ground: #fbfaf8; --surface: #fff; --tile: #f1eee8; --line: #e4dfd7;
    --ink: #1c1a17; --muted: #67625a; --accent: #2f52c8 }
  @media (prefers-color-scheme: dark) { :root { --ground: #141311; --surface: #1e1c19; --tile: #2e2b27;
    --line: #35322c; --ink: #f3f0ea; --muted: #a8a196; --accent: #a3b8ff } }
  * { box-sizing: border-box }
  body { margin: 0 auto; max-width: 900px; padding: 32px clamp(16px, 4vw, 48px); background: var(--ground);
    color: var(--ink); font: 16px/1.5 ui-sans-serif, system-ui, sans-serif }
  h1 { margin: 0 0 8px; font-size: 32px; letter-spacing: -.02em }
  h2 { margin: 40px 0 12px; font-size: 20px }
  a { color: var(--accent) }
  nav ul { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 16px 0; padding: 0; list-style: none }
  code, pre { font: 13px/1.5 ui-monospace, monospace }
  details { margin: 8px 0; border: 1px solid var(--line); border-radius: 14px; background: var(--surface) }
  summary { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: baseline; padding: 12px 16px;
    cursor: pointer; border-radius: 14px }
  summary b { min-width: 56px; font: 600 12px/1.5 ui-monospace, monospace; color: var(--accent) }
  summary code { font-weight: 600; overflow-wrap: anywhere } summary span { color: var(--muted) }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
  section { padding: 0 16px 16px } h3 { margin: 16px 0 8px; font-size: 14px; color: var(--muted) }
  .wide { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: 14px }
  th, td { padding: 6px 12px 6px 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top }
  pre { margin: 0; padding: 12px; overflow: auto; max-height: 360px; border-radius: 10px; background: var(--tile) }`;

/** @param nonce - of the page's policy, for its style. */
export function docsPage(version: string, nonce: string): string {
  const { paths } = openApiDocument(version) as {
    paths: Record<string, Record<string, OperationObject>>;
  };
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(all.flatMap(({ operation }) => operation.tags))];
  const sections = tags.map((tag) => {
    const those = all.filter(({ operation }) => operation.tags.includes(tag));
    return `<h2 id="${tag}">${tag}</h2>${those.map(operationHtml).join('')}`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · Bifocal</title>
<style nonce="${nonce}">${STYLE}</style>
<main>
<h1>Bifocal's API</h1>
<p>One JSON request away from everything that the pages do. The same as data:
<a href="/api/v1/openapi.json">openapi.json</a> (OpenAPI 3.1). Where the server has a <code>BIFOCAL_TOKEN</code>,
send it as <code>Authorization: Bearer …</code>. Failures are <code>application/problem+json</code> with one line in
<code>detail</code>. Figures for Prometheus are at <a href="/metrics">/metrics</a>.</p>
<nav aria-label="Sections"><ul>${tags.map((tag) => `<li><a href="#${tag}">${tag}</a></li>`).join('')}</ul></nav>
${sections.join('\n')}
</main>
</html>
`;
}

interface Listed {
  path: string;
  method: string;
  operation: OperationObject;
}

function operationHtml({ path, method, operation }: Listed): string {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const body = Object.entries(requestBody?.content ?? {}).map(([type, content]) =>
    json(`Body: ${type}`, content.schema),
  );
  const answers = Object.entries(responses).flatMap(([status, { content = {} }]) =>
    status.startsWith('2')
      ? Object.entries(content).map(([type, { schema }]) =>
          json(`Answer ${status}: ${type}`, schema),
        )
      : [],
  );
  const problems = Object.entries(responses).filter(([status]) => !status.startsWith('2'));
  return `<details id="${operationId}">
<summary><b>${method.toUpperCase()}</b><code>${escape(path)}</code><span>${escape(summary)}</span></summary>
<section>${table(
    ['field', 'type', 'meaning'],
    parameters.map(({ name, required, description, schema }) => [
      `<code>${name}</code>${required ? ' (required)' : ''}`,
      `<code>${escape(typeOf(schema))}</code>`,
      escape(description ?? ''),
    ]),
  )}${body.join('')}${answers.join('')}${table(
    ['problem', 'when'],
    problems.map(([status, { description }]) => [status, escape(description)]),
  )}</section></details>`;
}

function table(head: string[], rows: string[][]): string {
  if (rows.length === 0) return '';
  const cells = (row: string[], tag: string) =>
    `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table>${cells(head, 'th')}${rows.map((row) => cells(row, 'td')).join('')}</table></div>`;
}

function json(title: string, schema: unknown): string {
  const shown = schema && Object.keys(schema).length > 0 ? JSON.stringify(schema, null, 2) : '';
  return `<h3>${escape(title)}</h3>${shown === '' ? '' : `<pre tabindex="0">${escape(shown)}</pre>`}`;
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

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
