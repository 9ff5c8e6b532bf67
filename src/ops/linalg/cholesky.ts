/** Cholesky factors of positive definite matrices: A = L · Lᵀ. */
import { record, using } from '../../autograd/record.js';
import { kernels } from '../../backends/index.js';
import { rangeError, stateError } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import { named, namedTuple } from '../options.js';
import {
  batchCount,
  batchElement,
  batchOf,
  checkInfo,
  checkMatrix,
  checkSameDType,
  checkSquare,
  commonBatch,
  finished,
  identity,
  inBatch,
  sizeOf,
  transposedAlias,
  words,
  working,
  workingInBatch,
  workingTransposed,
} from './common.js';
import { solveInPlace, solveTriangle } from './triangular.js';

const notDefinite = (info: number): string =>
  `The factorization could not be completed because the input is not positive-definite (the leading minor of order ${info} is not positive-definite).`;

/** The factor, lower or upper, with its gradient; only that triangle of A is looked at. */
function factor(op: string, gradFn: string, a: Tensor, upper: boolean): { out: Tensor; info: Tensor } {
  checkSquare(op, a);
  const l = upper ? workingTransposed(a) : working(a);
  const info = words(a, batchOf(a));
  kernels.choleskyFactor(l, info, batchCount(a), sizeOf(a)[0]);
  const out = finished(upper ? transposedAlias(l) : l, a.dtypeInfo);
  record(gradFn, out, [a], [out], [(grad, saved) => factorGradient(grad, saved, upper)]);
  return { out, info };
}

/** L⁻ᵀ · S · L⁻¹ with S the symmetric half of the lower triangle of Lᵀ · gL. */
function factorGradient(grad: Tensor, factored: Tensor, upper: boolean): Tensor {
  const l = upper ? factored.mT : factored;
  const product = l.mT.matmul(upper ? grad.mT : grad);
  const half = product.tril().add(product.tril(-1).mT).mul(0.5);
  const above = solveTriangle('linalg.cholesky', l, half, { upper: false, left: true, unit: false, transposed: true });
  return solveTriangle('linalg.cholesky', l, above, { upper: false, left: false, unit: false, transposed: false });
}

/**
 * The lower triangular L with `A = L Lᵀ`, or with `upper` Lᵀ.
 * https://pytorch.org/docs/stable/generated/torch.linalg.cholesky.html
 * @throws Error where A is not positive definite
 */
export const choleskyOf = named('linalg.cholesky', ['A', 'upper'], (a: Tensor, upper: boolean = false): Tensor => {
  const { out, info } = factor('linalg.cholesky', 'LinalgCholeskyExBackward0', a, upper);
  checkInfo('linalg.cholesky', info, a, notDefinite);
  return out;
});

/** {@link choleskyOf} that tells the first minor that is not positive (from 1, or 0) instead of throwing. */
export const choleskyEx = named(
  'linalg.choleskyEx',
  ['A', 'upper', 'checkErrors'],
  (a: Tensor, upper: boolean = false, checkErrors: boolean = false) => {
    const { out, info } = factor('linalg.choleskyEx', 'LinalgCholeskyExBackward0', a, upper);
    if (checkErrors) checkInfo('linalg.choleskyEx', info, a, notDefinite);
    return namedTuple(['L', 'info'], [out, info]);
  },
);

/** PyTorch's older form of {@link choleskyOf}. */
export const cholesky = named('cholesky', ['input', 'upper'], (a: Tensor, upper: boolean = false): Tensor => {
  const { out, info } = factor('cholesky', 'CholeskyBackward0', a, upper);
  checkInfo('cholesky', info, a, notDefinite);
  return out;
});

/** (L · Lᵀ)⁻¹ · b in place, in float64, by the triangle of `factored`. */
function solveByFactor(b: Tensor, factored: Tensor, upper: boolean): void {
  solveInPlace(b, factored, upper, upper, false);
  solveInPlace(b, factored, upper, !upper, false);
}

/** The gradient of L (or U) where that of A⁻¹ is -K: A = L · Lᵀ makes it -(K + Kᵀ) · L. */
function throughFactor(k: Tensor, factored: Tensor, upper: boolean): Tensor {
  const both = k.add(k.mT);
  return (upper ? factored.matmul(both) : both.matmul(factored)).neg();
}

/**
 * The inverse of A, given its Cholesky factor.
 * https://pytorch.org/docs/stable/generated/torch.cholesky_inverse.html
 */
export const choleskyInverse = named(
  'choleskyInverse',
  ['L', 'upper'],
  (factored: Tensor, upper: boolean = false): Tensor => {
    checkSquare('choleskyInverse', factored, 'L');
    const [n] = sizeOf(factored);
    const l = working(factored);
    const zero = zeroDiagonal(l);
    if (zero >= 0) {
      throw stateError(
        `choleskyInverse: ${batchElement(factored, Math.floor(zero / n))}The diagonal element ${(zero % n) + 1} is zero, the inversion could not be completed because the input matrix is singular.`,
      );
    }
    const inverse = identity(factored, batchOf(factored), n, l.dtypeInfo);
    solveByFactor(inverse, l, upper);
    const out = finished(inverse, factored.dtypeInfo);
    return record('CholeskyInverseBackward0', out, [factored], [factored, out] as const, [
      (grad, saved: Tensor, result: Tensor) => throughFactor(result.matmul(grad).matmul(result), saved, upper),
    ]);
  },
);

/** The first zero on the diagonals, counted through the batch, or -1. */
function zeroDiagonal(l: Tensor): number {
  const [n] = sizeOf(l);
  const values = l.storage.view(l.dtypeInfo, l.offset, l.count) as Float64Array;
  for (let i = 0; i < batchCount(l) * n; i++) {
    if (values[Math.floor(i / n) * n * n + (i % n) * (n + 1)] === 0) return i;
  }
  return -1;
}

/**
 * X of `A X = B`, given A's Cholesky factor L (`A = L Lᵀ`), or with `upper` U (`A = Uᵀ U`).
 * https://pytorch.org/docs/stable/generated/torch.cholesky_solve.html
 */
export const choleskySolve = named(
  'choleskySolve',
  ['B', 'L', 'upper'],
  (b: Tensor, factored: Tensor, upper: boolean = false): Tensor => {
    checkMatrix('choleskySolve', b, 'B');
    checkSquare('choleskySolve', factored, 'L');
    checkSameDType('choleskySolve', b, factored);
    const [n] = sizeOf(factored);
    if (sizeOf(b)[0] !== n) {
      throw rangeError(
        `choleskySolve: Incompatible matrix sizes for cholesky_solve: each A matrix is ${n} by ${n} but each b matrix is ${sizeOf(b).join(' by ')}.`,
      );
    }
    const batch = commonBatch('choleskySolve', b, factored);
    const x = workingInBatch(b, batch);
    solveByFactor(x, workingInBatch(factored, batch), upper);
    const out = finished(x, b.dtypeInfo);
    return record('CholeskySolveBackward0', out, [b, factored], [factored, out] as const, [
      using([0], (grad, l: Tensor, _x: Tensor) => choleskySolve(grad, l, upper)),
      (grad, l: Tensor, result: Tensor) =>
        throughFactor(choleskySolve(grad, l, upper).matmul(result.mT), inBatch(l, batch), upper),
    ]);
  },
);
