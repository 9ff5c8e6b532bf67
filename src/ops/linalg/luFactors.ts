/** LU factors as the kernels have them: both in one matrix of float64, and the row exchanges. */
import { kernels } from '../../backends/index.js';
import { float64, int32 } from '../../dtype.js';
import { indexError, rangeError, typeError } from '../../errors.js';
import { numberOfElements, type Shape, sameShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';
import { batchCount, batchOf, finished, sizeOf, wholeNumbers, words, zeros } from './common.js';
import { solveInPlace } from './triangular.js';

/** LU factors in float64, of matrices that stand one after the other. */
export interface Factors {
  readonly lu: Tensor;
  readonly pivots: Tensor;
  readonly info: Tensor;
}

/** Factors matrices in place; they are float64 and row-major. */
export function factorInPlace(lu: Tensor): Factors {
  const [m, n] = sizeOf(lu);
  const batch = batchOf(lu);
  const pivots = words(lu, [...batch, Math.min(m, n)]);
  const info = words(lu, batch);
  kernels.luFactor(lu, pivots, info, batchCount(lu), m, n);
  return { lu, pivots, info };
}

/** Row numbers 0 … m - 1 after a matrix's row exchanges. */
function permutation(op: string, pivots: readonly number[], m: number): number[] {
  const rows = Array.from({ length: m }, (_, i) => i);
  for (const [i, pivot] of pivots.entries()) {
    if (!(pivot >= 1 && pivot <= m)) {
      throw indexError(
        `${op}: pivots given to ${op} must all be greater or equal to 1 and at most ${m}, but one is ${pivot}.`,
      );
    }
    [rows[i], rows[pivot - 1]] = [rows[pivot - 1]!, rows[i]!];
  }
  return rows;
}

/** The permutations of a batch, one after the other: row i of Pᵀ · x is row [i] of x. */
function permutations(op: string, pivots: Tensor, m: number): number[] {
  const steps = pivots.shape[pivots.shape.length - 1]!;
  const values = wholeNumbers(pivots);
  const count = steps === 0 ? numberOfElements(pivots.shape.slice(0, -1)) : values.length / steps;
  return Array.from({ length: count }, (_, b) => permutation(op, values.slice(b * steps, (b + 1) * steps), m)).flat();
}

/** P as matrices of zeros and ones. */
export function permutationMatrices(op: string, pivots: Tensor, m: number, like: Tensor): Tensor {
  const out = zeros(like, [...pivots.shape.slice(0, -1), m, m], float64);
  const ones = out.storage.view(float64, out.offset, out.count) as Float64Array;
  for (const [at, row] of permutations(op, pivots, m).entries()) {
    const b = Math.floor(at / m);
    ones[(b * m + row) * m + (at % m)] = 1;
  }
  out.storage.version++;
  return finished(out, like.dtypeInfo);
}

/** b's rows (float64, row-major, in place) by Pᵀ, or by P. */
function permuteRows(op: string, b: Tensor, pivots: Tensor, inverse: boolean): void {
  const [m, n] = sizeOf(b);
  const values = b.storage.view(float64, b.offset, b.count) as Float64Array;
  const before = values.slice();
  for (const [at, row] of permutations(op, pivots, m).entries()) {
    const base = Math.floor(at / m) * m;
    const [to, from] = inverse ? [base + row, at] : [at, base + row];
    values.set(before.subarray(from * n, (from + 1) * n), to * n);
  }
  b.storage.version++;
}

/** b = A⁻¹ · b (or with Aᵀ) in place, by the factors of A; float64, row-major, of one batch. */
export function solveByFactors(op: string, b: Tensor, { lu, pivots }: Factors, adjoint: boolean): void {
  if (!adjoint) {
    permuteRows(op, b, pivots, false);
    solveInPlace(b, lu, false, false, true);
    solveInPlace(b, lu, true, false, false);
  } else {
    solveInPlace(b, lu, true, true, false);
    solveInPlace(b, lu, false, true, true);
    permuteRows(op, b, pivots, true);
  }
}

/** @throws TypeError, RangeError for what are no row exchanges of `data` */
export function checkPivots(op: string, data: Tensor, pivots: Tensor): void {
  checkTensor(op, pivots, 'pivots');
  if (pivots.dtypeInfo !== int32) {
    throw typeError(`${op}: pivots is expected to be a contiguous tensor of torch.int32 dtype. It is ${pivots.dtype}.`);
  }
  const expected: Shape = [...batchOf(data), Math.min(...sizeOf(data))];
  if (!sameShape(pivots.shape, expected)) {
    throw rangeError(
      `${op}: pivots should have shape [${expected.join(', ')}], but they have [${pivots.shape.join(', ')}].`,
    );
  }
}
