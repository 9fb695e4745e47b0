// Builds hnswlib with the vector instructions of this processor, 1.5 to 1.9 × as fast as npm's build. Plain Node, no packages.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { codes } from '../services/vectors/codes.mjs';
import { compilerFlags, sourceChanges, tunedAddon } from '../services/vectors/tuned-addon.mjs';

/**
 * Builds the add-on unless it is there, beside npm's, which stays for when this fails: without a
 * compiler, say. A failure is noted in a file and not tried again until the packages change.
 * @param {string} root the folder that holds node_modules
 * @param {(line: string) => void} say
 */
export function buildTunedAddon(root, say) {
  const addon = tunedAddon(root);
  if (addon === undefined) return;
  const failure = addon.replace(/\.node$/, '.failed');
  if (existsSync(addon) || existsSync(failure)) return;
  say('building the vector index for this processor, about half a minute');
  try {
    const cache = path.dirname(addon);
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(path.join(cache, 'build-'));
    try {
      build(path.join(root, 'node_modules', 'hnswlib-node'), folder);
      const built = path.join(folder, 'build', 'Release', 'addon.node');
      attempt(process.execPath, ['--input-type=commonjs', '--eval', trial, built], folder);
      renameSync(built, addon);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  } catch (error) {
    say(`it could not be built, so npm's slower build is used; ${failure} says why`);
    try {
      writeFileSync(failure, `${error.message}\n`);
    } catch {
      // Where nothing can be written there is nothing to keep from trying again.
    }
  }
}

/** In a copy, because node-gyp begins by deleting what was built before. */
function build(source, folder) {
  for (const part of ['package.json', 'binding.gyp', 'src']) {
    cpSync(path.join(source, part), path.join(folder, part), { recursive: true });
  }
  writeFileSync(path.join(folder, 'src', 'hnswlib', 'codes.h'), codes);
  for (const [name, changes] of Object.entries(sourceChanges)) {
    const file = path.join(folder, 'src', name);
    const changed = changes.reduce(
      (text, [from, to]) => {
        const next = text.replaceAll(from, to);
        if (next === text) throw new Error(`hnswlib-node has changed: no ${from} in its ${name}`);
        return next;
      },
      readFileSync(file, 'utf8'),
    );
    writeFileSync(file, changed);
  }
  attempt('npm', ['run', 'rebuild'], folder, { CXXFLAGS: compilerFlags });
}

/** In a process of its own: a wrong instruction would end it. */
const trial = `
  const { HierarchicalNSW } = require(process.argv[1]);
  const graph = new HierarchicalNSW('ip', 64);
  graph.initIndex(64);
  const point = (i) => Float32Array.from({ length: 64 }, (_, j) => Math.cos(((i - j) * Math.PI) / 32));
  for (let i = 0; i < 64; i++) graph.addPoint(point(i), i);
  for (let i = 0; i < 64; i++) {
    if (graph.searchKnn(point(i), 1).neighbors[0] !== i) throw new Error('wrong neighbours');
  }
`;

function attempt(program, args, cwd, environment = {}) {
  const { status, signal, error, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (status === 0) return;
  throw new Error(
    `${program} ${args.slice(0, 2).join(' ')} ended with ${error?.message ?? signal ?? `exit code ${status}`}\n${stderr ?? ''}`,
  );
}
