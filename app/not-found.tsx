// The page for addresses that do not exist.
import Link from 'next/link';
import { Notice } from './_components/shell/Notice';
import { defineMessages } from './_lib/language';
import { pageLanguage } from './_server/language';

const messages = defineMessages(
  { title: 'Nothing is here', home: 'Go to the search' },
  { title: '这里什么也没有', home: '去搜索' },
);

export default async function NotFound() {
  const text = messages[await pageLanguage()];
  return (
    <main id="content">
      <Notice title={text.title}>
        <p>
          <Link href="/">{text.home}</Link>
        </p>
      </Notice>
    </main>
  );
}
