/** Equations with square matrices, and inverses. */
import { record, using } from '../../autograd/record.js';
import { rangeError } from '../../errors.js';
import { numberOfElements, type Shape, wrapDim } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';
import { named, namedTuple } from '../options.js';
import {
  batchOf,
  checkFloat,
  checkInfo,
  checkSameDType,
  checkSquare,
  commonBatch,
  finished,
  identity,
  sizeOf,
  transposedAlias,
  working,
  workingInBatch,
  workingTransposed,
} from './common.js';
import { factorInPlace, solveByFactors } from './luFactors.js';

const singularInverse = (info: number): string =>
  `The diagonal element ${info} is zero, the inversion could not be completed because the input matrix is singular.`;

/** The inverse and the first zero pivot, with the gradient. */
function inverseOp(op: string, a: Tensor): { out: Tensor; info: Tensor } {
  checkSquare(op, a);
  // As PyTorch: the factors of Aᵀ.
  const factors = factorInPlace(workingTransposed(a));
  const x = identity(a, batchOf(a), sizeOf(a)[0], factors.lu.dtypeInfo);
  solveByFactors(op, x, factors, true);
  const out = finished(x, a.dtypeInfo);
  record(
    'LinalgInvExBackward0',
    out,
    [a],
    [out],
    [(grad, inverse) => inverse.mT.matmul(grad).matmul(inverse.mT).neg()],
  );
  return { out, info: factors.info };
}

/**
 * The inverse of a square matrix. {@link solve} is faster and more exact than a product with it.
 * https://pytorch.org/docs/stable/generated/torch.linalg.inv.html
 * @throws Error for a singular matrix
 */
export const inv = named('linalg.inv', ['A'], (a: Tensor): Tensor => {
  const { out, info } = inverseOp('linalg.inv', a);
  checkInfo('linalg.inv', info, a, singularInverse);
  return out;
});

/** {@link inv} that tells the first zero pivot (from 1, or 0) instead of throwing. */
export const invEx = named('linalg.invEx', ['A', 'checkErrors'], (a: Tensor, checkErrors: boolean = false) => {
  const { out, info } = inverseOp('linalg.invEx', a);
  if (checkErrors) checkInfo('linalg.invEx', info, a, singularInverse);
  return namedTuple(['inverse', 'info'], [out, info]);
});

/** See {@link inv}. */
export function inverse(input: Tensor): Tensor {
  return inv(input);
}

const singularSolve = (): string => 'The solver failed because the input matrix is singular.';

/** Whether B is a vector for each matrix of A: one dimension, or one less than A with the same batch. */
export function isVector(a: Tensor, b: Tensor): boolean {
  if (b.shape.length === 1) return true;
  const expected = a.shape.slice(0, -1);
  return b.shape.length === expected.length && expected.every((size, i) => size === b.shape[i]);
}

/** X of A · X = B or X · A = B, and the first zero pivot, with the gradient. */
function solveOp(op: string, a: Tensor, b: Tensor, left: boolean): { out: Tensor; info: Tensor } {
  checkSquare(op, a);
  checkTensor(op, b, 'B');
  checkFloat(op, b);
  checkSameDType(op, a, b);
  const n = a.shape[a.shape.length - 1]!;
  const vector = isVector(a, b);
  if (vector && !left) {
    throw rangeError(
      `${op}: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is equivalent to B / A.squeeze(-1).`,
    );
  }
  const shape: Shape = vector ? [...b.shape, 1] : b.shape;
  const matrix = b.makeAlias(shape, vector ? [...b.strides, 1] : b.strides, b.offset);
  const [rows, columns] = sizeOf(matrix);
  if ((left ? rows : columns) !== n) {
    throw rangeError(
      `${op}: Incompatible shapes of A and B for the equation ${left ? 'AX = B' : 'XA = B'} (${n}x${n} and ${rows}x${columns}).`,
    );
  }
  const batch = commonBatch(op, a, matrix);
  const factors = factorInPlace(working(a));
  const spread = {
    lu: workingInBatch(factors.lu, batch),
    pivots: factors.pivots.expand([...batch, n]),
    info: factors.info,
  };
  const x = workingInBatch(left ? matrix : transposedAlias(matrix), batch);
  solveByFactors(op, x, spread, !left);
  const solved = finished(left ? x : transposedAlias(x), a.dtypeInfo);
  const out = vector ? solved.makeAlias(solved.shape.slice(0, -1), solved.strides.slice(0, -1), solved.offset) : solved;
  record('LinalgSolveExBackward0', out, [a, b], [a, out] as const, [
    (grad, saved: Tensor, result: Tensor) => {
      const gradB = solve(saved.mT, grad, left);
      const [g, y] = vector ? [gradB.unsqueeze(-1), result.unsqueeze(-1)] : [gradB, result];
      return (left ? g.matmul(y.mT) : y.mT.matmul(g)).neg();
    },
    using([0], (grad, saved: Tensor, _x: Tensor) => solve(saved.mT, grad, left)),
  ]);
  return { out, info: factors.info };
}

