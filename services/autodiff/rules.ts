// The gradient table: operation → its vector-Jacobian product. One entry an operation, by family.

import type { Rule } from './rule';
import { activationRules } from './rules-activation';
import { arithmeticRules } from './rules-arithmetic';
import { convolutionRules } from './rules-convolution';
import { matrixRules } from './rules-matrix';
import { poolingRules } from './rules-pooling';
import { reductionRules } from './rules-reduction';
import { shapeRules } from './rules-shape';

export const RULES: Readonly<Record<string, Rule>> = {
  ...arithmeticRules,
  ...activationRules,
  ...reductionRules,
  ...shapeRules,
  ...matrixRules,
  ...convolutionRules,
  ...poolingRules,
};
