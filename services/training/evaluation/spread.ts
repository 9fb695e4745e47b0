// How far embeddings spread over their space: the signs of a collapse.

export interface Spread {
  /** Mean cosine of two different embeddings. */
  cosine: number;
  /** Effective rank: how many directions the embeddings make use of. */
  rank: number;
}

/** Embeddings that are looked at. */
const SAMPLE = 128;

/** Sweeps of the Jacobi method at most; six to eight do. */
const SWEEPS = 30;

/** Rotates rows and columns p and q of the symmetric n × n matrix `a` so that a[p, q] becomes 0. */
function rotate(a: Float64Array, n: number, p: number, q: number): void {
  const off = a[p * n + q]!;
  if (off === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [kp, kq] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const [pk, qk] = [a[p * n + k]!, a[q * n + k]!];
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
  }
}

/** Eigenvalues of a symmetric n × n matrix by cyclic Jacobi rotations (Golub and Van Loan, 8.5). */
export function eigenvalues(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice();
  const scale = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) off += a[p * n + q]! ** 2;
    }
    if (off <= 1e-18 * scale) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, n, p, q);
  }
  return Float64Array.from({ length: n }, (_, index) => a[index * n + index]!);
}

/**
 * Effective rank (Roy and Vetterli 2007): exp of the entropy of the singular values as shares of
 * their sum. They are the square roots of the eigenvalues of the Gram matrix.
 */
export function effectiveRank(gram: Float64Array, n: number): number {
  const singular = eigenvalues(gram, n).map((value) => Math.sqrt(Math.max(value, 0)));
  const sum = singular.reduce((total, value) => total + value, 0);
  const shares = singular.map((value) => value / sum).filter((share) => share > 0);
  return Math.exp(-shares.reduce((total, share) => total + share * Math.log(share), 0));
}

/** Spread of L2-normalised embeddings, on 128 of them at equal distances. */
export function spreadOf(embeddings: readonly Float32Array[]): Spread {
  const n = Math.min(SAMPLE, embeddings.length);
  const sample = Array.from(
    { length: n },
    (_, i) => embeddings[Math.floor((i * embeddings.length) / n)]!,
  );
  const gram = new Float64Array(n * n);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const cosine = sample[i]!.reduce((dot, value, k) => dot + value * sample[j]![k]!, 0);
      gram[i * n + j] = cosine;
      if (i !== j) sum += cosine;
    }
  }
  return { cosine: n > 1 ? sum / (n * (n - 1)) : 1, rank: effectiveRank(gram, n) };
}
