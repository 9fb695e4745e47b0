// What a library goes through in a year, at full speed, until this process is killed. Run by kill.test.ts:
// `life.ts HOME ROLE SEED`; it writes a dot when it begins and after each thing done.

import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { openCatalog, restore, type Catalog } from '#catalog';
import { openEngine } from '#engine';
import { ingest } from '#ingest';
import { loadDualEncoder } from '#model';
import { Random } from '#random';

const [home, role, seed] = process.argv.slice(2) as [string, string, string];
const random = new Random(Number(seed));
const pictures = path.join(home, 'pictures');
const database = path.join(home, 'bifocal.db');
const backup = path.join(home, 'backup.db');

/** A picture that nobody has, put into its place whole; of four, one with a caption. */
async function create(name: string): Promise<void> {
  const made = path.join(home, `new-${process.pid}.png`);
  const colour = () => random.between(0, 255);
  const background = { r: colour(), g: colour(), b: colour() };
  const picture = sharp({ create: { width: 40, height: 30, channels: 3, background } });
  await picture.png().toFile(made);
  await rename(made, path.join(pictures, name));
}

/** Pictures come, go, change, move and double. Those with a caption stay what and where they are. */
async function change(): Promise<void> {
  for (let n = 0; n < 6; n++) {
    const name = `${random.between(0, 60)}.png`;
    await create(random.uniform() < 0.5 ? name : path.join('inside', name));
  }
  const captioned = `captioned-${random.between(0, 20)}.png`;
  await writeFile(path.join(pictures, captioned.replace('png', 'txt')), `words of ${captioned}`);
  if (!(await readdir(pictures)).includes(captioned)) await create(captioned);
  const files = (await readdir(pictures)).filter((name) => /^\d+\.png$/.test(name));
  for (const name of files.slice(0, 4)) {
    const [from, to] = [path.join(pictures, name), path.join(pictures, 'inside', `m-${name}`)];
    await (random.uniform() < 0.4
      ? rm(from)
      : random.uniform() < 0.5
        ? rename(from, to)
        : copyFile(from, to));
  }
}

async function own(catalog: Catalog): Promise<void> {
  const model = await loadDualEncoder(path.join(home, 'model'));
  for (;;) {
    await change();
    await ingest([pictures], { catalog, model });
    if (random.uniform() < 0.5) await catalog.prune(pictures);
    const engine = await openEngine({ catalog, encoder: model, home });
    await engine.refresh();
    await engine.close();
    process.stdout.write('.');
  }
}

async function visit(catalog: Catalog): Promise<void> {
  const model = await loadDualEncoder(path.join(home, 'model'));
  for (;;) {
    await ingest([path.join(pictures, 'inside')], { catalog, model, collection: 'inside' });
    // There is no such collection while the folder has had no picture.
    const some = (await catalog.collections.list()).some(({ name }) => name === 'inside');
    const [first] = some ? catalog.filtered({ collection: 'inside' }, 'image') : [];
    if (first !== undefined && random.uniform() < 0.3) await catalog.forgetItems([first]);
    process.stdout.write('.');
  }
}

async function keep(catalog: Catalog): Promise<void> {
  for (;;) {
    await catalog.backup(backup, () => {});
    process.stdout.write('.');
  }
}

async function bringBack(): Promise<void> {
  for (;;) {
    await restore(backup, path.join(home, 'restored', 'bifocal.db'));
    process.stdout.write('.');
  }
}

await mkdir(path.join(pictures, 'inside'), { recursive: true });
process.stdout.write('.');
const roles: Record<string, (catalog: Catalog) => Promise<void>> = { own, visit, keep };
await (role === 'bringBack' ? bringBack() : roles[role]!(await openCatalog(database)));
