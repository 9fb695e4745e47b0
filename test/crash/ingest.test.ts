// Two ingests at once on overlapping folders, killed at random moments again and again: the library is
// sound each time, and a last run makes it complete, nothing twice.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openCatalog } from '#catalog';
import { checkLibrary } from '#check';
import { Random } from '#random';
import { temporaryFolder } from '../catalog/fixtures';
import { bifocal, entry, lastLine } from '../scripts/command';

const PICTURES = 120;
const ROUNDS = 4;

/** Distinct pictures, half of them in a folder inside, each second one with a caption. */
async function makePictures(folder: string): Promise<void> {
  mkdirSync(path.join(folder, 'inside'));
  for (let n = 0; n < PICTURES; n++) {
    const file = path.join(folder, n % 2 === 0 ? 'inside' : '', `${n}.png`);
    const background = { r: n, g: 255 - n, b: (n * 37) % 256 };
    const picture = sharp({ create: { width: 64, height: 48, channels: 3, background } });
    await picture.png().toFile(file);
    if (n % 4 === 0) writeFileSync(file.replace('png', 'txt'), `colour number ${n}`);
  }
}

/** An ingest that is killed after some milliseconds, unless it is done before. */
async function killed(folder: string, home: string, milliseconds: number): Promise<void> {
  const child = spawn(process.execPath, [entry, 'ingest', folder], {
    env: { ...process.env, BIFOCAL_HOME: home },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  await setTimeout(milliseconds);
  child.kill('SIGKILL');
  await ended;
}

async function faults(home: string) {
  const catalog = await openCatalog(path.join(home, 'bifocal.db'));
  const options = { catalog, home, repair: false, deep: true, onProgress: () => {} };
  const { faults } = await checkLibrary(options);
  const counts = await catalog.counts();
  await catalog.close();
  return { faults, counts };
}

test('kill -9 of two ingests at once leaves nothing lost, doubled or half done', async () => {
  const home = temporaryFolder();
  const folder = path.join(home, 'pictures');
  const inside = path.join(folder, 'inside');
  mkdirSync(folder);
  await makePictures(folder);
  const random = new Random(5);
  for (let round = 0; round < ROUNDS; round++) {
    const delay = () => 800 + 2200 * random.uniform();
    await Promise.all([killed(folder, home, delay()), killed(inside, home, delay())]);
    expect((await faults(home)).faults).toEqual([]);
  }

  const ends = await Promise.all(
    [folder, inside].map((each) => bifocal(['ingest', each], { home })),
  );
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  const { faults: found, counts } = await faults(home);
  expect(found).toEqual([]);
  expect(counts).toMatchObject({
    items: PICTURES,
    files: { present: PICTURES, missing: 0, failed: 0 },
    captions: PICTURES / 4,
  });
  const again = await bifocal(['ingest', folder, '--json'], { home });
  expect(lastLine(again)).toMatchObject({ found: PICTURES, added: 0, unchanged: PICTURES });
});
