// `bifocal doctor --check`: whether catalog, pictures and indexes agree; with --repair, until they do.

import { openCatalog } from '#catalog';
import { checkLibrary, type Checked } from '#check';
import { config } from '#config';
import type { Output } from './output';

export interface CheckFlags {
  repair?: boolean;
  deep?: boolean;
}

/** Prints what was found; a fault that stays makes the command fail. */
export async function check(flags: CheckFlags, output: Output): Promise<void> {
  const started = performance.now();
  const catalog = await openCatalog();
  try {
    const checked = await checkLibrary({
      catalog,
      home: config().home,
      repair: flags.repair === true,
      deep: flags.deep === true,
      onProgress: (line) => output.progress(line),
    });
    const sound = checked.faults.every(({ mended }) => mended !== null);
    const seconds = (performance.now() - started) / 1000;
    output.result({ catalog: catalog.file, sound, ...checked, seconds }, human);
    if (!sound) process.exitCode = 1;
  } finally {
    await catalog.close();
  }
}

function human(report: Checked & { catalog: string; sound: boolean }): string {
  const { catalog, faults, notes, sound } = report;
  const lines = [...faults, ...notes].flatMap(({ where, fault, count, examples, mended }) => [
    `${where}: ${count} × ${fault}${mended === null ? '' : `: ${mended}`}`,
    ...examples.map((example) => `    ${example}`),
    ...(count > examples.length ? [`    … and ${count - examples.length} more`] : []),
  ]);
  const verdict = sound
    ? `${catalog} is sound`
    : `${catalog} has faults; bifocal doctor --check --repair mends what it can`;
  return [...lines, verdict].join('\n');
}
