// AdamW in WebAssembly and as a graph, both against the formula written out in float64.

import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import wabt from 'wabt';
import { size } from '#onnx';
import { Random } from '#random';
import { openSession, Tensor } from '#runtime';
import { BYTES } from '../../services/training/step/adamw-wasm';
import type { Tensors } from '../../services/training/data/batch';
import { ADAMW_DEFAULTS, type StateValues } from '../../services/training/step/optimizer';
import { buildOptimizerGraph } from '../../services/training/step/optimizer-graph';
import type { Parameter } from '../../services/training/tower/parameters';
import { HostState } from '../../services/training/step/state-host';

const PARAMETERS: Parameter[] = [
  { name: 'matrix', dims: [3, 7], decay: true, rate: 1 },
  { name: 'slow', dims: [2, 4], decay: true, rate: 0.1 },
  { name: 'bias', dims: [5], decay: false, rate: 1 },
  { name: 'scale', dims: [], decay: false, rate: 1, bounds: [0, 1] },
];
const OPTIONS = { ...ADAMW_DEFAULTS, weightDecay: 0.5, clipNorm: 1 };
const [RATE, STEPS] = [0.1, 4];

/** Gradients of a step, of a norm above the limit on even steps and below on odd ones. */
function gradientsOf(step: number): Tensors {
  const random = new Random(step);
  return Object.fromEntries(
    PARAMETERS.map(({ name, dims }) => {
      const length = size(dims);
      const data = Float32Array.from({ length }, () => random.normal() * (step % 2 ? 0.05 : 3));
      return [`gradient.${name}`, new Tensor('float32', data, dims)];
    }),
  );
}

function start(): StateValues {
  const random = new Random(9);
  return new Map(
    PARAMETERS.map(({ name, dims }) => [
      name,
      Float32Array.from({ length: size(dims) }, () => random.uniform()),
    ]),
  );
}

/** Weights and norms after each step, by the formulas of Loshchilov & Hutter 2019. */
function* formula(): Generator<{ norm: number; weights: Map<string, number[]> }> {
  const weights = new Map([...start()].map(([name, values]) => [name, [...values]]));
  const first = new Map([...weights].map(([name, values]) => [name, values.map(() => 0)]));
  const second = new Map([...weights].map(([name, values]) => [name, values.map(() => 0)]));
  for (let step = 0; step < STEPS; step++) {
    const gradients = gradientsOf(step);
    const all = Object.values(gradients).flatMap(({ data }) => [...(data as Float32Array)]);
    const norm = Math.hypot(...all);
    for (const { name, decay, rate, bounds } of PARAMETERS) {
      const eta = RATE * rate;
      const [w, m, v] = [weights.get(name)!, first.get(name)!, second.get(name)!];
      (gradients[`gradient.${name}`]!.data as Float32Array).forEach((raw, index) => {
        const g = raw * Math.min(1, OPTIONS.clipNorm / norm);
        m[index] = OPTIONS.beta1 * m[index]! + (1 - OPTIONS.beta1) * g;
        v[index] = OPTIONS.beta2 * v[index]! + (1 - OPTIONS.beta2) * g * g;
        const mean = m[index]! / (1 - OPTIONS.beta1 ** (step + 1));
        const deviation = Math.sqrt(v[index]! / (1 - OPTIONS.beta2 ** (step + 1)));
        const kept = decay ? w[index]! * (1 - eta * OPTIONS.weightDecay) : w[index]!;
        const next = kept - (eta * mean) / (deviation + OPTIONS.epsilon);
        w[index] = bounds ? Math.min(Math.max(next, bounds[0]), bounds[1]) : next;
      });
    }
    yield { norm, weights };
  }
}

function expectClose(actual: Float32Array, expected: number[]): void {
  actual.forEach((value, index) => {
    expect(Math.abs(value - expected[index]!)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
  });
}

describe('AdamW clips by global norm, decays matrices, keeps rates and bounds', () => {
  // A small memory of its own for some parameters tries what a large model needs.
  test.each([
    ['one memory', undefined],
    ['several', 400],
  ])('in WebAssembly, over %s', async (_, largest) => {
    const state = new HostState(PARAMETERS, start(), OPTIONS, largest);
    let step = 0;
    for (const { norm, weights } of formula()) {
      const gradients = gradientsOf(step);
      for (const [name, { data }] of Object.entries(gradients)) {
        (state.gradients[name]!.data as Float32Array).set(data as Float32Array);
      }
      expect(await state.update(state.gradients, step, RATE)).toBeCloseTo(norm, 5);
      for (const { name } of PARAMETERS) {
        expectClose(state.weights[name]!.data as Float32Array, weights.get(name)!);
      }
      step += 1;
    }
  });

  test('as a graph', async () => {
    const session = await openSession(buildOptimizerGraph(PARAMETERS, OPTIONS, 'cpu'));
    const state: Tensors = {};
    for (const { name, dims } of PARAMETERS) {
      state[name] = new Tensor('float32', start().get(name)!, dims);
      for (const moment of ['moment1', 'moment2']) {
        state[`${moment}.${name}`] = new Tensor('float32', new Float32Array(size(dims)), dims);
      }
    }
    const scalar = (value: number) => new Tensor('float32', Float32Array.of(value), []);
    let step = 0;
    for (const { norm, weights } of formula()) {
      const { gradient_norm, ...next } = await session.run({
        ...state,
        ...gradientsOf(step),
        learning_rate: scalar(RATE),
        correction1: scalar(1 - OPTIONS.beta1 ** (step + 1)),
        correction2: scalar(1 - OPTIONS.beta2 ** (step + 1)),
      });
      expect(Number(gradient_norm!.data[0])).toBeCloseTo(norm, 4);
      for (const [name, tensor] of Object.entries(next)) state[name.slice(5)] = tensor;
      for (const { name } of PARAMETERS) {
        expectClose(state[name]!.data as Float32Array, weights.get(name)!);
      }
      step += 1;
    }
  });
});

test('the bytes are the text, assembled', async () => {
  const file = new URL('../../services/training/step/adamw.wat', import.meta.url);
  const module = (await wabt()).parseWat('adamw.wat', await readFile(file, 'utf8'), { simd: true });
  expect(BYTES).toBe(Buffer.from(module.toBinary({}).buffer).toString('base64'));
});

test('a parameter larger than a memory is refused by name', () => {
  expect(() => new HostState(PARAMETERS, start(), OPTIONS, 300)).toThrow(
    /^matrix with its moments/,
  );
});
