// The built page over a small library of real pictures, served for a test file; and a browser to look at it.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { buildGallery } from '../../scripts/gallery';
import { createTinyModel } from '../engine/tiny-model';

const root = process.cwd();
const bifocal = path.join(root, 'scripts', 'bin.mjs');

export interface Site {
  url: string;
  /** Where the pictures are. */
  folder: string;
  server: ChildProcess;
  close(): Promise<void>;
}

/** More than a page of results shows. */
export const PICTURES = 70;

/** A library of drawings and two photographs' shapes, ingested by the command line, and served. */
export async function startSite(): Promise<Site> {
  const home = await mkdtemp(path.join(tmpdir(), 'bifocal-app-'));
  const environment = { ...process.env, BIFOCAL_HOME: home, BIFOCAL_MODEL: await model(home) };
  const folder = await fillFolder(home);
  await promisify(execFile)(process.execPath, [bifocal, 'ingest', folder, '--json'], {
    env: environment,
  });
  return serveSite(environment, home, folder);
}

/** A page over a library that has never seen a picture. */
export async function startEmptySite(): Promise<Site> {
  const home = await mkdtemp(path.join(tmpdir(), 'bifocal-app-'));
  const environment = { ...process.env, BIFOCAL_HOME: home, BIFOCAL_MODEL: await model(home) };
  return serveSite(environment, home, home);
}

async function serveSite(env: NodeJS.ProcessEnv, home: string, folder: string): Promise<Site> {
  if (!existsSync(path.join(root, '.next', 'BUILD_ID'))) {
    throw new Error('the page is not built: npm run build');
  }
  const port = await freePort();
  const args = [bifocal, 'serve', '--port', String(port)];
  const server = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://localhost:${port}`;
  const close = async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  await until(async () => (await status(url)) === 'ready', 'the engine to be ready');
  return { url, folder, server, close };
}

export async function status(url: string): Promise<string | null> {
  try {
    const answer = (await (await fetch(`${url}/api/status`)).json()) as { state: string };
    return answer.state;
  } catch {
    return null;
  }
}

/** Waits for something to become true; the failure says what it was. */
export async function until(happens: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await happens())) {
    if (Date.now() > deadline) throw new Error(`waited a minute for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The starter model where the repository has it, else one with random weights. */
async function model(home: string): Promise<string> {
  const starter = path.join(root, 'models', 'starter');
  if (existsSync(path.join(starter, 'config.json'))) return starter;
  const tiny = path.join(home, 'models', 'tiny');
  await createTinyModel(tiny);
  return tiny;
}

async function fillFolder(home: string): Promise<string> {
  const gallery = await buildGallery(path.join(home, 'all'));
  const folder = path.join(home, 'pictures');
  await mkdir(folder);
  const lines = await readLines(path.join(gallery.folder, 'metadata.jsonl'));
  const chosen = lines.filter((_, index) => index % Math.floor(lines.length / PICTURES) === 0);
  const named = lines.filter(({ file_name }) => wanted.includes(path.parse(file_name).name));
  const pictures = [...new Set([...named, ...chosen])].slice(0, PICTURES - 2);
  for (const { file_name } of pictures) {
    await copyFile(path.join(gallery.folder, file_name), path.join(folder, file_name));
  }
  await sharp({ create: { width: 900, height: 300, channels: 3, background: '#7aa0c4' } })
    .jpeg()
    .toFile(path.join(folder, 'wide sky.jpg'));
  await writeFile(
    path.join(folder, 'drawing.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="80"><rect width="40" height="80" fill="teal"/></svg>',
  );
  const metadata = pictures.map((line) => JSON.stringify(line)).join('\n');
  await writeFile(path.join(folder, 'metadata.jsonl'), `${metadata}\n`);
  return folder;
}

/** Pictures that the tests ask for by name. */
const wanted = ['red apple', 'guitar', 'bicycle', 'hot beverage'];

async function readLines(file: string): Promise<{ file_name: string; captions: string[] }[]> {
  const text = await readFile(file, 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { file_name: string; captions: string[] });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, 'localhost', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
