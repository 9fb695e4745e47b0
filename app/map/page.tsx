// The map page: all pictures in two dimensions.
import type { Metadata } from 'next';
import { MapView } from './MapView';

export const metadata: Metadata = { title: 'Map · Bifocal' };

export default function Page() {
  return <MapView />;
}
