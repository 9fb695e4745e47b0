// What a job says is told without where this server keeps its files.
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JobDetail } from '#jobs';
import { shownJob } from '../../app/_server/shown-job';

const before = { ...process.env };
beforeEach(() => Object.assign(process.env, { BIFOCAL_ROOT: '/srv/app', BIFOCAL_HOME: '/data/b' }));
afterEach(() => {
  process.env = { ...before };
});

it('has paths of the data folder and the repository relative, and others as they are', () => {
  const job: JobDetail = {
    id: '20260101-000000-00000000',
    kind: 'ingest',
    parameters: { paths: ['/data/b/uploads/x', '/pictures'] },
    state: 'failed',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:01.000Z',
    progress: { text: 'reads /data/b/uploads/x/1.png', done: 1 },
    error: '/data/b/bifocal.db: damaged',
    notes: ['at /srv/app/services/catalog/catalog.ts', 'left out /pictures/a.png: empty'],
    result: { failures: [{ path: '/data/b/uploads/x/1.png' }], run: '/data/b/runs/1' },
  };
  expect(shownJob(job)).toEqual({
    ...job,
    progress: { text: 'reads uploads/x/1.png', done: 1 },
    error: 'bifocal.db: damaged',
    notes: [
      `at ${path.join('services', 'catalog', 'catalog.ts')}`,
      'left out /pictures/a.png: empty',
    ],
    result: { failures: [{ path: 'uploads/x/1.png' }], run: 'runs/1' },
  });
});
