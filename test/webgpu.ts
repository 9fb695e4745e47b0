// WebGPU without a graphics card: the software Vulkan driver that Debian's chromium carries.

import { existsSync } from 'node:fs';

const folder = '/usr/lib/chromium';
const driver = `${folder}/vk_swiftshader_icd.json`;

/**
 * The environment in which a process finds the software driver; empty where chromium is not
 * installed. The loader reads it when a process starts, so vitest.config.ts sets it for all tests.
 */
export const softwareWebgpu: Record<string, string> = existsSync(driver)
  ? { VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: folder, XDG_RUNTIME_DIR: '/tmp' }
  : {};
