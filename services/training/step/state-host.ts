// The state of a run in host memory: WebAssembly memories that tensors look into without a copy, and
// where the update is made four floats at a time. For the CPU, and for CUDA, which in Node cannot keep
// outputs on the card: there weights go up and gradients come down each step, but no moments.

import { size } from '#onnx';
import { Tensor } from '#runtime';
import { kernels } from './adamw-wasm';
import type { Tensors } from '../data/batch';
import { stateNames, type AdamWOptions, type OptimizerState, type StateValues } from './optimizer';
import type { Parameter } from '../tower/parameters';

const PAGE = 65_536;
/** A WebAssembly memory ends at 4 GiB; a run with more has several. */
const LARGEST = 65_536 * PAGE;

/** Weight, first moment, second moment, gradient. */
const REGIONS = 4;

/** One parameter in its memory. Offsets are in bytes. */
interface Slot {
  parameter: Parameter;
  weight: number;
  moment1: number;
  moment2: number;
  gradient: number;
  /** Floats, with those that fill up the last four. */
  count: number;
}

interface Arena {
  memory: WebAssembly.Memory;
  kernels: ReturnType<typeof kernels>;
  slots: Slot[];
}

function padded({ dims }: Parameter): number {
  return Math.ceil(size(dims) / 4) * 4;
}

/** Splits the parameters, in order, so that each part's state fits `largest` bytes. */
function partition(parameters: Parameter[], largest: number): Parameter[][] {
  const parts: Parameter[][] = [[]];
  let bytes = 0;
  for (const parameter of parameters) {
    const own = padded(parameter) * 4 * REGIONS;
    if (own > largest) {
      throw new Error(`${parameter.name} with its moments takes ${own} bytes, over ${largest}`);
    }
    if (bytes + own > largest) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(parameter);
    bytes += own;
  }
  return parts;
}

function openArena(parameters: Parameter[]): Arena {
  const floats = parameters.reduce((sum, parameter) => sum + padded(parameter), 0);
  const pages = Math.max(1, Math.ceil((floats * 4 * REGIONS) / PAGE));
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  let at = 0;
  const slots = parameters.map((parameter): Slot => {
    const count = padded(parameter);
    const [weight, moment1, moment2, gradient] = Array.from(
      { length: REGIONS },
      (_, region) => at + region * count * 4,
    ) as [number, number, number, number];
    at += REGIONS * count * 4;
    return { parameter, weight, moment1, moment2, gradient, count };
  });
  return { memory, kernels: kernels(memory), slots };
}

/** AdamW in host memory. Gradients are expected in `gradients`, in place. */
export class HostState implements OptimizerState {
  readonly weights: Tensors = {};
  readonly gradients: Tensors = {};
  private readonly values: StateValues = new Map();
  private readonly arenas: Arena[];

  /**
   * @param values what the state starts from, copied; a moment that it lacks starts at zero
   * @param largest bytes of one memory
   */
  constructor(
    parameters: Parameter[],
    values: StateValues,
    private readonly options: AdamWOptions,
    largest = LARGEST,
  ) {
    this.arenas = partition(parameters, largest).map(openArena);
    for (const { memory, slots } of this.arenas) {
      for (const { parameter, weight, moment1, moment2, gradient } of slots) {
        const { name, dims } = parameter;
        const view = (offset: number) => new Float32Array(memory.buffer, offset, size(dims));
        stateNames(name).forEach((key, index) => {
          const part = view([weight, moment1, moment2][index]!);
          const start = values.get(key);
          if (start !== undefined) part.set(start);
          this.values.set(key, part);
        });
        this.weights[name] = new Tensor('float32', view(weight), dims);
        this.gradients[`gradient.${name}`] = new Tensor('float32', view(gradient), dims);
      }
    }
  }

  async update(_gradients: Tensors, step: number, learningRate: number): Promise<number> {
    const { beta1, beta2, epsilon, weightDecay, clipNorm } = this.options;
    const norm = Math.sqrt(this.sumOfSquares());
    const factor = Math.min(1, clipNorm / (norm + 1e-6));
    // m / c₁ / (√(v / c₂) + ε) = (√c₂ / c₁) · m / (√v + ε √c₂)
    const correction1 = 1 - beta1 ** (step + 1);
    const root2 = Math.sqrt(1 - beta2 ** (step + 1));
    for (const { kernels, slots } of this.arenas) {
      for (const { parameter, weight, moment1, moment2, gradient, count } of slots) {
        const rate = learningRate * parameter.rate;
        kernels.adamw(
          weight,
          moment1,
          moment2,
          gradient,
          count,
          factor,
          beta1,
          beta2,
          (rate * root2) / correction1,
          parameter.decay ? 1 - rate * weightDecay : 1,
          epsilon * root2,
        );
        this.clamp(parameter);
      }
    }
    return norm;
  }

  /** Apart from the update, which a clamp of every weight would make twice as slow. */
  private clamp({ name, bounds }: Parameter): void {
    if (bounds === undefined) return;
    const weight = this.weights[name]!.data as Float32Array;
    weight.forEach((value, index) => {
      weight[index] = Math.min(Math.max(value, bounds[0]), bounds[1]);
    });
  }

  private sumOfSquares(): number {
    let sum = 0;
    for (const { kernels, slots } of this.arenas) {
      for (const { gradient, count } of slots) sum += kernels.sumOfSquares(gradient, count);
    }
    return sum;
  }

  async read(): Promise<StateValues> {
    return this.values;
  }

  async release(): Promise<void> {}
}
