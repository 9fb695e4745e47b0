// Which build of hnswlib this process uses: the one made for its processor, or the one that npm made.

import { existsSync } from 'node:fs';
import stock from 'hnswlib-node';
import { config } from '#config';
import { tunedAddon } from './tuned-addon.mjs';

export interface Native {
  build: 'tuned' | 'stock';
  HierarchicalNSW: typeof stock.HierarchicalNSW;
  /** A vector in the form that this build takes. */
  point(vector: Float32Array): number[];
}

/**
 * @param root the folder that holds node_modules
 * @param processor in place of this one, for tests
 */
export function loadHnswlib(root = config().root, processor?: string): Native {
  const module = { exports: {} as typeof stock };
  try {
    const addon = tunedAddon(root, processor);
    if (addon !== undefined && existsSync(addon)) {
      process.dlopen(module, addon);
      const { HierarchicalNSW } = module.exports;
      // Its declarations are those of npm's build, which takes arrays only: see tuned-addon.mjs.
      return { build: 'tuned', HierarchicalNSW, point: (vector) => vector as unknown as number[] };
    }
  } catch {
    // Made for another C library, the folder having been copied here; or there is no such folder.
  }
  const { HierarchicalNSW } = stock;
  return { build: 'stock', HierarchicalNSW, point: (vector) => Array.from(vector) };
}
