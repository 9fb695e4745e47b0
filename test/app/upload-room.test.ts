// Uploads may take so much of the disk and no more, whoever sends them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { UploadRoom } from '../../app/_server/upload-room';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bifocal-room-'));
  await mkdir(path.join(folder, 'trip'));
  await writeFile(path.join(folder, 'trip', 'one.png'), Buffer.alloc(600));
  await writeFile(path.join(folder, 'trip', '.unfinished.part'), Buffer.alloc(9_000));
});
afterEach(() => rm(folder, { recursive: true }));

const full = { status: 413, message: expect.stringContaining('in all') as string };

it('counts the bytes of what is there and of what comes', async () => {
  const room = new UploadRoom(folder, { files: 100, bytes: 1_000 });
  await expect(room.take(500)).rejects.toMatchObject(full);
  await room.take(300);
  await writeFile(path.join(folder, 'two.png'), Buffer.alloc(300));
  await expect(room.take(101)).rejects.toMatchObject(full);
  await room.take(100);
});

it('counts files, and notices what was removed', async () => {
  const room = new UploadRoom(folder, { files: 2, bytes: 1e9 });
  await room.take(1);
  await writeFile(path.join(folder, 'two.png'), 'x');
  await expect(room.take(1)).rejects.toMatchObject(full);
  await rm(path.join(folder, 'two.png'));
  await room.take(1);
});
