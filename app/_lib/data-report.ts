// The report on a run's data as `train --dry-run` and a run's folder have it, made fit to be shown.
import type { DataReportAnswer } from '#api';
import type { DataReport, SetReport } from '#training';

/** What an absolute path ends with; anything else as it is. */
export function nameOf(source: string): string {
  return /^([/\\]|[A-Za-z]:)/.test(source) ? source.split(/[/\\]/).at(-1)! : source;
}

/** The same with files by their names. */
export function asDataReport(report: DataReport): DataReportAnswer {
  const { split, leakage, batch, flip, estimate } = report;
  const twins = ([one, other]: [string, string]) => `${nameOf(one)} = ${nameOf(other)}`;
  return {
    data: asSetReport(report.data),
    split,
    leakage: leakage && {
      same: {
        count: leakage.paths.count + leakage.contents.count,
        first: [...leakage.paths.first.map(nameOf), ...leakage.contents.first.map(twins)],
      },
      lookAlikes: leakage.lookAlikes && found(leakage.lookAlikes, twins),
    },
    batch: {
      size: batch.size,
      stepsPerEpoch: batch.stepsPerEpoch,
      wrongNegatives: batch.lookAlikes,
    },
    flip,
    estimate: estimate && {
      steps: estimate.steps,
      seconds: estimate.measured?.seconds ?? null,
      bytes: Math.max(estimate.bytes.total, estimate.measured?.peakBytes ?? 0),
      free: estimate.free,
      weights: estimate.weights,
      trained: estimate.trained,
    },
  };
}

function found<T>({ count, first }: { count: number; first: T[] }, name: (one: T) => string) {
  return { count, first: first.map(name) };
}

function asSetReport(set: SetReport): DataReportAnswer['data'] {
  const failed = ({ image, reason }: { image: string; reason: string }) =>
    `${nameOf(image)}: ${reason}`;
  return {
    pictures: set.pictures,
    bare: set.bare,
    captions: set.captions.count,
    differentCaptions: set.captions.different,
    captionsPerPicture: set.captions.perPicture.mean,
    missing: found(set.missing, failed),
    unreadable: set.unreadable && found(set.unreadable, failed),
    equal: found(set.equal, (group) => group.map(nameOf).join(' = ')),
    lookAlikes: set.lookAlikes && found(set.lookAlikes, (both) => both.map(nameOf).join(' = ')),
    shared: found(set.shared, ({ caption, pictures }) => `${caption} (${pictures})`),
    overlong: found(set.overlong, ({ caption, tokens }) => `${caption} (${tokens})`),
    languages: set.languages,
  };
}
