// `npm test`: set up, then every check and every test; the last line counts them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SetupError, build, main, run, say, setUp } from './setup.mjs';

const checks = [
  ['types', 'typecheck'],
  ['lint', 'lint'],
  ['format', 'format:check'],
];
const suites = [
  ['unit and integration tests', 'test:unit'],
  ['browser tests', 'test:app'],
];

await main(async () => {
  await setUp();
  await build();
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [title, script] of checks) {
    if (!(await passes(title, script, []))) total.failed++;
  }
  for (const [title, script] of suites) add(total, await runSuite(title, script));
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  if (total.failed > 0) process.exitCode = 1;
});

/** Runs one of package.json's scripts; says so when it fails, and goes on. */
async function passes(title, script, args) {
  say(title);
  try {
    await run('npm', ['run', '--silent', script, '--', ...args], `${title}: failed`);
    return true;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return false;
  }
}

/** Runs vitest and returns its counts; a run or a file that broke down counts as a failure. */
async function runSuite(title, script) {
  const folder = mkdtempSync(path.join(tmpdir(), 'bifocal-test-'));
  const report = path.join(folder, 'report.json');
  const passed = await passes(title, script, [
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  try {
    const counts = countsOf(JSON.parse(readFileSync(report, 'utf8')));
    if (!passed && counts.failed === 0) counts.failed = 1;
    return counts;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countsOf({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }) {
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests + broken.length,
    skipped: numPendingTests + numTodoTests,
  };
}

function add(total, counts) {
  for (const kind of Object.keys(total)) total[kind] += counts[kind];
}
