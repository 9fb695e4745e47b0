// The search page: reads the address, loads what it shows, draws it.
import type { Metadata } from 'next';
import { SearchPage } from './_components/SearchPage';
import { loadPage } from './_server/view';

export async function generateMetadata({ searchParams }: PageProps<'/'>): Promise<Metadata> {
  const { q } = await searchParams;
  return typeof q === 'string' && q !== '' ? { title: `${q} · Bifocal` } : {};
}

export default async function Page({ searchParams }: PageProps<'/'>) {
  return <SearchPage {...await loadPage(await searchParams)} />;
}
