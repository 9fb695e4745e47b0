// Starts a program in this process or on this thread: `launch.mjs services/engine/child.ts ARGS…`.

import { load } from './load.mjs';

const [program] = process.argv.splice(2, 1);
await load(program);
