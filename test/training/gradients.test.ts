// The gradient of a whole training step, both towers and the logit scale, in random directions.

import { describe, expect, test } from 'vitest';
import { Random } from '#random';
import { openSession, Tensor } from '#runtime';
import { buildStepGraph } from '../../services/training/step-graph';
import { initialState, randomBatch, SHAPE, TINY, tinyTowers } from './tiny';

describe.each(['quick_gelu', 'gelu'] as const)('a step with %s', (hidden_act) => {
  test('gradients agree with finite differences in random directions', async () => {
    const towers = tinyTowers({
      ...TINY,
      text_config: { ...TINY.text_config, hidden_act },
      vision_config: { ...TINY.vision_config, hidden_act },
    });
    const { model, parameters } = buildStepGraph(towers.text, towers.image, SHAPE, 'cpu');
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
        pixel_values: batch.pixels,
        input_ids: batch.ids,
        positives: batch.positives,
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
