#!/usr/bin/env node
// The entry of `npx bifocal`: hands over to main.ts.

import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from '../services/load.mjs';
import { usePrograms } from './setup.mjs';

// Models and migrations lie in the repository, whatever folder the command is called from.
process.env.BIFOCAL_ROOT ??= path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
// Pictures are decoded on Node's own threads: four, unless it is told otherwise before they start.
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, os.availableParallelism()));
await usePrograms();
const { main } = await load('scripts/main.ts');
process.exitCode = await main(process.argv.slice(2));
