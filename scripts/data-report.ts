// What `bifocal train --dry-run` says: the data report for people.

import type { DataReport, SetReport } from '#training';
import { table } from './output';

/** Examples of a finding that are shown; the JSON has more. */
const SHOWN = 3;

type Row = [what: string, value: string];

const percent = (share: number) => `${(100 * share).toFixed(share < 0.01 ? 2 : 1)} %`;
const quoted = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);

/** A count with the first examples, or a dash. */
function some<T>(found: { count: number; first: T[] }, show: (one: T) => string): string {
  if (found.count === 0) return '0';
  const examples = found.first.slice(0, SHOWN).map(show).join(', ');
  return `${found.count}: ${examples}${found.count > SHOWN ? ', …' : ''}`;
}

const failed = ({ image, reason }: { image: string; reason: string }) => `${image} (${reason})`;
const both = ([a, b]: [string, string]) => `${a} = ${b}`;

const languageNames = new Intl.DisplayNames('en', { type: 'language' });

function language({ language: code, share }: SetReport['languages'][number]): string {
  return `${code === null ? 'too short to tell' : languageNames.of(code)} ${percent(share)}`;
}

function describeSet(name: string, set: SetReport): string {
  const { captions, tokens } = set;
  const { least, mean, most } = captions.perPicture;
  const rows: Row[] = [
    [`${name}: ${set.source}`, ''],
    ['  rows', `${set.rows}${set.repeated ? `, of which ${set.repeated} repeat another` : ''}`],
    ['  pictures', String(set.pictures)],
    ...(set.bare ? [['  left out, no caption', String(set.bare)] as Row] : []),
    ['  missing', some(set.missing, failed)],
    ['  unreadable', set.unreadable ? some(set.unreadable, failed) : 'not looked at'],
    ['  the same file twice', some(set.equal, (group) => group.join(' = '))],
    ['  look alike', set.lookAlikes ? some(set.lookAlikes, both) : 'not looked at'],
    ['  captions', `${captions.count}, ${captions.different} different`],
    ['  captions a picture', `${mean.toFixed(1)} (${least} to ${most})`],
    ['  rows without caption', some(set.empty, (where) => where)],
    [
      '  of several pictures',
      some(set.shared, ({ caption, pictures }) => `${quoted(caption)} of ${pictures}`),
    ],
    ['  tokens', `${tokens.mean.toFixed(1)} on average, ${tokens.most} at most`],
    [
      `  over ${tokens.context}, cut`,
      some(set.overlong, (one) => `${quoted(one.caption)} ${one.tokens}`),
    ],
    ['  languages, guessed', set.languages.slice(0, 5).map(language).join(', ') || 'no captions'],
  ];
  return table(rows);
}

function describeSplit({ split, leakage }: DataReport): Row[] {
  const { train, validation, test } = split;
  const rows: Row[] = [
    ['training / validation / test', `${train} / ${validation} / ${test} pictures`],
  ];
  if (leakage === null) return rows;
  return [
    ...rows,
    ['held-out pictures that are trained on', some(leakage.paths, (image) => image)],
    ['  … under another path', some(leakage.contents, both)],
    ['  … that look alike', leakage.lookAlikes ? some(leakage.lookAlikes, both) : 'not looked at'],
    ['held-out captions that are trained on', String(leakage.captions)],
  ];
}

function describeBatch({ batch, lengths, augmentation, flip }: DataReport): Row[] {
  const share = (count: number) =>
    `${count.toFixed(2)} a batch (${percent(count / Math.max(1, batch.negatives))} of negatives)`;
  return [
    ['batches', `of ${batch.size}, ${batch.stepsPerEpoch} an epoch`],
    ['  wrong negatives, known and masked', share(batch.sharedCaptions)],
    ['  wrong negatives, pictures look alike', share(batch.lookAlikes)],
    ['  captions padded to', `${lengths.join(' or ')} tokens`],
    ['augmentation', augmentation],
    ['  mirroring', `${flip.flip ? 'on' : 'off'}: ${flip.reason} (--flip, --no-flip)`],
  ];
}

const size = (bytes: number) =>
  bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(0)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

function describeEstimate({ estimate }: DataReport): Row[] {
  if (estimate === null) return [['time and memory', 'not estimated: there is no whole batch']];
  const { weights, trained, bytes, free, steps, measured, device } = estimate;
  const parts = [
    `${size(bytes.weights)} frozen weights`,
    `${size(bytes.training)} trained ones with gradients and moments`,
    `${size(bytes.activations)} activations`,
  ];
  const rows: Row[] = [
    ['weights', `${(weights / 1e6).toFixed(1)} million, ${(trained / 1e6).toFixed(1)} trained`],
    ['memory by the graphs', `about ${size(bytes.total)}: ${parts.join(', ')}`],
    ['  free on this machine', size(free)],
  ];
  if (measured === null) {
    return [...rows, ['time', 'not measured: it would not fit; try a smaller --micro-batch']];
  }
  const { secondsPerStep, samplesPerSecond } = measured;
  return [
    ...rows,
    ['  this process, at its peak', size(measured.peakBytes)],
    [
      `time, by ${measured.steps} steps on ${device}`,
      `${secondsPerStep.toFixed(2)} s a step, ${samplesPerSecond.toFixed(1)} samples/s`,
    ],
    [`  all ${steps} steps`, `about ${duration(measured.seconds)}, evaluations not counted`],
  ];
}

export function describeDataReport(report: DataReport): string {
  const sets = [
    describeSet('data', report.data),
    ...(report.validation ? [describeSet('validation', report.validation)] : []),
    ...(report.test ? [describeSet('test', report.test)] : []),
    ...(report.retention ? [describeSet('retention', report.retention)] : []),
  ];
  const rows = [...describeSplit(report), ...describeBatch(report), ...describeEstimate(report)];
  return [...sets, table(rows)].join('\n\n');
}
