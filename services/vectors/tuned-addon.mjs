// hnswlib-node built for the vector instructions of this very processor: what makes it, and where it lies. Plain Node, for set-up.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** All that the compiler's own processor has; npm's build stays with SSE. */
export const compilerFlags = '-O3 -march=native';

/**
 * What is changed in the binding's source: it takes points as Float32Arrays. Reading an Array number
 * by number takes 50 µs at 512, a third of a search.
 */
export const sourceChanges = [
  ['!info[0].IsArray()', '!info[0].IsTypedArray()'],
  ['Napi::Array arr = info[0].As<Napi::Array>();', 'auto arr = info[0].As<Napi::Float32Array>();'],
  ['arr.Length()', 'arr.ElementLength()'],
  [/Napi::Value val = arr\[i\];\s+vec\[i\] = val.*;/g, 'vec[i] = arr[i];'],
];

/**
 * The add-on's path, the processor being part of the name: one that was built elsewhere has another
 * name here and is never loaded. Undefined where no such build is made.
 * @param {string} root the folder that holds node_modules
 * @param {string} [processor]
 * @returns {string | undefined}
 */
export function tunedAddon(root, processor = thisProcessor()) {
  if (processor === undefined) return undefined;
  const modules = path.join(root, 'node_modules');
  const { version } = JSON.parse(
    readFileSync(path.join(modules, 'hnswlib-node', 'package.json'), 'utf8'),
  );
  const made = [version, compilerFlags, ...sourceChanges.flat(), processor].join('\n');
  const key = createHash('sha256').update(made).digest('hex');
  return path.join(modules, '.cache', 'bifocal', `hnswlib-${key.slice(0, 16)}.node`);
}

/**
 * What the compiler chooses instructions by. hnswlib has hand-written code for x86 only.
 * @returns {string | undefined}
 */
function thisProcessor() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const [first = ''] = readFileSync('/proc/cpuinfo', 'utf8').split('\n\n');
  return first
    .split('\n')
    .filter((line) => /^(vendor_id|cpu family|model|flags)\s*:/.test(line))
    .join('\n');
}
