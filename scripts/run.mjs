// Runs a TypeScript program of this repository after the set-up that it needs: `node scripts/run.mjs FILE ARGS…`.
import { ended, main, setUp, start } from './setup.mjs';

await main(async () => {
  await setUp();
  const { code } = await ended(
    start(process.execPath, ['--import', 'tsx', ...process.argv.slice(2)]),
  );
  process.exitCode = code ?? 1;
});
