// The losses written out again in plain numbers, as their papers have them.

export type Matrix = number[][];

export interface Head {
  logit_scale: number;
  logit_bias: number;
  'predictor.hidden.weight': Matrix;
  'predictor.norm.weight': number[];
  'predictor.norm.bias': number[];
  'predictor.output.weight': Matrix;
  'predictor.output.bias': number[];
}

/** What a loss is computed from; rows of matrices are embeddings, not normalised. */
export interface LossData {
  image: Matrix;
  text: Matrix;
  head: Head;
  /** [images, texts] */
  positives: Matrix;
  /** Number of the picture of each image row. */
  pictures: number[];
  queueImage: Matrix;
  queueText: Matrix;
  /** [texts, queue] and [images, queue] */
  queueImageAllowed: Matrix;
  queueTextAllowed: Matrix;
  momentumImage: Matrix;
}

const dot = (x: number[], y: number[]) => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
const cosine = (x: number[], y: number[]) => dot(x, y) / Math.hypot(...x) / Math.hypot(...y);
const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const column = (matrix: Matrix, index: number) => matrix.map((row) => row[index]!);

interface Candidate {
  cos: number;
  kind: 'positive' | 'negative';
  /** Its mean cosine with the anchor's positives. */
  likeness?: number;
}

/** Cross-entropy of one anchor. */
function anchorLoss(candidates: Candidate[], scale: number, beta = 0, smoothing = 0): number {
  const negatives = candidates.filter(({ kind }) => kind === 'negative');
  const hardness = ({ likeness = 0 }: Candidate) => Math.exp(beta * likeness);
  const ofNegatives = negatives.reduce((sum, negative) => sum + hardness(negative), 0);
  const weighted = (candidate: Candidate) => {
    const { cos, kind } = candidate;
    const weight = kind === 'negative' ? (negatives.length * hardness(candidate)) / ofNegatives : 1;
    return weight * Math.exp(scale * cos);
  };
  const total = candidates.reduce((sum, candidate) => sum + weighted(candidate), 0);
  const right = candidates.length - negatives.length;
  return -candidates.reduce((sum, candidate) => {
    const share = candidate.kind === 'positive' ? (1 - smoothing) / right : 0;
    const target = share + smoothing / candidates.length;
    return sum + target * Math.log(weighted(candidate) / total);
  }, 0);
}

export interface ContrastSettings {
  intraModal?: boolean;
  queue?: boolean;
  beta?: number;
  smoothing?: number;
}

/** InfoNCE or NT-Xent, both directions. */
export function crossModalLoss(data: LossData, settings: ContrastSettings): number {
  const { image, text, positives } = data;
  const scale = Math.exp(data.head.logit_scale);
  const sharesText = (i: number, k: number) =>
    text.some((_, j) => positives[i]![j] === 1 && positives[k]![j] === 1);
  const sharesImage = (j: number, k: number) =>
    image.some((_, i) => positives[i]![j] === 1 && positives[i]![k] === 1);

  const side = (
    anchors: Matrix,
    others: Matrix,
    isTrue: (anchor: number, other: number) => boolean,
    related: (anchor: number, other: number) => boolean,
    past: Matrix,
    allowed: Matrix,
  ) =>
    mean(
      anchors.map((anchor, a) => {
        const right = others.filter((_, o) => isTrue(a, o));
        const candidate = (vector: Matrix[number], kind: Candidate['kind']): Candidate => ({
          cos: cosine(anchor, vector),
          kind,
          likeness: mean(right.map((positive) => cosine(positive, vector))),
        });
        const candidates = others.map((other, o) =>
          candidate(other, isTrue(a, o) ? 'positive' : 'negative'),
        );
        if (settings.intraModal) {
          anchors.forEach((other, k) => {
            if (!related(a, k)) candidates.push(candidate(other, 'negative'));
          });
        }
        if (settings.queue) {
          past.forEach((entry, q) => {
            if (allowed[a]![q] === 1) candidates.push(candidate(entry, 'negative'));
          });
        }
        return anchorLoss(candidates, scale, settings.beta, settings.smoothing);
      }),
    );
  const rows = side(
    image,
    text,
    (i, j) => positives[i]![j] === 1,
    sharesText,
    data.queueText,
    data.queueTextAllowed,
  );
  const columns = side(
    text,
    image,
    (j, i) => positives[i]![j] === 1,
    sharesImage,
    data.queueImage,
    data.queueImageAllowed,
  );
  return (rows + columns) / 2;
}

export function siglipLoss({ image, text, positives, head }: LossData): number {
  const { logit_scale: scale, logit_bias: bias } = head;
  return mean(
    image.map((x, i) =>
      text.reduce((sum, y, j) => {
        const sign = positives[i]![j] === 1 ? 1 : -1;
        return sum + Math.log(1 + Math.exp(-sign * (Math.exp(scale) * cosine(x, y) + bias)));
      }, 0),
    ),
  );
}

/** SimCLR's NT-Xent at τ = 0.1 over neighbouring rows; captions in common make rows related. */
export function viewLoss(
  { image, text, pictures, positives }: LossData,
  captions: boolean,
): number {
  const related = (i: number, k: number) =>
    pictures[i] === pictures[k] ||
    (captions && text.some((_, j) => positives[i]![j] === 1 && positives[k]![j] === 1));
  return mean(
    image.map((x, i) => {
      const partner = i % 2 === 0 ? i + 1 : i - 1;
      const candidates: Candidate[] = [{ cos: cosine(x, image[partner]!), kind: 'positive' }];
      image.forEach((y, k) => {
        if (!related(i, k)) candidates.push({ cos: cosine(x, y), kind: 'negative' });
      });
      return anchorLoss(candidates, 10);
    }),
  );
}

/** BYOL's ‖q̄ − z̄′‖² summed over the two views, averaged over pictures. */
export function byolLoss({ image, momentumImage, head }: LossData): number {
  const hidden = image.map((x) =>
    head['predictor.norm.weight'].map((_, h) => dot(x, column(head['predictor.hidden.weight'], h))),
  );
  const activated = hidden.map((row) =>
    row.map((value, h) => {
      const all = column(hidden, h);
      const variance = mean(all.map((x) => (x - mean(all)) ** 2));
      const normed = (value - mean(all)) / Math.sqrt(variance + 1e-5);
      return Math.max(
        0,
        normed * head['predictor.norm.weight'][h]! + head['predictor.norm.bias'][h]!,
      );
    }),
  );
  const squared = activated.map((row, i) => {
    const prediction = head['predictor.output.bias'].map(
      (bias, d) => bias + dot(row, column(head['predictor.output.weight'], d)),
    );
    const target = momentumImage[i % 2 === 0 ? i + 1 : i - 1]!;
    return prediction.reduce((sum, x, d) => {
      const difference = x / Math.hypot(...prediction) - target[d]! / Math.hypot(...target);
      return sum + difference ** 2;
    }, 0);
  });
  return 2 * mean(squared);
}
