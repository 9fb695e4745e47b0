// The built page over a small library of real pictures, served for a test file; and a browser to look at it.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';

const root = process.cwd();
const bifocal = path.join(root, 'scripts', 'bin.mjs');

export interface Site {
  url: string;
  /** Where the pictures are. */
  folder: string;
  server: ChildProcess;
  close(): Promise<void>;
}

/** Milliseconds that a busy machine may need to ingest and start. */
export const SLOWEST_START = 400_000;

/** More than a page of results shows. */
export const PICTURES = 70;

/** A library of drawings and two photographs' shapes, ingested by the command line, and served. */
export async function startSite(): Promise<Site> {
  const home = await mkdtemp(path.join(tmpdir(), 'bifocal-app-'));
  const environment = { ...process.env, BIFOCAL_HOME: home, BIFOCAL_MODEL: await model(home) };
  const folder = await fillFolder(home);
  await promisify(execFile)(
    process.execPath,
    [bifocal, 'ingest', folder, '--collection', 'gallery', '--json'],
    {
      env: environment,
    },
  );
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
  // For a test run that is cut short.
  process.once('exit', () => server.kill());
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
  const deadline = Date.now() + SLOWEST_START / 2;
  while (!(await happens())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The starter model where the repository has it, else one with random weights. */
async function model(home: string): Promise<string> {
  const starter = path.join(root, 'models', 'starter');
  if (existsSync(path.join(starter, 'config.json'))) return starter;
  const { createTinyModel } = await import('../engine/tiny-model');
  const tiny = path.join(home, 'models', 'tiny');
  await createTinyModel(tiny);
  return tiny;
}

/** Drawings that the tests ask for by name; others come along. */
const wanted = ['guitar', 'bicycle', 'red apple'];

async function fillFolder(home: string): Promise<string> {
  const folder = path.join(home, 'pictures');
  await mkdir(folder);
  const lines = [];
  for (const { name, source } of await drawings(PICTURES - 2)) {
    await copyFile(source, path.join(folder, `${name}.webp`));
    lines.push(JSON.stringify({ file_name: `${name}.webp`, captions: [name] }));
  }
  await writeFile(path.join(folder, 'metadata.jsonl'), lines.join('\n'));
  await sharp({ create: { width: 900, height: 300, channels: 3, background: '#7aa0c4' } })
    .jpeg()
    .toFile(path.join(folder, 'wide sky.jpg'));
  await writeFile(
    path.join(folder, 'drawing.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="80"><rect width="40" height="80" fill="teal"/></svg>',
  );
  return folder;
}

/** Names and files of `count` drawings from the package that the sample gallery is made of. */
async function drawings(count: number): Promise<{ name: string; source: string }[]> {
  const packages = path.join(root, 'node_modules');
  const assets = path.join(packages, '@lobehub', 'fluent-emoji-3d', 'assets');
  const cldr = path.join(
    packages,
    'cldr-annotations-full',
    'annotations',
    'en',
    'annotations.json',
  );
  const { annotations } = JSON.parse(await readFile(cldr, 'utf8')) as {
    annotations: { annotations: Record<string, { tts?: string[] }> };
  };
  const all = Object.entries(annotations.annotations).flatMap(([emoji, { tts }]) => {
    const codes = Array.from(emoji, (character) => character.codePointAt(0)!.toString(16));
    const source = path.join(assets, `${codes.join('-')}.webp`);
    const name = tts?.[0] ?? '';
    return /^[a-z ]+$/.test(name) && existsSync(source) ? [{ name, source }] : [];
  });
  const named = all.filter(({ name }) => wanted.includes(name));
  const others = all.filter((_, index) => index % Math.floor(all.length / count) === 0);
  return [...new Set([...named, ...others])].slice(0, count);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, 'localhost', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
