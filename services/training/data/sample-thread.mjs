// The entry of a thread that makes rows of batches: makes Node read TypeScript, then hands over.

import { register } from 'tsx/esm/api';

register();
await import('./sample-thread.ts');
