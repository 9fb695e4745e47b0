// Which methods an address of the API understands: for whoever stands before the handlers.

import { operations } from './operations';
import type { Operation } from './operation';

type Place = Pick<Operation, 'method' | 'path' | 'unversioned'>;

/** What is served beside the operations: what describes them. */
const DESCRIPTIONS: Place[] = [
  { method: 'GET', path: '/openapi.json' },
  { method: 'GET', path: '/docs', unversioned: true },
];

/** By the address with parameters in braces. */
const methods = new Map<string, string[]>();
for (const place of [...Object.values<Operation>(operations), ...DESCRIPTIONS]) {
  const address = addressOf(place);
  methods.set(address, [...(methods.get(address) ?? []), place.method]);
}
const patterns = [...methods.keys()].map((address) => ({
  address,
  pattern: new RegExp(`^${address.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));

/** The path of an operation on the server, with parameters in braces. */
export function addressOf({ path, unversioned }: Place): string {
  return (unversioned ? '/api' : '/api/v1') + path;
}

/** The methods that a path below /api is made for; none if there is nothing at it. */
export function methodsOf(path: string): string[] {
  const plain = path.replace(/\/$/, '');
  const address = patterns.find(({ pattern }) => pattern.test(plain))?.address ?? '';
  const own = methods.get(plain) ?? methods.get(address) ?? [];
  if (own.length === 0) return [];
  return [...own, ...(own.includes('GET') ? ['HEAD'] : []), 'OPTIONS'];
}
