// Output types of element-wise operations.

import { numberAttribute } from './attributes';
import { elementType } from './element-types';
import { same, type Row } from './infer-row';
import { broadcast } from './shapes';

const elementwise: Row = ({ types }) => [
  { dataType: types[0]!.dataType, dims: broadcast(...types.map((type) => type.dims)) },
];

const comparison: Row = ({ types }) => [
  { dataType: 'bool', dims: broadcast(...types.map((type) => type.dims)) },
];

const test: Row = ({ types }) => [{ dataType: 'bool', dims: types[0]!.dims }];

export const elementwiseRows: Record<string, Row> = {
  Add: elementwise,
  Sub: elementwise,
  Mul: elementwise,
  Div: elementwise,
  Pow: elementwise,
  Sum: elementwise,
  Min: elementwise,
  Max: elementwise,
  Less: comparison,
  LessOrEqual: comparison,
  Greater: comparison,
  GreaterOrEqual: comparison,
  Equal: comparison,
  And: comparison,
  Or: comparison,
  Xor: comparison,
  Mod: elementwise,
  Where: ({ types }) => [
    { dataType: types[1]!.dataType, dims: broadcast(...types.map((type) => type.dims)) },
  ],
  Identity: same,
  Neg: same,
  Abs: same,
  Exp: same,
  Log: same,
  Sqrt: same,
  Reciprocal: same,
  Sigmoid: same,
  Tanh: same,
  Erf: same,
  Relu: same,
  Gelu: same,
  QuickGelu: same,
  Clip: same,
  Not: same,
  Softmax: same,
  LogSoftmax: same,
  Trilu: same,
  LeakyRelu: same,
  Softplus: same,
  HardSigmoid: same,
  HardSwish: same,
  BatchNormalization: same,
  FastGelu: same,
  Sin: same,
  Cos: same,
  Sign: same,
  Floor: same,
  Ceil: same,
  Round: same,
  CumSum: same,
  Dropout: same,
  IsNaN: test,
  IsInf: test,
  Cast: ({ node, types }) => [
    { dataType: elementType(numberAttribute(node, 'to', 1), 'Cast'), dims: types[0]!.dims },
  ],
};
