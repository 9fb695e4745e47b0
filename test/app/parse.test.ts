// A query read from the fields of a URL: the filters, as the engine takes them, and what is refused.

import { expect, test } from 'vitest';
import { parseQuery } from '../../app/_server/parse';

const parse = (text: string) => parseQuery(new URLSearchParams(text));

test('filters are read, times as UTC', () => {
  const { query, filter } = parse(
    'q=cat&collection=pets&takenAfter=2024-05&takenBefore=2024-05-06T07:08%2B02:00&hasCaption=false' +
      '&orientation=portrait&under=%2Fp%2Fa b&format=jpg&missing=true&unknown=1',
  );
  expect(query).toMatchObject({ words: 'cat', collection: 'pets' });
  expect(filter).toEqual({
    collection: 'pets',
    takenFrom: '2024-05-01T00:00:00.000Z',
    takenTo: '2024-05-06T05:08:00.000Z',
    orientation: 'portrait',
    hasCaption: false,
    under: '/p/a b',
    format: 'jpg',
    missing: true,
  });
});

test('without a filter there is none', () => {
  expect(parse('q=cat&collection=').filter).toBeUndefined();
});

test.each([
  ['takenAfter=last', /^takenAfter: .*year/],
  ['takenBefore=2024-13', /^takenBefore/],
  ['hasCaption=maybe', /^hasCaption/],
  ['orientation=round', /^orientation/],
  ['under=p', /^under: .*absolute/],
])('%s is refused by name', (text, message) => {
  expect(() => parse(text)).toThrow(message);
});
