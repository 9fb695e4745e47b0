// The document around every page: language, title, colours of the browser's own frame, the header.
import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { LanguageProvider } from './_components/shell/language';
import { SiteHeader } from './_components/shell/SiteHeader';
import { pageLanguage } from './_server/language';
import './globals.css';

export const metadata: Metadata = {
  title: 'Bifocal',
  description: 'Search pictures with words, and words with pictures.',
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fbfaf8' },
    { media: '(prefers-color-scheme: dark)', color: '#141311' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const language = await pageLanguage();
  return (
    <html lang={language}>
      <body>
        <LanguageProvider language={language}>
          {/* Nothing is painted before all of it is there: rows of pictures would move as more of them come in. */}
          <link rel="expect" href="#end" blocking="render" />
          <SiteHeader />
          {children}
          <span id="end" />
        </LanguageProvider>
      </body>
    </html>
  );
}
