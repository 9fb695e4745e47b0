// One run of ingest over a folder in a process of its own; prints the peak of its memory in KB.

import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openCatalog } from '#catalog';
import { ingest } from '#ingest';
import { loadDualEncoder } from '#model';

const home = await mkdtemp(path.join(os.tmpdir(), 'bifocal-bench-'));
const catalog = await openCatalog(path.join(home, 'bifocal.db'));
const model = await loadDualEncoder('starter');
await ingest([process.argv[2]!], { catalog, model });
await catalog.close();
await rm(home, { recursive: true });
console.log(process.resourceUsage().maxRSS);
