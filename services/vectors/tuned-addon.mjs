// hnswlib-node built for the vector instructions of this very processor: what makes it, and where it lies. Plain Node, for set-up.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { codes } from './codes.mjs';

/** All that the compiler's own processor has; npm's build stays with SSE. */
export const compilerFlags = '-O3 -march=native';

/** Where the processor has byte products of its own, `ours`; else what hnswlib does. */
const either = (ours, theirs) => `\n#ifdef __AVX512VNNI__\n${ours}\n#else\n${theirs}\n#endif\n`;
/** A change that puts `ours` in the place of what is there. */
const instead = (theirs, ours) => [theirs, either(ours, theirs)];
/** A change that adds `ours` behind what is there. */
const behind = (theirs, ours) => [theirs, theirs + either(ours, '')];
const distance = (name, id, points) =>
  instead(
    `dist_t ${name} = fstdistfunc_(${points}, dist_func_param_);`,
    `dist_t ${name} = codes_.distance(${id});`,
  );
const cut =
  'while (top_candidates.size() > k) {\n            top_candidates.pop();\n        }\n        while';

/**
 * What is changed in the sources, by file. The binding takes points as Float32Arrays: reading an Array number
 * by number takes 50 µs at 512, a third of a search. hnswlib searches by codes.mjs.
 * @type {Record<string, [string | RegExp, string][]>}
 */
export const sourceChanges = {
  'addon.cc': [
    ['!info[0].IsArray()', '!info[0].IsTypedArray()'],
    [
      'Napi::Array arr = info[0].As<Napi::Array>();',
      'auto arr = info[0].As<Napi::Float32Array>();',
    ],
    ['arr.Length()', 'arr.ElementLength()'],
    [/Napi::Value val = arr\[i\];\s+vec\[i\] = val.*;/g, 'vec[i] = arr[i];'],
  ],
  'hnswlib/hnswalg.h': [
    ['#include "hnswlib.h"\n', '#include "hnswlib.h"\n#include "codes.h"\n'],
    behind('mutable std::atomic<size_t> cur_element_count{0};', 'mutable Codes codes_;'),
    behind(
      'memcpy(getDataByInternalId(internalId), dataPoint, data_size_);',
      'codes_.forget(internalId);',
    ),
    behind(
      'if (cur_element_count == 0) return result;',
      `auto floats = [this](size_t id) { return reinterpret_cast<const float*>(getDataByInternalId(id)); };
        codes_.begin(static_cast<const float*>(query_data), data_size_ / 4, cur_element_count, floats);`,
    ),
    distance('curdist', 'enterpoint_node_', 'query_data, getDataByInternalId(enterpoint_node_)'),
    distance('d', 'cand', 'query_data, getDataByInternalId(cand)'),
    distance('dist', 'ep_id', 'data_point, ep_data'),
    distance('dist', 'candidate_id', 'data_point, currObj1'),
    instead(
      '_mm_prefetch(data_level0_memory_ + (*(data + j + 1)) * size_data_per_element_ + offsetData_,',
      '_mm_prefetch(codes_.at(*(data + j + 1)),',
    ),
    [
      cut,
      `${either(
        `while (top_candidates.size() > Codes::ranked(k)) top_candidates.pop();
        decltype(top_candidates) ranked;
        for (; !top_candidates.empty(); top_candidates.pop()) {
          const tableint id = top_candidates.top().second;
          ranked.emplace(fstdistfunc_(query_data, getDataByInternalId(id), dist_func_param_), id);
        }
        top_candidates = std::move(ranked);`,
        '',
      )}${cut}`,
    ],
  ],
};

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
  const changes = Object.values(sourceChanges).flat(2);
  const made = [version, compilerFlags, ...changes, codes, processor].join('\n');
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
