// The pages of the app, in the order of the navigation. A page is listed here once it exists.
import type { Messages } from './language';

export interface AppPage {
  path: string;
  name: Messages<string>;
}

export const PAGES: readonly AppPage[] = [
  { path: '/', name: { en: 'Search', zh: '搜索' } },
  { path: '/library', name: { en: 'Library', zh: '图库' } },
  { path: '/models', name: { en: 'Models', zh: '模型' } },
  { path: '/training', name: { en: 'Training', zh: '训练' } },
  { path: '/map', name: { en: 'Map', zh: '地图' } },
];
