// The one search box: words, and a picture as a chip beside them. A plain GET form, so words work without JavaScript.
'use client';

import { useEffect, useRef, type ChangeEvent, type SubmitEvent } from 'react';
import type { Query } from '../_lib/query';
import { CloseIcon, ArrowIcon, PictureIcon, SearchIcon } from './icons';
import { QueryLink, useNavigation } from './navigation';
import styles from './SearchBar.module.css';

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
  const { query, pending, go } = useNavigation();
  const input = useWordsInput(query.words);

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    go({ ...query, words: input.current?.value.trim() ?? '' });
  };
  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    if (file !== undefined) onPicture(file);
    event.target.value = '';
  };

  return (
    <form action="/" role="search" className={styles.box} aria-busy={pending} onSubmit={submit}>
      {chip === null ? <SearchIcon /> : <PictureChip chip={chip} query={query} />}
      <label htmlFor="q" className="visuallyHidden">
        Describe what you are looking for
      </label>
      <input
        ref={input}
        className={styles.words}
        id="q"
        name="q"
        type="search"
        defaultValue={query.words}
        placeholder={chip === null ? 'Describe a picture' : 'Add words'}
        maxLength={500}
        autoFocus
        autoComplete="off"
        enterKeyHint="search"
      />
      <HiddenFields query={query} />
      <label className={styles.pick} title="Search by a picture: pick, drop or paste one">
        <PictureIcon />
        <span className="visuallyHidden">Search by a picture</span>
        <input type="file" accept="image/*" className="visuallyHidden" onChange={pick} />
      </label>
      <button type="submit" className={styles.submit} aria-label="Search">
        <ArrowIcon />
      </button>
    </form>
  );
}

function PictureChip({ chip, query }: { chip: Chip; query: Query }) {
  return (
    <span className={styles.chip}>
      <img src={chip.preview} alt={chip.label} />
      <QueryLink
        to={{ ...query, like: undefined, picture: undefined }}
        aria-label="Remove the picture from the search"
      >
        <CloseIcon />
      </QueryLink>
    </span>
  );
}

/** What the form would lose without JavaScript: every part of the query but the words. */
function HiddenFields({ query }: { query: Query }) {
  return (
    <>
      {query.in === 'text' && <input type="hidden" name="in" value="text" />}
      {query.like !== undefined && <input type="hidden" name="like" value={query.like} />}
      {query.collection !== undefined && (
        <input type="hidden" name="collection" value={query.collection} />
      )}
      {query.not.map((words) => (
        <input key={words} type="hidden" name="not" value={words} />
      ))}
    </>
  );
}

/** The words' input: "/" puts the cursor into it, and it follows the address. */
function useWordsInput(words: string) {
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest('input, textarea');
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || typing) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  // Back, or a clicked example; but what is typed before hydration stays.
  const shown = useRef(words);
  useEffect(() => {
    if (shown.current === words) return;
    shown.current = words;
    if (input.current !== null) input.current.value = words;
  }, [words]);

  return input;
}
