// What has to be true before anything runs: Node, packages, the database client, the built page. Plain Node, no packages.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from './compile.mjs';
import { buildTunedAddon } from './native.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const OLDEST_NODE = [20, 19];
const environment = {
  ...process.env,
  BIFOCAL_ROOT: root,
  NEXT_TELEMETRY_DISABLED: '1',
  // Where npm is older than 11 it ignores package.json's allowScripts; CUDA libraries are opt-in.
  ONNXRUNTIME_NODE_INSTALL: process.env.ONNXRUNTIME_NODE_INSTALL ?? 'skip',
  // `prisma generate` wants a schema engine to exist, and does not use it.
  PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
};

/** A failure whose message alone is for the reader. */
export class SetupError extends Error {}

/** One line on what is being done. */
export function say(line) {
  console.log(`bifocal: ${line}`);
}

/**
 * Runs a program in the repository and waits for it.
 * @param {string} program
 * @param {string[]} args
 * @param {string} [failure] what to say when it fails
 */
export async function run(program, args, failure = `${program} ${args.join(' ')} failed`) {
  const { code, signal } = await ended(start(program, args));
  if (signal) throw new SetupError(`stopped by ${signal}`);
  if (code !== 0) throw new SetupError(`${failure} (exit code ${code})`);
}

/** Starts a program in the repository; it ends with this process. */
export function start(program, args) {
  const windows = process.platform === 'win32';
  const child = spawn(program, args, {
    cwd: root,
    env: environment,
    stdio: 'inherit',
    shell: windows,
  });
  // Ctrl-C reaches the whole group by itself; a plain kill has to be handed on.
  const handOn = () => child.kill('SIGTERM');
  const wait = () => {};
  process.on('SIGTERM', handOn).on('SIGINT', wait);
  child.once('exit', () => process.off('SIGTERM', handOn).off('SIGINT', wait));
  return child;
}

/** How a program ended. */
export function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new SetupError(`${child.spawnfile} cannot be run: ${cause.message}`, { cause })),
    );
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** The program of an installed package, run by this same Node. */
export function runPackage(name, args, failure) {
  return run(process.execPath, [packageProgram(name), ...args], failure);
}

function packageProgram(name) {
  const folder = path.join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, typeof bin === 'string' ? bin : bin[name]);
}

/** Brings the packages and the generated code up to date. Quick when they are. */
export async function setUp() {
  checkNode();
  if (!isInstalled()) {
    say('installing packages; the first time this takes some minutes');
    await run(
      'npm',
      ['ci', '--no-audit', '--no-fund'],
      'npm ci failed; its last lines above say why',
    );
  }
  await whenChanged(
    'prisma/client/.stamp',
    ['prisma/schema.prisma', 'package-lock.json'],
    async () => {
      say('generating the database client');
      await runPackage('prisma', ['generate'], 'prisma generate failed');
    },
  );
  buildTunedAddon(root, say);
  await usePrograms();
}

/** What is loaded and started from now on is compiled, as the sources are now; or TypeScript, where that fails. */
export async function usePrograms() {
  const sources = ['scripts', 'services', 'prisma/schema.prisma', 'package-lock.json'];
  const folder = await compile(root, hashOf(sources)).catch(() => '');
  process.env.BIFOCAL_COMPILED = environment.BIFOCAL_COMPILED = folder;
}

/** Builds the page if its sources have changed since. */
export async function build() {
  const sources = [
    'app',
    'services',
    'prisma/schema.prisma',
    'instrumentation.ts',
    'next.config.ts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ];
  await whenChanged('.next/.stamp', sources, async () => {
    say('building the page');
    await runPackage('next', ['build'], 'next build failed');
  });
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldMajor, oldMinor] = OLDEST_NODE;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return;
  throw new SetupError(
    `needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node} (https://nodejs.org)`,
  );
}

/** Whether node_modules holds what package-lock.json asks for; npm writes its own record of that last. */
function isInstalled() {
  const record = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const { packages: installed } = JSON.parse(readFileSync(record, 'utf8'));
  const { packages: wanted } = JSON.parse(
    readFileSync(path.join(root, 'package-lock.json'), 'utf8'),
  );
  return Object.entries(wanted).every(([name, { version, optional }]) => {
    if (name === '') return true;
    // Optional packages for other systems are not there, and need not be.
    return installed[name] === undefined ? optional === true : installed[name].version === version;
  });
}

/**
 * Does `work` unless it was done for these very sources. What it makes is in the stamp's folder.
 * @param {string} stamp a file that holds the hash of the sources it was done for
 * @param {string[]} sources files and folders
 * @param {() => Promise<void>} work
 */
export async function whenChanged(stamp, sources, work) {
  const file = path.resolve(root, stamp);
  const hash = hashOf(sources);
  if (existsSync(file) && readFileSync(file, 'utf8') === hash) return;
  rmSync(file, { force: true });
  await work();
  writeFileSync(file, hash);
}

/** One hash over the names and contents of files, and of all files in folders. */
function hashOf(sources) {
  const hash = createHash('sha256');
  for (const source of sources.flatMap(filesIn).sort()) {
    hash
      .update(source)
      .update('\0')
      .update(readFileSync(path.join(root, source)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesIn(source) {
  const absolute = path.join(root, source);
  if (!existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return [source];
  return readdirSync(absolute).flatMap((name) => filesIn(path.join(source, name)));
}

/** Runs a script's work; a SetupError becomes one line and exit code 1. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`bifocal: ${error.message}`);
    process.exitCode = 1;
  }
}
