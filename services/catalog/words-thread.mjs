// The entry of the thread that finds words: makes Node read TypeScript, then hands over.

import { register } from 'tsx/esm/api';

register();
await import('./words-thread.ts');
