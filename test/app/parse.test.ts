// A query read from the fields of a URL: the filters, as the engine takes them, and what is refused.

import { expect, test } from 'vitest';
import { queryParameters } from '../../app/_lib/query';
import { parseQuery } from '../../app/_server/parse';

const parse = (text: string) => parseQuery(new URLSearchParams(text));

test('filters are read, times as UTC', () => {
  const { query, filter } = parse(
    'q=cat&collection=pets&takenAfter=2024-05&takenBefore=2024-05-06T07:08%2B02:00&hasCaption=false' +
      '&orientation=portrait&under=%2Fp%2Fa b&format=jpg&missing=true&unknown=1',
  );
  expect(query).toMatchObject({ words: 'cat', filters: { collection: 'pets' } });
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

test('terms are read with their weights, and words behind a minus as terms', () => {
  const { query } = parse(
    'q=a t-shirt -people -"red car"&not=dogs^1.5&not=cats&like=4&like=7^0.3&unlike=9&sort=newest',
  );
  expect(query).toEqual({
    words: 'a t-shirt',
    not: [
      { words: 'people', weight: 0.5 },
      { words: 'red car', weight: 0.5 },
      { words: 'dogs', weight: 1.5 },
      { words: 'cats', weight: 0.5 },
    ],
    like: [
      { item: 4, weight: 1 },
      { item: 7, weight: 0.3 },
    ],
    unlike: [{ item: 9, weight: 0.5 }],
    picture: undefined,
    in: 'image',
    sort: 'newest',
    filters: {},
  });
});

test('an address says the same as the query that it was made from', () => {
  const text =
    'q=a+boat&like=4&like=7%5E0.3&unlike=9%5E1.2&not=dogs%5E1.5&in=text&sort=oldest' +
    '&collection=pets&orientation=square&format=png&takenAfter=2024-05-01&takenBefore=2024-06-01T07%3A08%3A00.000Z&hasCaption=false';
  const { query } = parse(text);
  expect(parse(queryParameters(query).toString()).query).toEqual(query);
  expect([...queryParameters(query)].sort()).toEqual([...new URLSearchParams(text)].sort());
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
  ['not=a^9', /^not/],
  ['like=0', /^like.*id of an item/],
  ['like=4^none', /^like/],
  ['unlike=4^0', /^unlike/],
  ['sort=random', /^sort/],
])('%s is refused by name', (text, message) => {
  expect(() => parse(text)).toThrow(message);
});
