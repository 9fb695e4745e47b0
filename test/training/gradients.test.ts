// The gradient of a whole training step, both towers and the logit scale, in random directions.

import { describe, expect, test } from 'vitest';
import { Random } from '#random';
import { openSession, Tensor } from '#runtime';
import { buildObjective } from '../../services/training/loss/objective';
import { openGradients } from '../../services/training/step/gradients';
import { buildStepGraph } from '../../services/training/step/step-graph';
import { initialState, randomBatch, SHAPE, stepTowers, TINY, tinyTowers, zeroSums } from './tiny';

describe.each(['quick_gelu', 'gelu'] as const)('a step with %s', (hidden_act) => {
  test('gradients agree with finite differences in random directions', async () => {
    const towers = tinyTowers({
      ...TINY,
      text_config: { ...TINY.text_config, hidden_act },
      vision_config: { ...TINY.vision_config, hidden_act },
    });
    const { text, image } = stepTowers(towers);
    const { model, parameters, summed } = buildStepGraph(
      text,
      image,
      buildObjective({ loss: 'infonce' }),
      { pairs: SHAPE.size, length: SHAPE.length },
      'cpu',
    );
    // Embeddings near zero in front of a norm bend the loss too sharply for float32 differences.
    const state = new Map(
      [...initialState(towers)].map(([name, value]) => [
        name,
        name.startsWith('text.text_model.embeddings') ? value.map((x) => 40 * x) : value,
      ]),
    );
    expect(parameters.map(({ name }) => name).sort()).toEqual(
      [...state.keys()]
        .filter((name) => state.get(name)!.length > 1 || name === 'logit_scale')
        .sort(),
    );
    const session = await openSession(model, { threads: 1 });
    const batch = randomBatch(3);
    const run = (values: typeof state) =>
      session.run({
        ...batch.image,
        ...batch.text,
        positives: batch.positives,
        ...zeroSums(summed),
        ...Object.fromEntries(
          parameters.map(({ name, dims }) => [
            name,
            new Tensor('float32', values.get(name)!, dims),
          ]),
        ),
      });
    const lossOf = async (values: typeof state) => Number((await run(values)).loss!.data[0]);
    const outputs = await run(state);
    const random = new Random(11);
    for (const tower of ['text.', 'image.', 'logit_scale']) {
      const moved = parameters.filter(({ name }) => name.startsWith(tower));
      for (let trial = 0; trial < 4; trial++) {
        let slope = 0;
        let gradientSquare = 0;
        const direction = new Map(
          moved.map(({ name }) => {
            const gradient = outputs[`gradient.${name}`]!.data as Float32Array;
            const values = Float32Array.from(gradient, () => random.normal());
            gradient.forEach((g, index) => {
              slope += g * values[index]!;
              gradientSquare += g * g;
            });
            return [name, values] as const;
          }),
        );
        const at = (step: number) =>
          lossOf(
            new Map(
              [...state].map(([name, value]) => [
                name,
                value.map((x, index) => x + step * (direction.get(name)?.[index] ?? 0)),
              ]),
            ),
          );
        const step = 2e-4;
        const numeric = ((await at(step)) - (await at(-step))) / (2 * step);
        expect(Math.abs(numeric - slope)).toBeLessThan(5e-3 * Math.sqrt(gradientSquare) + 1e-3);
      }
    }
    await session.release();
  });
});

test.each(['infonce', 'siglip'] as const)(
  'the gradient cache is one pass, split (%s)',
  async (name) => {
    const objective = buildObjective({ loss: name });
    const towers = tinyTowers();
    const state = initialState(towers);
    const shape = { ...SHAPE, captions: 2 };
    const batch = randomBatch(4, shape);
    const compute = async (microBatch: number) => {
      const source = await openGradients({
        ...stepTowers(towers, shape),
        objective,
        batchSize: SHAPE.size,
        microBatch,
        length: SHAPE.length,
        device: 'cpu',
        threads: 1,
      });
      const weights = Object.fromEntries(
        source.parameters.map(({ name, dims }) => [
          name,
          new Tensor('float32', state.get(name)!, dims),
        ]),
      );
      const result = await source.compute(weights, batch);
      await source.release();
      return result;
    };
    const whole = await compute(SHAPE.size);
    for (const microBatch of [1, 2, 4]) {
      const split = await compute(microBatch);
      expect(split.loss).toBeCloseTo(whole.loss, 5);
      expect(Object.keys(split.gradients).sort()).toEqual(Object.keys(whole.gradients).sort());
      for (const [key, tensor] of Object.entries(whole.gradients)) {
        const expected = tensor.data as Float32Array;
        const actual = split.gradients[key]!.data as Float32Array;
        const distance = Math.hypot(...expected.map((value, index) => value - actual[index]!));
        // The key bias has no gradient but rounding: compared absolutely.
        expect(distance).toBeLessThan(1e-5 * Math.hypot(...expected) + 1e-5);
      }
    }
  },
);
