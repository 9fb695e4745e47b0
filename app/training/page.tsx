// The training page: every run, and the way to a new one.
import type { Metadata } from 'next';
import { connection } from 'next/server';
import { listRuns } from '../_server/training';
import { RunList } from './RunList';

export const metadata: Metadata = { title: 'Training · Bifocal' };

export default async function Page() {
  await connection();
  return <RunList first={await listRuns()} />;
}
