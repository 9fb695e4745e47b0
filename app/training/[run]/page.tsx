// The page of one run.
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { readRun } from '../../_server/training';
import { RunView } from './RunView';

export const metadata: Metadata = { title: 'Training · Bifocal' };

export default async function Page({ params }: PageProps<'/training/[run]'>) {
  const { run: name } = await params;
  const run = await readRun(name).catch((error: Error) => {
    if (error.name === 'UnknownRun') notFound();
    throw error;
  });
  return <RunView first={run} />;
}
