// "Why this picture?": for each term of the query, where in the picture the match lies, as light over it.
'use client';

import { createContext, useContext, useState, type ReactNode } from 'react';
import type { Query } from '../_lib/query';
import type { Detail } from '../_lib/results';
import { detailMessages } from './detail-messages';
import styles from './DetailView.module.css';
import { useNavigation } from './navigation';
import { useMessages } from './shell/language';

interface Why {
  /** The chosen term as fields of the address; null while none is. */
  term: string | null;
  choose(term: string | null): void;
  state: 'idle' | 'working' | 'failed';
  tell(state: Why['state']): void;
}

const WhyContext = createContext<Why | null>(null);

/** Holds the choice for the picture and what stands beside it. */
export function WhyProvider({ children }: { children: ReactNode }) {
  const [term, setTerm] = useState<string | null>(null);
  const [state, tell] = useState<Why['state']>('idle');
  const choose = (next: string | null) => {
    setTerm(next);
    tell(next === null ? 'idle' : 'working');
  };
  return <WhyContext value={{ term, choose, state, tell }}>{children}</WhyContext>;
}

function useWhy(): Why {
  const why = useContext(WhyContext);
  if (why === null) throw new Error('useWhy: no WhyProvider above');
  return why;
}

/** The terms that can be asked about, as fields of the address and as words. */
function termsOf({ words, not, like }: Query, ofPicture: string): { term: string; name: string }[] {
  const field = (name: string, value: string) => new URLSearchParams({ [name]: value }).toString();
  return [
    ...(words === '' ? [] : [{ term: field('words', words), name: words }]),
    ...like.map(({ item }) => ({ term: field('like', String(item)), name: ofPicture })),
    ...not.map((term) => ({ term: field('words', term.words), name: `−${term.words}` })),
  ];
}

/** A button for each term; pressed again, the light goes out. */
export function WhyChoice({ detail }: { detail: Detail }) {
  const text = useMessages(detailMessages);
  const { query } = useNavigation();
  const { term: chosen, choose, state } = useWhy();
  const terms = termsOf(query, text.moreLike);
  if (terms.length === 0 || detail.files.every(({ status }) => status !== 'present')) return null;
  return (
    <>
      <h3>{text.why}</h3>
      <div className={styles.terms}>
        {terms.map(({ term, name }) => (
          <button
            key={term}
            type="button"
            aria-pressed={chosen === term}
            aria-label={text.whyTerm(name)}
            onClick={() => choose(chosen === term ? null : term)}
          >
            {name}
          </button>
        ))}
      </div>
      <p className={styles.quiet} role="status">
        {chosen === null
          ? ''
          : { idle: text.brighter, working: text.working, failed: text.whyFailed }[state]}
      </p>
    </>
  );
}

/** The light, over the picture. */
export function WhyLayer({ detail }: { detail: Detail }) {
  const { term, tell } = useWhy();
  if (term === null) return null;
  return (
    <img
      key={term}
      className={styles.heat}
      src={`/api/v1/items/${detail.itemId}/why?${term}`}
      alt=""
      onLoad={() => tell('idle')}
      onError={() => tell('failed')}
    />
  );
}
