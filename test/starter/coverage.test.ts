// Recall by how many drawings of the same thing were trained on.

import { expect, test } from 'vitest';
import { recallByCoverage } from '../../scripts/starter/coverage';

test('pictures are counted with what as many drawings were trained on', () => {
  const trained = ['cat', ...Array<string>(6).fill('dog'), ...Array<string>(9).fill('cow')];
  const concepts = ['cat', 'ibis', 'dog', 'ibis', 'cow', 'dog'];
  expect(recallByCoverage(concepts, [1, 30, 2, 1, 1, 11], trained)).toEqual([
    { drawings: '0', pictures: 2, r1: 0.5, r10: 0.5 },
    { drawings: '1 to 4', pictures: 1, r1: 1, r10: 1 },
    { drawings: '5 to 8', pictures: 2, r1: 0, r10: 0.5 },
    { drawings: '9 and more', pictures: 1, r1: 1, r10: 1 },
  ]);
});
