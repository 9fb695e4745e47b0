// Jobs are real commands in real processes: followed, stopped, killed, and read by somebody who came later.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobRefused, JobsBusy, kinds, openJobs, UnknownJob, type JobDetail } from '#jobs';

let home: string;
let pictures: string;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'bifocal-jobs-'));
  pictures = path.join(home, 'pictures');
  await mkdir(pictures);
  process.env.BIFOCAL_HOME = home;
  for (let n = 0; n < 40; n++) {
    await sharp({
      create: {
        width: 64,
        height: 48,
        channels: 3,
        background: { r: n * 6, g: 255 - n * 6, b: n },
      },
    })
      .png()
      .toFile(path.join(pictures, `${n}.png`));
  }
  await writeFile(path.join(pictures, 'not a picture.png'), 'text');
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function last(
  of: AsyncIterable<JobDetail>,
  seen: (job: JobDetail) => void = () => undefined,
) {
  let job: JobDetail | undefined;
  for await (const one of of) seen((job = one));
  return job!;
}

describe('an ingest', () => {
  it('is followed to its report, and found again by another process', async () => {
    const jobs = openJobs();
    const { id, state } = await jobs.start('ingest', { paths: [pictures], collection: 'colours' });
    expect(state).toBe('running');
    const states: string[] = [];
    const job = await last(jobs.follow(id), (one) => states.push(one.state));
    expect(states.slice(0, -1).every((one) => one === 'running')).toBe(true);
    expect(job.state).toBe('done');
    expect(job.progress?.text).toMatch(/images\/s|search indexes/);
    expect(job.progress).toMatchObject({ total: 41 });
    expect(job.result).toMatchObject({ found: 41, added: 40, failed: 1 });
    expect(job.notes.join('\n')).toContain('left out');

    const later = openJobs();
    expect(await later.get(id)).toEqual(job);
    expect((await later.list()).map((one) => one.id)).toEqual([id]);
  });

  it('says in one line why it failed', async () => {
    const jobs = openJobs();
    const { id } = await jobs.start('ingest', { paths: [path.join(home, 'nowhere')] });
    const job = await last(jobs.follow(id));
    expect(job.state).toBe('failed');
    expect(job.error).toMatch(/nowhere: no such file/);
  });

  it('stops when asked, also by somebody who did not start it', async () => {
    const jobs = openJobs();
    const { id } = await jobs.start('ingest', { paths: [pictures] });
    const other = openJobs();
    await readWhenThere(path.join(home, 'jobs', id, 'pid'));
    expect((await other.stop(id)).state).toMatch(/stopp/);
    expect((await last(other.follow(id))).state).toBe('stopped');
    expect(await other.forget(id)).toBe(true);
    await expect(other.get(id)).rejects.toThrow(UnknownJob);
  });

  it('leaves the processor to who started it; that was killed is known to have failed, by whoever looks', async () => {
    const jobs = openJobs();
    const { id } = await jobs.start('ingest', { paths: [pictures] });
    const other = openJobs();
    const pid = Number(await readWhenThere(path.join(home, 'jobs', id, 'pid')));
    expect(os.getPriority(pid)).toBeGreaterThan(os.getPriority());
    expect((await other.get(id)).state).toBe('running');
    expect(await other.forget(id)).toBe(false);
    process.kill(pid, 'SIGKILL');
    const job = await last(other.follow(id));
    expect(job.state).toBe('failed');
    expect(job.error).toMatch(/killed/);
    expect((await openJobs().get(id)).endedAt).toBe(job.endedAt);
  });
});

it('starts nothing that it does not understand, and nothing beyond its limits', async () => {
  const jobs = openJobs();
  const before = (await jobs.list()).length;
  await expect(jobs.start('ingest', { paths: [] })).rejects.toThrow(JobRefused);
  await expect(jobs.start('ingest', { paths: ['relative'] })).rejects.toThrow(
    /paths.0: .*absolute/,
  );
  await expect(jobs.start('resume', { run: '../../etc' })).rejects.toThrow(JobRefused);
  await expect(jobs.start('modelUse', { model: '--help' })).rejects.toThrow(JobRefused);
  await expect(
    jobs.start('train', { collection: 'c', out: '/tmp/x' } as { collection: string }),
  ).rejects.toThrow(JobRefused);
  await expect(jobs.get('../jobs')).rejects.toThrow(UnknownJob);
  expect(await jobs.list()).toHaveLength(before);

  const { id } = await jobs.start('indexTune', {});
  await expect(jobs.start('indexTune', {})).rejects.toThrow(JobsBusy);
  await jobs.stop(id);
  await last(jobs.follow(id));
});

it('never lets a value become an option', () => {
  const hostile = '--prune';
  expect(kinds.ingest.args({ paths: ['/--watch'], collection: hostile })).toEqual([
    'ingest',
    '--collection=--prune',
    '--json',
    '--',
    '/--watch',
  ]);
  expect(kinds.train.args({ collection: hostile, model: 'starter', epochs: 2 })).toEqual([
    'train',
    '--data=collection:--prune',
    false,
    false,
    false,
    '--model=starter',
    '--epochs=2',
    '--json',
  ]);
  expect(kinds.evaluate.args({ collection: hostile, model: 'starter' })).toContain(
    '--data=collection:--prune',
  );
  expect(kinds.map.args({ model: '/models/mine', afresh: true })).toEqual([
    'map',
    '--model=/models/mine',
    '--afresh',
    '--json',
  ]);
  expect(kinds.modelUse.parameters.safeParse({ model: hostile }).success).toBe(false);
  expect(kinds.modelDrop.parameters.safeParse({ model: hostile }).success).toBe(false);
  const models = { before: 'starter', after: hostile };
  expect(kinds.modelDiff.parameters.safeParse(models).success).toBe(false);
});

async function readWhenThere(file: string): Promise<string> {
  for (;;) {
    const content = await readFile(file, 'utf8').catch(() => '');
    if (content !== '') return content;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it('knows uploads by their place in the data folder, and nothing else by one', () => {
  const { parameters, args } = kinds.ingest;
  expect(args({ paths: ['uploads/旅行-1a2b3c4d', '/p'] }).slice(-2)).toEqual([
    path.join(home, 'uploads', '旅行-1a2b3c4d'),
    '/p',
  ]);
  for (const source of ['uploads', 'uploads/..', 'uploads/a/../..', 'uploads/a/b', 'runs/a']) {
    expect(parameters.safeParse({ paths: [source] }).success, source).toBe(false);
  }
});
