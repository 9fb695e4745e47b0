// The entry of a thread that reads the catalog: makes Node read TypeScript, then hands over.

import { register } from 'tsx/esm/api';

register();
await import('./reader-thread.ts');
