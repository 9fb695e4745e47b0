// `npm start`: from a fresh clone to the search page. Each step is quick when it has been done before.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { DEFAULT_HOST, DEFAULT_PORT, checkPort, parsePort, serveApp } from './server.mjs';
import { build, main, root, run, say, setUp, whenChanged } from './setup.mjs';

const home = path.resolve(root, process.env.BIFOCAL_HOME ?? 'var');

await main(async () => {
  const port = parsePort(process.env.PORT || DEFAULT_PORT);
  await checkPort(port, DEFAULT_HOST);
  await setUp();
  await fillLibrary();
  await build();
  say(`the page is on http://${DEFAULT_HOST}:${port}; Ctrl-C ends it`);
  await serveApp({ port, host: DEFAULT_HOST });
});

/** The sample gallery, for a library that is new, and again when the starter model has changed. */
async function fillLibrary() {
  const gallery = path.join(home, 'gallery');
  const ownPictures = existsSync(path.join(home, 'bifocal.db')) && !existsSync(gallery);
  if (ownPictures) return;
  await whenChanged(
    path.join(gallery, '.stamp'),
    ['models/starter', 'scripts/gallery.ts'],
    async () => {
      say('indexing the sample gallery, about 1,500 pictures');
      const sample = path.join(root, 'scripts', 'sample.ts');
      await run(
        process.execPath,
        ['--import', 'tsx', sample],
        'the sample gallery could not be indexed',
      );
    },
  );
}
