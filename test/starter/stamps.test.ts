// Tux Paint's stamps, read from files as Debian packages them.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readStamps } from '../../scripts/starter/stamps';

test('a stamp is a picture with a text: English first, other languages by their prefix', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'bifocal-stamps-'));
  try {
    await mkdir(path.join(folder, 'animals'));
    const files: [name: string, text: string][] = [
      ['animals/oryx.png', ''],
      [
        'animals/oryx.txt',
        'A male oryx.\r\nes.utf8=Un órix macho.\r\nzh_tw.utf8=公的劍羚\nde.utf8=\n',
      ],
      ['animals/oryx.dat', ''],
      ['boat.svg', ''],
      ['boat.txt', 'A boat.'],
      ['untold.png', ''],
      ['empty.png', ''],
      ['empty.txt', '\nfr.utf8=Rien.'],
    ];
    for (const [name, text] of files) await writeFile(path.join(folder, name), text);
    expect(await readStamps(folder)).toEqual([
      { path: 'animals/oryx.png', says: { en: 'A male oryx.', es: 'Un órix macho.' } },
      { path: 'boat.svg', says: { en: 'A boat.' } },
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
