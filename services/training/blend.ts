// Blending: a model between two of the same architecture, weight by weight.

import path from 'node:path';
import type { ModelFolder } from '#model';
import type { Graph } from '#onnx';
import { writeBlendCard } from './card';
import { checkTarget, exportModel } from './export';
import { LOGIT_BIAS, LOGIT_SCALE } from './tower/parameters';
import { readTower } from './tower/read-tower';
import type { StateValues } from './step/stepper';

/**
 * (1 − α) · from + α · to, for every weight of `to`: WiSE-FT (Wortsman et al. 2022, "Robust
 * fine-tuning of zero-shot models") where `from` is the base of `to`.
 */
export function interpolate(from: StateValues, to: StateValues, alpha: number): StateValues {
  return new Map(
    [...to].map(([name, tuned]) => {
      const base = from.get(name);
      if (base === undefined || alpha === 1) return [name, tuned];
      return [name, tuned.map((value, index) => (1 - alpha) * base[index]! + alpha * value)];
    }),
  );
}

function floats({ initializers }: Graph): [string, Float32Array][] {
  return [...initializers].flatMap(([name, { data }]) =>
    data instanceof Float32Array ? [[name, data]] : [],
  );
}

/** Throws one line unless both graphs compute the same, but for the values of their weights. */
function checkSame(a: Graph, b: Graph, tower: string): void {
  const differ = (what: string) =>
    new Error(`these models cannot be blended: their ${tower} towers differ in ${what}`);
  const ops = (graph: Graph) => graph.nodes.map(({ op }) => op).join();
  if (ops(a) !== ops(b)) throw differ('their operations');
  const theirs = [...b.initializers];
  [...a.initializers].forEach(([name, { dims }], index) => {
    const other = theirs[index];
    if (other?.[0] !== name) throw differ(`the weight ${name}, which one of them lacks`);
    if (other[1].dims.join() !== dims.join()) {
      throw differ(`${name}: [${dims.join()}] and [${other[1].dims.join()}]`);
    }
  });
}

/**
 * Writes (1 − α) · a + α · b, weights and logit scale, into the folder `out`, with a card and all other
 * files of `b`. Throws one line where the models are not of the same architecture, or `out` is in use.
 */
export async function blendModels(
  a: ModelFolder,
  b: ModelFolder,
  alpha: number,
  out: string,
): Promise<void> {
  await checkTarget(out);
  if ([a.path, b.path].includes(path.resolve(out))) {
    throw new Error(`${out} is one of the models that are blended; choose another folder`);
  }
  const from: StateValues = new Map();
  const to: StateValues = new Map();
  for (const kind of ['text', 'image'] as const) {
    const [first, second] = await Promise.all([readTower(a, kind), readTower(b, kind)]);
    checkSame(first.graph, second.graph, kind);
    for (const [name, data] of floats(first.graph)) from.set(first.prefix + name, data);
    for (const [name, data] of floats(second.graph)) to.set(second.prefix + name, data);
  }
  for (const [values, { config }] of [
    [from, a],
    [to, b],
  ] as const) {
    values.set(LOGIT_SCALE.name, Float32Array.of(config.logitScale));
    if (a.config.logitBias || b.config.logitBias) {
      values.set(LOGIT_BIAS.name, Float32Array.of(config.logitBias));
    }
  }
  await exportModel(b, interpolate(from, to, alpha), out);
  await writeBlendCard(out, a, b, alpha);
}
