// Archives as they are sent, read again by a reader that somebody else wrote; onnxruntime-node brings it along.
import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { zip, type ZipEntry } from '../../app/_server/zip';

type ZipReader = new (bytes: Buffer) => {
  getEntries(): { entryName: string; getData(): Buffer; header: { time: Date } }[];
};
const Zip = createRequire(import.meta.url)('adm-zip') as ZipReader;

const folder = mkdtempSync(path.join(tmpdir(), 'bifocal-zip-'));
afterAll(() => rmSync(folder, { recursive: true }));

function entry(
  name: string,
  content: Buffer,
  changed = new Date(2024, 4, 17, 12, 30, 8),
): ZipEntry {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return { name, path: file, bytes: statSync(file).size, changed };
}

/** Compressible or not, larger than what is read at once. */
const large = Buffer.alloc(1_000_000, 'Bifocal');

it('holds the files by their names and times, and is as long as it says', async () => {
  const old = new Date(1970, 0, 2);
  const files = [entry('fünf 猫.jpg', large), entry('empty.png', Buffer.of(), old)];
  const { length, body } = zip(files);
  const bytes = Buffer.from(await new Response(body).arrayBuffer());
  expect(BigInt(bytes.length)).toBe(length);
  const read = new Zip(bytes).getEntries();
  expect(read.map(({ entryName }) => entryName)).toEqual(['fünf 猫.jpg', 'empty.png']);
  expect(read[0]!.getData().equals(large)).toBe(true);
  expect(read[1]!.getData()).toHaveLength(0);
  // Archives know no time before 1980.
  const times = [files[0]!.changed, new Date(1980, 0, 1)];
  expect(read.map(({ header }) => header.time)).toEqual(times);
});

it.each([-1, 1])('breaks off where a file has changed its length (%i)', async (difference) => {
  const file = entry('changing.jpg', large);
  const { body } = zip([{ ...file, bytes: file.bytes + difference }]);
  await expect(new Response(body).arrayBuffer()).rejects.toThrow('changed while it was sent');
});

it('breaks off where a file is gone', async () => {
  const { body } = zip([{ ...entry('gone.jpg', large), path: path.join(folder, 'nowhere') }]);
  await expect(new Response(body).arrayBuffer()).rejects.toThrow('ENOENT');
});

it.skipIf(process.platform !== 'linux')('leaves no file open when its reader leaves', async () => {
  const file = entry('left.jpg', large);
  const opened = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === file.path;
      } catch {
        return false; // the folder was being read through it
      }
    });
  const reader = zip([file, file]).body.getReader();
  while (opened().length === 0) await reader.read();
  await reader.cancel(new Error('left')).catch(() => undefined);
  await expect.poll(opened).toEqual([]);
});
