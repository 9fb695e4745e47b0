// The language of the interface: a context that the layout fills, and the switch in the header.
'use client';

import { useRouter } from 'next/navigation';
import { createContext, useContext, type ReactNode } from 'react';
import {
  LANGUAGE_COOKIE,
  LANGUAGE_NAMES,
  LANGUAGES,
  type Language,
  type Messages,
} from '../../_lib/language';
import styles from './SiteHeader.module.css';

const LanguageContext = createContext<Language>('en');

export function LanguageProvider({
  language,
  children,
}: {
  language: Language;
  children: ReactNode;
}) {
  return <LanguageContext value={language}>{children}</LanguageContext>;
}

export function useLanguage(): Language {
  return useContext(LanguageContext);
}

/** Those of the messages that the visitor reads. */
export function useMessages<T>(messages: Messages<T>): T {
  return messages[useLanguage()];
}

/** A button that changes to the other language, in its own words. */
export function LanguageSwitch() {
  const router = useRouter();
  const current = useLanguage();
  const other = LANGUAGES.find((language) => language !== current)!;
  const change = () => {
    document.cookie = `${LANGUAGE_COOKIE}=${other}; path=/; max-age=31536000; SameSite=Lax`;
    router.refresh();
  };
  return (
    <button type="button" className={styles.language} lang={other} onClick={change}>
      {LANGUAGE_NAMES[other]}
    </button>
  );
}
