// The learning rate of each parameter: by tower, by depth in its tower, for the head and the scale.

import { findDepths } from './blocks';
import type { Parameter } from './parameters';
import type { RunSettings } from '../run';
import { TEXT_PREFIX, type Tower } from './tower';

export type RateSettings = Pick<RunSettings, 'learningRate' | 'rates' | 'layerDecay'>;

/** Some parameters that share a learning rate. */
export interface RateGroup {
  rate: number;
  parameters: number;
  /** Numbers in them. */
  size: number;
  example: string;
}

/**
 * The tower with a factor on the run's learning rate for each trained weight. A weight at depth d of
 * n blocks has `layerDecay` ^ (n + 1 − d) (as ELECTRA, Clark et al. 2020, and BEiT, Bao et al. 2021):
 * 1 behind the last block, where the final projection lies, least for embeddings. `rates.head` is
 * the peak rate of what lies behind the last block, `rates.text` and `rates.image` of the rest. A
 * weight with a rate of 0 is not trained.
 */
export function rateTower(
  tower: Tower,
  { learningRate, rates, layerDecay = 1 }: RateSettings,
): Tower {
  const { blocks, depth } = findDepths(tower.graph);
  const own = tower.prefix === TEXT_PREFIX ? rates?.text : rates?.image;
  const factors = new Map<string, number>();
  for (const name of tower.trained) {
    const at = depth.get(name) ?? blocks + 1;
    const peak = (at > blocks ? rates?.head : undefined) ?? own ?? learningRate;
    const factor = (peak / learningRate) * layerDecay ** (blocks + 1 - at);
    if (factor > 0) factors.set(name, factor);
  }
  return { ...tower, trained: new Set(factors.keys()), rates: factors };
}

/** Factor on the run's learning rate of the logit scale and bias. */
export function scaleRate({
  learningRate = 1,
  rates,
}: {
  learningRate?: number;
  rates?: { scale?: number | undefined } | undefined;
}): number {
  return (rates?.scale ?? learningRate) / learningRate;
}

/** The parameters that belong to no tower, with a factor on the rate of the scalars among them. */
export function rateHead(head: Parameter[], factor: number): Parameter[] {
  return head.map((parameter) =>
    parameter.dims.length === 0 ? { ...parameter, rate: parameter.rate * factor } : parameter,
  );
}

/** Parameters by learning rate at its peak, the highest first. */
export function rateGroups(parameters: Parameter[], learningRate: number): RateGroup[] {
  const groups = new Map<string, RateGroup>();
  for (const { name, dims, rate } of parameters) {
    const peak = learningRate * rate;
    const key = peak.toPrecision(6);
    const group = groups.get(key) ?? { rate: peak, parameters: 0, size: 0, example: name };
    group.parameters += 1;
    group.size += dims.reduce((product, dim) => product * dim, 1);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.rate - a.rate);
}

/** One line a group: how many parameters, of how many numbers, at which rate. */
export function describeRates(groups: RateGroup[]): string[] {
  return groups.map(({ rate, parameters, size, example }) => {
    const others = parameters > 1 ? ` and ${parameters - 1} more` : '';
    return `learning rate ${rate.toPrecision(3)}: ${example}${others}, ${size.toLocaleString('en')} numbers`;
  });
}
