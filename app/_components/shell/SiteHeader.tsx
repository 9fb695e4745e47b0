// The header of every page: the brand, the pages, the language.
'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { defineMessages } from '../../_lib/language';
import { PAGES } from '../../_lib/pages';
import { Logo, PAGE_ICONS } from '../icons';
import { KeysHelp } from './KeysHelp';
import { LanguageSwitch, useLanguage, useMessages } from './language';
import styles from './SiteHeader.module.css';

const messages = defineMessages(
  { home: 'Bifocal, to the start', pages: 'Pages', skip: 'Skip to the content' },
  { home: 'Bifocal，回到首页', pages: '页面', skip: '跳到内容' },
);

export function SiteHeader() {
  const text = useMessages(messages);
  const language = useLanguage();
  const here = usePathname();
  const isHere = (path: string) => (path === '/' ? here === '/' : here.startsWith(path));
  return (
    <header className={styles.header}>
      <a href="#content" className={styles.skip}>
        {text.skip}
      </a>
      <Link href="/" className={styles.brand} aria-label={text.home} prefetch={false}>
        <Logo />
        <span>Bifocal</span>
      </Link>
      <nav className={styles.pages} aria-label={text.pages}>
        {PAGES.map(({ path, name }) => {
          const PageIcon = PAGE_ICONS[path];
          return (
            <Link
              key={path}
              href={path}
              prefetch={false}
              aria-current={isHere(path) ? 'page' : undefined}
            >
              <PageIcon />
              {name[language]}
            </Link>
          );
        })}
      </nav>
      <LanguageSwitch />
      <KeysHelp />
    </header>
  );
}
