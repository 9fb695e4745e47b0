// Several runs over each other: their curves, and their figures side by side.
import type { Metadata } from 'next';
import type { RunDetailAnswer } from '#api';
import { readRun } from '../../_server/training';
import { RunComparison } from './RunComparison';

export const metadata: Metadata = { title: 'Training · Bifocal' };

/** More curves could not be told apart. */
const MOST = 5;

export default async function Page({ searchParams }: PageProps<'/training/compare'>) {
  const { runs = '' } = await searchParams;
  const names = [...new Set([runs].flat().join(',').split(','))].filter((name) => name !== '');
  // One that is gone by now is left out.
  const read = await Promise.all(
    names
      .slice(0, MOST)
      .map((name): Promise<RunDetailAnswer | null> => readRun(name).catch(() => null)),
  );
  return <RunComparison runs={read.filter((run) => run !== null)} />;
}
