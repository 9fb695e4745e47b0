// The models page: which serves, which others there are and how well they find.
import type { Metadata } from 'next';
import { connection } from 'next/server';
import { listModels } from '../_server/models';
import { captionedCollections } from '../_server/training';
import { ModelsView } from './ModelsView';

export const metadata: Metadata = { title: 'Models · Bifocal' };

export default async function Page() {
  await connection();
  const [first, collections] = await Promise.all([listModels(), captionedCollections()]);
  return <ModelsView first={first} collections={collections} />;
}
