/** Symmetric indefinite matrices: A = P · L · D · Lᵀ · Pᵀ. */
import { record } from '../../autograd/record.js';
import { kernels } from '../../backends/index.js';
import { int32 } from '../../dtype.js';
import { rangeError, typeError } from '../../errors.js';
import { sameShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';
import { notDifferentiable } from '../derivatives.js';
import { named, namedTuple } from '../options.js';
import { reporting } from '../places.js';
import {
  batchCount,
  batchOf,
  checkInfo,
  checkMatrix,
  checkSameDType,
  checkSquare,
  commonBatch,
  finished,
  sizeOf,
  transposedAlias,
  words,
  workingInBatch,
  workingTransposed,
} from './common.js';

const singular = (info: number): string =>
  `D[${info},${info}] is zero: The factorization has been completed, but D is exactly singular, and using it in ldl_solve would divide by zero.`;

function factor(op: string, a: Tensor): { ld: Tensor; pivots: Tensor; info: Tensor } {
  checkSquare(op, a);
  const [n] = sizeOf(a);
  const columns = workingTransposed(a);
  const pivots = words(a, a.shape.slice(0, -1));
  const info = words(a, batchOf(a));
  kernels.ldlFactor(columns, pivots, info, batchCount(a), n);
  const ld = finished(transposedAlias(columns), a.dtypeInfo);
  record('LinalgLdlFactorExBackward0', ld, [a], [], [notDifferentiable('linalg.ldlFactor')]);
  return { ld, pivots, info };
}

/**
 * L (unit lower triangular) and D (in blocks of one or two) in one matrix, and the exchanges as LAPACK's sytrf writes
 * them, of symmetric matrices given by their lower triangle. It has no gradient. `hermitian` makes no difference to real
 * matrices.
 * https://pytorch.org/docs/stable/generated/torch.linalg.ldl_factor.html
 */
export const ldlFactor = named('linalg.ldlFactor', ['A', 'hermitian'], (a: Tensor, hermitian: boolean = false) => {
  checkFlag('linalg.ldlFactor', hermitian);
  const { ld, pivots, info } = factor('linalg.ldlFactor', a);
  checkInfo('linalg.ldlFactor', info, a, singular);
  return namedTuple(['LD', 'pivots'], [ld, pivots]);
});

/** {@link ldlFactor} that tells the first zero on D's diagonal (from 1, or 0) instead of throwing. */
export const ldlFactorEx = named(
  'linalg.ldlFactorEx',
  ['A', 'hermitian', 'checkErrors'],
  (a: Tensor, hermitian: boolean = false, checkErrors: boolean = false) => {
    checkFlag('linalg.ldlFactorEx', hermitian);
    const { ld, pivots, info } = factor('linalg.ldlFactorEx', a);
    if (checkErrors) checkInfo('linalg.ldlFactorEx', info, a, singular);
    return namedTuple(['LD', 'pivots', 'info'], [ld, pivots, info]);
  },
);

function checkFlag(op: string, hermitian: boolean): void {
  if (typeof hermitian !== 'boolean')
    throw typeError(`${op}: hermitian must be true or false, not ${String(hermitian)}.`);
}

/**
 * X of `A X = B` by what {@link ldlFactor} gives. It has no gradient.
 * https://pytorch.org/docs/stable/generated/torch.linalg.ldl_solve.html
 */
export const ldlSolve = named(
  'linalg.ldlSolve',
  ['LD', 'pivots', 'B', 'hermitian'],
  (ld: Tensor, pivots: Tensor, b: Tensor, hermitian: boolean = false): Tensor => {
    const op = 'linalg.ldlSolve';
    checkFlag(op, hermitian);
    checkSquare(op, ld, 'LD');
    checkMatrix(op, b, 'B');
    checkSameDType(op, ld, b);
    checkTensor(op, pivots, 'pivots');
    const [n] = sizeOf(ld);
    const [rows, columns] = sizeOf(b);
    if (rows !== n) {
      throw rangeError(`${op}: Expected B to have ${n} rows as LD has, but it is ${rows} by ${columns}.`);
    }
    if (pivots.dtypeInfo !== int32)
      throw typeError(`${op}: Expected pivots to be int32, but they are ${pivots.dtype}.`);
    if (!sameShape(pivots.shape, ld.shape.slice(0, -1))) {
      throw rangeError(
        `${op}: Expected pivots of shape [${ld.shape.slice(0, -1).join(', ')}], but they have [${pivots.shape.join(', ')}].`,
      );
    }
    const batch = commonBatch(op, ld, b);
    const x = workingInBatch(b, batch);
    const exchanges = pivots.expand([...batch, n]).contiguous();
    const factors = workingInBatch(transposedAlias(ld), batch);
    reporting(op, () => kernels.ldlSolve(x, factors, exchanges, batchCount(x), n, columns));
    return record(
      'LinalgLdlSolveBackward0',
      finished(x, b.dtypeInfo),
      [ld, b],
      [],
      [notDifferentiable('linalg.ldlSolve'), notDifferentiable('linalg.ldlSolve')],
    );
  },
);
