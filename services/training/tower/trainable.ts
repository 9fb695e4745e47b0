// Whether a model can be trained: found by building the backward graph of each of its towers.

import type { ModelFolder } from '#model';
import { readModel, size, type Graph } from '#onnx';
import type { Device } from '#runtime';
import { readTower, towerFile, type TowerKind } from './read-tower';
import { buildBackwardGraph } from '../step/step-graph';
import { parametersOf } from './tower';

export interface TowerTrainability {
  tower: TowerKind;
  file: string;
  /** Of ai.onnx, as the file has it. */
  opset: number;
  /** Element type of the file's largest tensor. */
  precision: string;
  /** What training would change; null where the file cannot be read as a tower. */
  trained: {
    /** Tensors, and the numbers in them. */
    weights: number;
    parameters: number;
    /** Float tensors of more than one element that the rule takes for constants. */
    constants: number;
    /** Tokens that every caption is padded to, and rows at once, where the export fixed them. */
    length: number | null;
    batch: number | null;
  } | null;
  /** Why it cannot be trained: node, operation and parameter; null where it can. */
  problem: string | null;
}

/** Pairs and tokens that the graphs are built for: any do, since shapes decide no rule. */
const SIZE = { pairs: 2, length: 8 };

function precisionOf({ initializers }: Graph): string {
  let [most, precision] = [0, 'none'];
  for (const { dataType, data } of initializers.values()) {
    if (data.length > most) [most, precision] = [data.length, dataType];
  }
  return precision;
}

/** Looks at one tower of a model; runs nothing. */
export async function trainability(
  base: ModelFolder,
  kind: TowerKind,
  device: Device,
): Promise<TowerTrainability> {
  const file = towerFile(base, kind);
  const { opsets, graph } = await readModel(file);
  const about = {
    tower: kind,
    file,
    opset: opsets.get('') ?? 1,
    precision: precisionOf(graph),
  };
  let trained: TowerTrainability['trained'] = null;
  try {
    const tower = await readTower(base, kind);
    const parameters = parametersOf(tower);
    const several = [...tower.graph.initializers.values()].filter(
      ({ dataType, data }) => dataType === 'float32' && data.length > 1,
    );
    trained = {
      weights: parameters.length,
      parameters: parameters.reduce((sum, { dims }) => sum + size(dims), 0),
      constants: several.length - parameters.length,
      length: tower.length ?? null,
      batch: tower.batch ?? null,
    };
    const built = { pairs: tower.batch ?? SIZE.pairs, length: tower.length ?? SIZE.length };
    buildBackwardGraph(tower, built, device);
    return { ...about, trained, problem: null };
  } catch (error) {
    return { ...about, trained, problem: (error as Error).message };
  }
}
