// The facets: for each kind the values with how many pictures have them under the other filters, as links.
'use client';

import { useEffect, useState, type SubmitEvent } from 'react';
import { fetchFacets } from '../_lib/api';
import { formatFor } from '../_lib/format';
import { queryHref, queryParameters, type Filters, type Query } from '../_lib/query';
import type { FacetCounts } from '../_lib/results';
import styles from './FilterBar.module.css';
import { messages } from './messages';
import { QueryLink, useNavigation } from './navigation';
import { Button } from './shell/Button';
import { useLanguage, useMessages } from './shell/language';

/** Formats and collections beyond are few and far between; the search box finds what is in them. */
const SHOWN = 12;
const MONTHS = 24;

interface Choice {
  name: string;
  count: number;
  filters: Filters;
  chosen: boolean;
}

export function FacetPanel({ query, first }: { query: Query; first: FacetCounts | null }) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const facets = useFacets(query, first);
  if (facets === null) return <div className={styles.panel} aria-busy="true" />;
  const { filters } = query;
  const choice = (name: string, count: number, change: Filters): Choice => {
    const chosen = Object.entries(change).every(
      ([field, value]) => filters[field as keyof Filters] === value,
    );
    const cleared = Object.fromEntries(Object.keys(change).map((field) => [field, undefined]));
    return { name, count, chosen, filters: { ...filters, ...(chosen ? cleared : change) } };
  };
  const { withCaption, without } = facets.captions;
  return (
    <div className={styles.panel}>
      <FacetList
        title={text.filterNames.collection}
        choices={facets.collections
          .slice(0, SHOWN)
          .map(({ value, count }) => choice(value, count, { collection: value }))}
        query={query}
      />
      <FacetList
        title={text.filterNames.date}
        choices={facets.months
          .slice(0, MONTHS)
          .map(({ value, count }) => choice(format.month(value), count, monthFilters(value)))}
        query={query}
      >
        <DateRange key={queryHref(query)} query={query} />
      </FacetList>
      <FacetList
        title={text.filterNames.orientation}
        choices={facets.orientations.map(({ value, count }) =>
          choice(text.orientations[value], count, { orientation: value }),
        )}
        query={query}
      />
      <FacetList
        title={text.filterNames.format}
        choices={facets.formats
          .slice(0, SHOWN)
          .map(({ value, count }) => choice(value, count, { format: value }))}
        query={query}
      />
      <FacetList
        title={text.filterNames.hasCaption}
        choices={[
          choice(text.captioned.true, withCaption, { hasCaption: true }),
          choice(text.captioned.false, without, { hasCaption: false }),
        ]}
        query={query}
      />
    </div>
  );
}

function FacetList({
  title,
  choices,
  query,
  children,
}: {
  title: string;
  choices: Choice[];
  query: Query;
  children?: React.ReactNode;
}) {
  const text = useMessages(messages);
  return (
    <section>
      <h2>{title}</h2>
      <ul>
        {choices.map(({ name, count, filters, chosen }) => (
          <li key={name}>
            <QueryLink to={{ ...query, filters }} aria-current={chosen ? 'true' : undefined}>
              <span>{name}</span> <small>{text.number(count)}</small>
            </QueryLink>
          </li>
        ))}
      </ul>
      {children}
    </section>
  );
}

/** A year, a month or a day, as the API reads them. */
const DATE = String.raw`\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?`;

/**
 * Two dates, as a form of its own: it works without JavaScript as well. The browser's own fields for dates would speak
 * the browser's language, and take whole days only.
 */
function DateRange({ query }: { query: Query }) {
  const text = useMessages(messages);
  const { go } = useNavigation();
  const { takenAfter, takenBefore } = query.filters;
  const rest = { ...query.filters, takenAfter: undefined, takenBefore: undefined };
  const field = {
    pattern: DATE,
    placeholder: text.datePattern,
    title: text.dateHint,
    autoComplete: 'off',
    maxLength: 10,
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const day = (name: string) => (form.get(name) as string) || undefined;
    const filters = { takenAfter: day('takenAfter'), takenBefore: day('takenBefore') };
    go({ ...query, filters: { ...query.filters, ...filters } });
  };
  return (
    <form action="/" className={styles.dates} onSubmit={submit}>
      {[...queryParameters({ ...query, filters: rest })].map(([name, value]) => (
        <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
      ))}
      <label>
        {text.from}
        <input name="takenAfter" defaultValue={takenAfter?.slice(0, 10)} {...field} />
      </label>
      <label>
        {text.to}
        <input name="takenBefore" defaultValue={takenBefore?.slice(0, 10)} {...field} />
      </label>
      <Button type="submit" small>
        {text.apply}
      </Button>
    </form>
  );
}

/** Counts for the filters in force; the last ones stay until those of a new query are there. */
function useFacets({ filters }: Query, first: FacetCounts | null): FacetCounts | null {
  const [facets, setFacets] = useState(first);
  const key = JSON.stringify(filters);
  useEffect(() => {
    const abort = new AbortController();
    fetchFacets(JSON.parse(key) as Filters, abort.signal).then(setFacets, () => undefined);
    return () => abort.abort();
  }, [key]);
  return facets;
}

/** From the first of a month to the first of the next. */
export function monthFilters(month: string) {
  const first = new Date(month);
  const next = new Date(month);
  next.setUTCMonth(next.getUTCMonth() + 1);
  return { takenAfter: first.toJSON(), takenBefore: next.toJSON() };
}
