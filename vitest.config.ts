import { defineConfig } from 'vitest/config';
import { softwareWebgpu } from './test/webgpu.ts';

// Forks inherit this: a machine without a graphics card tests WebGPU on a software driver.
Object.assign(process.env, softwareWebgpu);

// Native add-ons (onnxruntime, hnswlib, sqlite) live in processes of their own: one fork a file.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
