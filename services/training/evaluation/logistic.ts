// Multinomial logistic regression on embeddings, fitted by L-BFGS over a graph of ONNX Runtime.

import { Ops } from '#autodiff';
import { toModelFile, GraphBuilder } from '#onnx';
import { openSession, Tensor, type Session } from '#runtime';
import { minimize } from './lbfgs';

/** Rows of numbers with the class of each. */
export interface Labelled {
  rows: readonly Float32Array[];
  /** From 0. */
  classes: readonly number[];
}

/** Each row with a 1 after it, for the bias: [rows, width + 1]. */
function features(rows: readonly Float32Array[]): Tensor {
  const width = rows[0]!.length + 1;
  const data = new Float32Array(rows.length * width).fill(1);
  rows.forEach((row, index) => data.set(row, index * width));
  return new Tensor('float32', data, [rows.length, width]);
}

function oneHot(classes: readonly number[], count: number): Tensor {
  const data = new Float32Array(classes.length * count);
  classes.forEach((label, row) => (data[row * count + label] = 1));
  return new Tensor('float32', data, [classes.length, count]);
}

/**
 * Inputs: features X [n, D], targets Y [n, C], weights W [D, C]. Outputs: loss = −1/n Σ Y log P with
 * P = softmax(X W), and gradient = Xᵀ (P − Y) / n.
 */
function buildGraph(rows: number, width: number, classes: number): Uint8Array {
  const ops = new Ops(new GraphBuilder('logistic'), false);
  const x = ops.b.input('features', 'float32', [rows, width]);
  const y = ops.b.input('targets', 'float32', [rows, classes]);
  const w = ops.b.input('weights', 'float32', [width, classes]);
  const logits = ops.matmul(x, w);
  const shifted = ops.sub(logits, ops.b.op('ReduceMax', [logits], { axes: [1], keepdims: 1 }));
  const sum = ops.reduceSum(ops.exp(shifted), [1], true);
  const log = ops.sub(shifted, ops.b.op('Log', [sum]));
  const loss = ops.scale(ops.reduceSum(ops.mul(y, log), [0, 1]), -1 / rows);
  const error = ops.sub(ops.exp(log), y);
  const gradient = ops.scale(ops.matmul(x, error, { transA: true }), 1 / rows);
  ops.b.output(loss, 'loss', 'float32', []);
  ops.b.output(gradient, 'gradient', 'float32', [width, classes]);
  return toModelFile(ops.b.graph);
}

/** Weights [D + 1, C], the bias in the last row. */
export interface Classifier {
  weights: Float64Array;
  classes: number;
}

/**
 * The weights that minimise the mean cross-entropy + λ/2 ‖W‖², without the bias in the norm.
 * @param classes how many there are
 */
export async function fit(
  { rows, classes: labels }: Labelled,
  classes: number,
  lambda: number,
  threads: number,
): Promise<Classifier> {
  const x = features(rows);
  const y = oneHot(labels, classes);
  const width = x.dims[1]!;
  const session: Session = await openSession(buildGraph(rows.length, width, classes), { threads });
  const penalised = (width - 1) * classes;
  try {
    const weights = await minimize(
      async (w) => {
        const tensor = new Tensor('float32', Float32Array.from(w), [width, classes]);
        const out = await session.run({ features: x, targets: y, weights: tensor });
        const gradient = Float64Array.from(out.gradient!.data as Float32Array);
        let value = Number(out.loss!.data[0]);
        for (let index = 0; index < penalised; index++) {
          value += (lambda / 2) * w[index]! ** 2;
          gradient[index]! += lambda * w[index]!;
        }
        return { value, gradient };
      },
      new Float64Array(width * classes),
    );
    return { weights, classes };
  } finally {
    await session.release();
  }
}

/** The class with the highest logit. */
export function predict({ weights, classes }: Classifier, row: Float32Array): number {
  const logits = weights.slice(-classes);
  row.forEach((value, index) => {
    for (let label = 0; label < classes; label++) {
      logits[label]! += value * weights[index * classes + label]!;
    }
  });
  return logits.indexOf(Math.max(...logits));
}
