// The one search box: words, and a picture as a chip beside them. A plain GET form, so words work without JavaScript.
'use client';

import { useCallback, useEffect, useRef, type ChangeEvent, type SubmitEvent } from 'react';
import { asks, browses, queryParameters, readWords, searchOrder, type Query } from '../_lib/query';
import { ArrowIcon, CloseIcon, PictureIcon, SearchIcon } from './icons';
import { messages } from './messages';
import { QueryLink, useNavigation, useShown } from './navigation';
import styles from './SearchBar.module.css';
import { useMessages } from './shell/language';
import { usePageKey } from './shell/usePageKey';

/** The picture that is part of the query, as the box shows it. */
export interface Chip {
  label: string;
  preview: string;
}

export function SearchBar({
  chip,
  onPicture,
}: {
  chip: Chip | null;
  onPicture: (file: File) => void;
}) {
  const text = useMessages(messages);
  const { query, go } = useNavigation();
  const { pending } = useShown();
  const { input, show } = useWordsInput(query.words);

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { words, not } = readWords(input.current?.value ?? '');
    show(words);
    // The keyboard of a phone covers the results.
    if (window.matchMedia('(pointer: coarse)').matches) input.current?.blur();
    go({ ...query, sort: searchOrder(query), words, not: [...query.not, ...not] });
  };
  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    if (file !== undefined) onPicture(file);
    event.target.value = '';
  };
  const alone = chip === null && query.like.length === 0;

  return (
    <form action="/" role="search" className={styles.box} aria-busy={pending} onSubmit={submit}>
      {chip === null ? <SearchIcon /> : <PictureChip chip={chip} query={query} />}
      <label htmlFor="q" className="visuallyHidden">
        {text.describe}
      </label>
      <input
        ref={input}
        className={styles.words}
        id="q"
        name="q"
        type="search"
        defaultValue={query.words}
        placeholder={alone ? text.describePicture : text.addWords}
        maxLength={500}
        autoFocus={!asks(query) && !browses(query)}
        autoComplete="off"
        enterKeyHint="search"
      />
      <HiddenFields query={query} />
      <label className={styles.pick} title={text.byPictureHow}>
        <PictureIcon />
        <span className="visuallyHidden">{text.byPicture}</span>
        <input type="file" accept="image/*" className="visuallyHidden" onChange={pick} />
      </label>
      <button type="submit" className={styles.submit} aria-label={text.search}>
        <ArrowIcon />
      </button>
    </form>
  );
}

function PictureChip({ chip, query }: { chip: Chip; query: Query }) {
  const text = useMessages(messages);
  return (
    <span className={styles.chip}>
      <img src={chip.preview} alt={chip.label} />
      <QueryLink
        to={{ ...query, picture: undefined }}
        aria-label={text.removePicture}
        title={text.removePicture}
      >
        <CloseIcon />
      </QueryLink>
    </span>
  );
}

/** What else is part of the query, for when the form is sent without JavaScript. */
function HiddenFields({ query }: { query: Query }) {
  const sort = searchOrder(query);
  const rest = [...queryParameters({ ...query, sort, words: '', picture: undefined })];
  return rest.map(([name, value]) => (
    <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
  ));
}

/** The words' input: "/" puts the cursor into it, and it follows the address. */
function useWordsInput(words: string) {
  const input = useRef<HTMLInputElement>(null);
  const show = useCallback((words: string) => {
    if (input.current !== null) input.current.value = words;
  }, []);

  usePageKey('/', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.current?.focus();
    input.current?.select();
  });

  // Back, or a clicked example; but what is typed before hydration stays.
  const shown = useRef(words);
  useEffect(() => {
    if (shown.current === words) return;
    shown.current = words;
    show(words);
  }, [words, show]);

  return { input, show };
}
