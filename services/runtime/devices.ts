// The devices that this installation of ONNX Runtime can compute on. Sessions are session.ts.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import ort from 'onnxruntime-node';

export type Device = 'cpu' | 'webgpu' | 'cuda';

const names: readonly Device[] = ['cpu', 'webgpu', 'cuda'];

/** How to get a device that is not there. */
const remedies: Record<Device, string> = {
  cpu: 'reinstall onnxruntime-node',
  webgpu: 'this platform has no WebGPU in onnxruntime-node',
  cuda: 'with an NVIDIA card: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node',
};

/**
 * Every device, and whether its libraries are installed here. That a graphics adapter answers is
 * known only when a session opens.
 */
export function devices(): { name: Device; bundled: boolean }[] {
  const backends = new Map(
    ort.listSupportedBackends().map(({ name, bundled }) => [name, bundled] as const),
  );
  return names.map((name) => ({
    name,
    bundled: backends.get(name) === true || (name === 'cuda' && cudaInstalled()),
  }));
}

/**
 * The device to compute on: `auto` is the CPU, which starts at once and is there everywhere. What
 * runs long enough to look for a faster one asks fastest.ts.
 */
export function resolveDevice(wanted: Device | 'auto'): Device {
  if (wanted === 'auto') return 'cpu';
  const offered = devices()
    .filter(({ bundled }) => bundled)
    .map(({ name }) => name);
  if (!offered.includes(wanted))
    throw new Error(
      `device ${wanted} is not installed here, only ${offered.join(', ')}; ${remedies[wanted]}`,
    );
  return wanted;
}

/** The CUDA provider is a library of its own, put beside the binding by the package's installer. */
function cudaInstalled(): boolean {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  const { platform, arch } = process;
  const folder = path.resolve(entry, '../../bin/napi-v6', platform, arch);
  const library = {
    linux: 'libonnxruntime_providers_cuda.so',
    win32: 'onnxruntime_providers_cuda.dll',
  };
  const name = library[platform as keyof typeof library];
  return name !== undefined && existsSync(path.join(folder, name));
}
