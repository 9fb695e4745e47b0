// A new run: what there is to train on and from.
import type { Metadata } from 'next';
import { connection } from 'next/server';
import { listModels } from '../../_server/models';
import { captionedCollections } from '../../_server/training';
import { NewRun } from './NewRun';

export const metadata: Metadata = { title: 'Training · Bifocal' };

export default async function Page() {
  await connection();
  const [collections, { models }] = await Promise.all([captionedCollections(), listModels()]);
  const here = models.filter((model) => model.here).map(({ name }) => name);
  return <NewRun collections={collections} models={here} />;
}
