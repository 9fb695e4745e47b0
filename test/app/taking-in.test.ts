// What may be brought in over HTTP: folders inside the roots, links resolved, and names of files that are only names.
import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkRoots } from '../../app/_server/roots';
import { fittingName } from '../../app/_server/uploads';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'bifocal-roots-')));
  for (const name of ['allowed/inside', 'allowed too', 'outside']) {
    await mkdir(path.join(folder, name), { recursive: true });
  }
  await symlink(path.join(folder, 'outside'), path.join(folder, 'allowed/way out'));
  process.env.BIFOCAL_ROOTS = path.join(folder, 'allowed');
});
afterEach(async () => {
  delete process.env.BIFOCAL_ROOTS;
  await rm(folder, { recursive: true });
});

it.each(['allowed', 'allowed/inside', 'allowed/not yet there'])(
  '%s may be taken in',
  async (name) => {
    await expect(checkRoots([path.join(folder, name)])).resolves.toBeUndefined();
  },
);

it.each(['outside', 'allowed too', 'allowed/../outside', 'allowed/way out', '.', '/etc'])(
  '%s may not',
  async (name) => {
    const paths = [path.join(folder, 'allowed'), path.resolve(folder, name)];
    await expect(checkRoots(paths)).rejects.toMatchObject({ status: 403 });
  },
);

it('a path is named as it was given: where the data folder lies is not for clients', async () => {
  await expect(checkRoots(['uploads/../etc'])).rejects.toThrow(/^uploads\/..\/etc is outside/);
});

it('everything may where no roots are named', async () => {
  delete process.env.BIFOCAL_ROOTS;
  await expect(checkRoots(['/etc'])).resolves.toBeUndefined();
});

it.each([
  ['holiday.jpg', 'jpeg', 'holiday.jpg'],
  ['HOLIDAY.JPEG', 'jpeg', 'HOLIDAY.JPEG'],
  ['../../etc/passwd', 'png', 'passwd.png'],
  ['C:\\pictures\\a.png', 'png', 'a.png'],
  ['.hidden.png', 'png', 'hidden.png'],
  ['..', 'webp', 'picture.webp'],
  ['', 'gif', 'picture.gif'],
  ['a\u0000b\n.png', 'png', 'ab.png'],
  ['photo\u202Egnp.exe', 'jpeg', 'photognp.exe.jpeg'],
  ['图片 1.png', 'png', '图片 1.png'],
])('%j of format %s is kept as %j', (name, format, kept) => {
  expect(fittingName(name, format)).toBe(kept);
});

it('cuts long names without breaking a character, and keeps what tells the format', () => {
  const name = fittingName(`${'图'.repeat(300)}.png`, 'png');
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(210);
  expect(name).toMatch(/^图+\.png$/);
});
