// An operation as one would ask it in a shell, by the examples of its description.
import type { OperationObject } from './Operation';

const SERVER = 'http://localhost:3000';

/** What is sent that is no JSON. */
const FILES: Record<string, string> = {
  'multipart/form-data': '-F image=@beach.jpg',
  'application/octet-stream': '--data-binary @beach.jpg',
};

export function curl(path: string, method: string, operation: OperationObject): string {
  const { parameters, requestBody, responses } = operation;
  const filled = path.replaceAll(/\{(\w+)\}/g, (braces, name: string) => {
    const example = parameters.find((one) => one.in === 'path' && one.name === name)?.example;
    return example === undefined ? braces : encodeURIComponent(String(example));
  });
  const query = new URLSearchParams(
    parameters
      .filter((one) => one.in === 'query')
      .flatMap(({ name, example }) => [example ?? []].flat().map((value) => [name, String(value)])),
  );
  const [[type, { example }] = ['', {}]] = Object.entries(requestBody?.content ?? {});
  const sent =
    example === undefined
      ? FILES[type]
      : `-H 'Content-Type: ${type}' -d '${JSON.stringify(example)}'`;
  const verb = method === 'get' || (method === 'post' && sent) ? '' : `-X ${method.toUpperCase()}`;
  const address = `'${SERVER}${filled}${query.size > 0 ? `?${query}` : ''}'`;
  const answered = Object.keys(responses['200']?.content ?? {})[0] ?? '';
  const stream = answered === 'text/event-stream' && '-N';
  const file = /^image|zip$/.test(answered) && '-o answer';
  return ['curl -sS', stream, file, verb, sent, address].filter(Boolean).join(' ');
}
