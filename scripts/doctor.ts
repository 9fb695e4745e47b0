// `bifocal doctor`: what this installation has and would use, and what is wrong with it. What is wrong
// with the library is in doctor-check.ts.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { config } from '#config';
import { loadDualEncoder } from '#model';
import {
  deviceFailure,
  devices,
  fastestDevice,
  resolveDevice,
  type Device,
  type DeviceChoice,
} from '#runtime';
import { check, type CheckFlags } from './doctor-check';
import { jsonOption, Output, table } from './output';

interface Diagnosis {
  versions: Record<string, string>;
  platform: string;
  /** The repository, and the data folder. */
  root: string;
  home: string;
  /** `failure` is why a device cannot be used, `null` if it can. */
  devices: { name: Device; failure: string | null }[];
  /** What encodes unless a command says otherwise. */
  device: Device;
  /** What trains unless a command says otherwise, and what was tried to find out. */
  training: DeviceChoice;
  model: { name: string; dimension: number | null; failure: string | null };
}

export const doctor = new Command('doctor')
  .description('show versions, devices and the model, and what is wrong with them')
  .option('--check', 'instead check catalog, pictures and indexes against each other')
  .option('--deep', 'with --check: read every picture and compare its content')
  .option(
    '--repair',
    'check, and mend what can be mended; nothing is lost that ingest does not make anew',
  )
  .addOption(jsonOption())
  .action(async ({ json, ...flags }: { json?: boolean; check?: boolean } & CheckFlags) => {
    const output = new Output(json === true);
    if (flags.check || flags.deep || flags.repair) return check(flags, output);
    const diagnosis = await diagnose();
    output.result(diagnosis, human);
    const used = diagnosis.devices.find(({ name }) => name === diagnosis.device);
    if (used?.failure !== null || diagnosis.model.failure !== null) process.exitCode = 1;
  });

async function diagnose(): Promise<Diagnosis> {
  const { root, home, model, device, threads } = config();
  const packages = path.join(root, 'node_modules');
  return {
    versions: {
      bifocal: version(root),
      node: process.versions.node,
      'onnxruntime-node': version(path.join(packages, 'onnxruntime-node')),
      sharp: version(path.join(packages, 'sharp')),
    },
    platform: `${process.platform} ${process.arch}`,
    root,
    home,
    devices: await Promise.all(
      devices().map(async ({ name, bundled }) => ({
        name,
        failure: bundled ? await deviceFailure(name) : notInstalled(name),
      })),
    ),
    device: device === 'auto' ? resolveDevice('auto') : device,
    training: await trainingDevice(device, threads),
    model: await examineModel(model),
  };
}

/** A device that was asked for by name but cannot be used is reported as a device, not here. */
async function trainingDevice(device: Device | 'auto', threads: number): Promise<DeviceChoice> {
  const usable = device === 'auto' || devices().some((one) => one.name === device && one.bundled);
  return fastestDevice(usable ? device : 'auto', threads);
}

async function examineModel(name: string): Promise<Diagnosis['model']> {
  try {
    const encoder = await loadDualEncoder(name);
    await encoder.encodeTexts(['a picture']);
    await encoder.dispose();
    return { name, dimension: encoder.dimension, failure: null };
  } catch (error) {
    return { name, dimension: null, failure: (error as Error).message };
  }
}

function notInstalled(name: Device): string {
  try {
    resolveDevice(name);
    return 'not installed';
  } catch (error) {
    return (error as Error).message;
  }
}

function version(folder: string): string {
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

function human(diagnosis: Diagnosis): string {
  const { versions, platform, root, home, devices, device, training, model } = diagnosis;
  const passed = training.tried.filter(({ outcome }) => outcome !== 'used');
  return table([
    ...Object.entries(versions),
    ['platform', platform],
    ['repository', root],
    ['data', home],
    ...devices.map(({ name, failure }) => [`device ${name}`, failure ?? 'works']),
    ['encodes on', device],
    ['trains on', training.device],
    ...passed.map(({ device, outcome }) => [`not on ${device}`, outcome]),
    [`model ${model.name}`, model.failure ?? `works, ${model.dimension} numbers an embedding`],
  ]);
}
