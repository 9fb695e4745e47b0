// The entry of a thread that reads pictures: makes Node read TypeScript, then hands over.

import { register } from 'tsx/esm/api';

register();
await import('./picture-thread.ts');
