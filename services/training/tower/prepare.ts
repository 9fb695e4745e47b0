// The towers of a run as its settings ask for them: what of each is trained, at which rate, and
// beside which adapters; and the way back, from a run's state to the weights of a model.

import type { ModelFolder } from '#model';
import { isAdapted, mergeLora, requireAdapters, withLora } from './lora';
import type { Objective } from '../loss/objective';
import { rateTower } from './rates';
import { readTower, type TowerKind } from './read-tower';
import type { RunSettings } from '../run';
import type { StateValues } from '../step/stepper';
import type { Tower } from './tower';

export interface Towers {
  /** Absent where the loss takes no captions. */
  text: Tower | undefined;
  image: Tower;
}

/** Averages of weights are in a run's state under this prefix. */
export const EMA_PREFIX = 'ema.';

/** Reads the towers. Throws one line where the settings leave nothing of them to train. */
export async function prepareTowers(
  base: ModelFolder,
  settings: RunSettings,
  { text, views }: Objective,
): Promise<Towers> {
  const { captionsPerPicture, freeze, lora, seed } = settings;
  const prepare = async (kind: TowerKind, rows: number): Promise<Tower> => {
    const tower = await readTower(base, kind, { rows, frozen: freeze === kind });
    const rated = rateTower(tower, settings);
    return lora === undefined ? rated : withLora(rated, { ...lora, seed });
  };
  const towers = {
    text: text ? await prepare('text', captionsPerPicture) : undefined,
    image: await prepare('image', views),
  };
  const both = [towers.text, towers.image].filter((tower) => tower !== undefined);
  if (lora !== undefined) requireAdapters(both.filter(isAdapted), lora.targets);
  if (both.every(({ trained }) => trained.size === 0)) {
    throw new Error('nothing is left to train: every weight is frozen or has a learning rate of 0');
  }
  return towers;
}

/** The values of a state, with averages in the place of what they are averages of. */
export function averagedValues(state: StateValues): StateValues {
  const values: StateValues = new Map();
  const averages: StateValues = new Map();
  for (const [name, value] of state) {
    if (name.startsWith(EMA_PREFIX)) averages.set(name.slice(EMA_PREFIX.length), value);
    else values.set(name, value);
  }
  return new Map([...values, ...averages]);
}

/**
 * The weights of a model that a run's state, or the weights of it, stand for: averages where there
 * are some, adapters merged.
 */
export function exportedValues({ text, image }: Towers, state: StateValues): StateValues {
  let values = averagedValues(state);
  for (const tower of [text, image]) {
    if (tower !== undefined && isAdapted(tower)) values = mergeLora(values, tower);
  }
  return values;
}
