// What stands in for the page when drawing it failed.
'use client';

import { messages } from './_components/messages';
import { useMessages } from './_components/shell/language';
import { Problem } from './_components/states';

export default function PageError() {
  return <Problem message={useMessages(messages).pageFailed} />;
}
