// The library page: collections, what is being brought in, what was left out, what is there twice.
import type { Metadata } from 'next';
import { connection } from 'next/server';
import { loadLibrary } from '../_server/library-page';
import { LibraryView } from './LibraryView';

export const metadata: Metadata = { title: 'Library · Bifocal' };

export default async function Page() {
  await connection();
  return <LibraryView {...await loadLibrary()} />;
}
