// One run of ingest over a folder in a process of its own; prints the peak of its memory in KB.

import path from 'node:path';
import { openCatalog } from '#catalog';
import { ingest } from '#ingest';
import { loadDualEncoder } from '#model';
import { inTemporaryFolder } from './temporary-folder';

await inTemporaryFolder(async (home) => {
  const catalog = await openCatalog(path.join(home, 'bifocal.db'));
  const model = await loadDualEncoder('starter', { waitAsleep: true });
  await ingest([process.argv[2]!], { catalog, model });
  await catalog.close();
});
console.log(process.resourceUsage().maxRSS);
