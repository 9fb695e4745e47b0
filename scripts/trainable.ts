// `bifocal model info --trainable`: what of a model training would change, and where it can run.

import { readModelFolder } from '#model';
import { deviceFailure, devices, type Device } from '#runtime';
import { trainability, WEIGHT_RULE, type TowerTrainability } from '#training';
import { table } from './output';

export interface TrainableReport {
  model: string;
  rule: string;
  towers: TowerTrainability[];
  devices: { name: Device; usable: boolean; reason: string | null }[];
  trainable: boolean;
}

/** Builds the backward graphs of both towers and asks each device whether it answers. */
export async function trainableReport(name: string): Promise<TrainableReport> {
  const base = await readModelFolder(name);
  const towers = [
    await trainability(base, 'text', 'cpu'),
    await trainability(base, 'image', 'cpu'),
  ];
  const found: TrainableReport['devices'] = [];
  for (const { name: device, bundled } of devices()) {
    const reason = bundled ? await deviceFailure(device) : 'not installed';
    found.push({ name: device, usable: reason === null, reason });
  }
  const trainable = towers.every(({ problem }) => problem === null);
  return { model: base.name, rule: WEIGHT_RULE, towers, devices: found, trainable };
}

/** The report for people. */
export function describeTrainable({ model, rule, towers, devices, trainable }: TrainableReport) {
  const usable = devices.filter((device) => device.usable).map(({ name }) => name);
  const left = devices.filter((device) => !device.usable);
  return [
    `${model} ${trainable ? `can be trained on ${usable.join(', ')}` : 'cannot be trained'}`,
    ...left.map(({ name, reason }) => `  not on ${name}: ${reason}`),
    ...towers.map(describeTower),
    `rule: ${rule}`,
  ].join('\n\n');
}

function describeTower({ tower, file, opset, precision, trained, problem }: TowerTrainability) {
  return table([
    [`${tower} tower`, file],
    ['opset', `${opset}, ${precision}`],
    ...(trained === null
      ? []
      : [
          ['trained', `${trained.weights} weights, ${trained.parameters} numbers`],
          ['constants', `${trained.constants} tensors`],
        ]),
    ...(trained?.length ? [['captions', `padded to ${trained.length} tokens`]] : []),
    ...(trained?.batch ? [['rows at once', `${trained.batch}`]] : []),
    ['problem', problem ?? 'none'],
  ]);
}
