// `npm run build`: the page, ready to be served; nothing to do when its sources are as they were.
import { build, main, setUp } from './setup.mjs';

await main(async () => {
  await setUp();
  await build();
});
