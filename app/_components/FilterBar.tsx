// What narrows the results: the filters in force as chips, the order, and a panel of facets with counts that loads when it is opened.
'use client';

import { useState } from 'react';
import { formatFor, type Format } from '../_lib/format';
import { asks, browseOrder, type Filters, type Query, type Sort } from '../_lib/query';
import type { FacetCounts } from '../_lib/results';
import { FacetPanel, monthFilters } from './FacetPanel';
import styles from './FilterBar.module.css';
import { CloseIcon, FilterIcon } from './icons';
import { messages } from './messages';
import { QueryLink } from './navigation';
import { useLanguage, useMessages } from './shell/language';
import { TargetSwitch } from './TargetSwitch';

const SORTS: readonly Sort[] = ['relevance', 'newest', 'oldest'];
const DATES = SORTS.slice(1);

export function FilterBar({ query, facets }: { query: Query; facets: FacetCounts | null }) {
  const text = useMessages(messages);
  const [open, setOpen] = useState(facets !== null);
  const asked = asks(query);
  const order = asked ? query.sort : browseOrder(query);
  return (
    <div className={styles.filters}>
      <div className={styles.row}>
        <QueryLink
          to={query}
          more={{ facets: 1 }}
          className={styles.toggle}
          aria-expanded={open}
          role="button"
          onFollow={() => setOpen(!open)}
        >
          <FilterIcon /> {text.filters}
        </QueryLink>
        {asked && <TargetSwitch query={query} />}
        <ActiveFilters query={query} />
        <nav className={styles.sorts} aria-label={text.sortBy}>
          {(asked ? SORTS : DATES).map((sort) => (
            <QueryLink
              key={sort}
              to={{ ...query, sort }}
              aria-current={order === sort ? 'true' : undefined}
            >
              {text.sorts[sort]}
            </QueryLink>
          ))}
        </nav>
      </div>
      {open && <FacetPanel query={query} first={facets} />}
    </div>
  );
}

function ActiveFilters({ query }: { query: Query }) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const { filters } = query;
  const names: [keyof Filters | 'date', string | undefined][] = [
    ['collection', filters.collection],
    ['date', dateRange(filters, format)],
    ['orientation', filters.orientation && text.orientations[filters.orientation]],
    ['format', filters.format],
    [
      'hasCaption',
      filters.hasCaption === undefined ? undefined : text.captioned[`${filters.hasCaption}`],
    ],
    ['under', filters.under && text.under(filters.under)],
    ['missing', filters.missing ? text.missing : undefined],
  ];
  const active = names.filter(([, name]) => name !== undefined);
  if (active.length === 0) return null;
  return (
    <ul className={styles.active}>
      {active.map(([field, name]) => (
        <li key={field}>
          <QueryLink
            to={{ ...query, filters: without(filters, field) }}
            aria-label={text.remove(name!)}
          >
            {name} <CloseIcon />
          </QueryLink>
        </li>
      ))}
      {active.length > 1 && (
        <li>
          <QueryLink to={{ ...query, filters: {} }} className={styles.clear}>
            {text.clearFilters}
          </QueryLink>
        </li>
      )}
    </ul>
  );
}

function without(filters: Filters, field: keyof Filters | 'date'): Filters {
  const gone = field === 'date' ? { takenAfter: undefined, takenBefore: undefined } : undefined;
  return { ...filters, ...(gone ?? { [field]: undefined }) };
}

/** A month by its name, any other range by its days; what is no date as it is. */
function dateRange({ takenAfter = '', takenBefore = '' }: Filters, format: Format) {
  if (takenAfter === '' && takenBefore === '') return undefined;
  const month = takenAfter.slice(0, 7);
  const whole = monthFilters(month);
  if (takenAfter === whole.takenAfter && takenBefore === whole.takenBefore) {
    return format.month(month);
  }
  const day = (time: string) => (Number.isNaN(Date.parse(time)) ? time : format.day(time));
  return `${day(takenAfter)} – ${day(takenBefore)}`;
}
