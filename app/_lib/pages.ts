// The pages of the app, in the order of the navigation. A page is listed here once it exists.
import type { Messages } from './language';

export type PagePath = '/' | '/library' | '/models' | '/training' | '/map';

export const PAGES: readonly { path: PagePath; name: Messages<string> }[] = [
  { path: '/', name: { en: 'Search', zh: '搜索' } },
  { path: '/library', name: { en: 'Library', zh: '图库' } },
  { path: '/models', name: { en: 'Models', zh: '模型' } },
  { path: '/training', name: { en: 'Training', zh: '训练' } },
  { path: '/map', name: { en: 'Map', zh: '地图' } },
];