/**
 * The solution X of `A X = B` (of `X A = B` with `left: false`), A square. B is a matrix, or a vector for each matrix.
 * https://pytorch.org/docs/stable/generated/torch.linalg.solve.html
 * @throws Error for a singular matrix
 */
export const solve = named('linalg.solve', ['A', 'B', 'left'], (a: Tensor, b: Tensor, left: boolean = true): Tensor => {
  const { out, info } = solveOp('linalg.solve', a, b, left);
  checkInfo('linalg.solve', info, a, singularSolve);
  return out;
});

/** {@link solve} that tells the first zero pivot (from 1, or 0) instead of throwing. */
export const solveEx = named(
  'linalg.solveEx',
  ['A', 'B', 'left', 'checkErrors'],
  (a: Tensor, b: Tensor, left: boolean = true, checkErrors: boolean = false) => {
    const { out, info } = solveOp('linalg.solveEx', a, b, left);
    if (checkErrors) checkInfo('linalg.solveEx', info, a, singularSolve);
    return namedTuple(['result', 'info'], [out, info]);
  },
);

/**
 * The inverse of A as a map from its last dimensions to its first `ind`.
 * https://pytorch.org/docs/stable/generated/torch.linalg.tensorinv.html
 */
export const tensorinv = named('linalg.tensorinv', ['A', 'ind'], (a: Tensor, ind: number = 2): Tensor => {
  checkTensor('linalg.tensorinv', a, 'A');
  checkFloat('linalg.tensorinv', a);
  if (!(ind > 0)) throw rangeError(`linalg.tensorinv: Expected a strictly positive integer for 'ind' but got ${ind}.`);
  const first = a.shape.slice(0, ind);
  const last = a.shape.slice(ind);
  const [rows, columns] = [numberOfElements(first), numberOfElements(last)];
  if (rows !== columns) {
    throw rangeError(
      `linalg.tensorinv: Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got ${columns} != ${rows}.`,
    );
  }
  const { out, info } = inverseOp('linalg.tensorinv', a.reshape([rows, columns]));
  checkInfo('linalg.tensorinv', info, out, singularInverse);
  return out.reshape([...last, ...first]);
});

/**
 * X with `tensordot(A, X, X.ndim) = B`; `dims` of A are moved to the end first.
 * https://pytorch.org/docs/stable/generated/torch.linalg.tensorsolve.html
 */
export const tensorsolve = named(
  'linalg.tensorsolve',
  ['A', 'B', 'dims'],
  (a: Tensor, b: Tensor, dims?: readonly number[] | null): Tensor => {
    checkTensor('linalg.tensorsolve', a, 'A');
    checkTensor('linalg.tensorsolve', b, 'B');
    checkFloat('linalg.tensorsolve', a);
    const rank = a.shape.length;
    const moved = (dims ?? []).map((dim) => wrapDim('linalg.tensorsolve', dim, rank));
    const order = [...a.shape.map((_, d) => d).filter((d) => !moved.includes(d)), ...moved];
    const whole = dims ? a.permute(order) : a;
    const result = whole.shape.slice(b.shape.length);
    const size = numberOfElements(result);
    if (size !== b.count || numberOfElements(whole.shape.slice(0, b.shape.length)) !== b.count) {
      throw rangeError(
        `linalg.tensorsolve: Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got ${size} != ${b.count}.`,
      );
    }
    return solve(whole.reshape([size, size]), b.flatten()).reshape(result);
  },
);
