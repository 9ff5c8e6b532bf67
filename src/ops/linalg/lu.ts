/** LU factors with row exchanges: A = P · L · U. */
import { record, recordMany, using } from '../../autograd/record.js';
import { kernels } from '../../backends/index.js';
import { float64, int32 } from '../../dtype.js';
import { indexError, notSupported, rangeError, typeError } from '../../errors.js';
import { type Shape, sameShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';
import { zerosLike } from '../derivatives.js';
import { cat } from '../joining.js';
import { named, namedTuple } from '../options.js';
import {
  batchCount,
  batchOf,
  checkInfo,
  checkMatrix,
  checkSameDType,
  checkSquare,
  columnsAlias,
  commonBatch,
  diagonalAlias,
  finished,
  rowsAlias,
  sizeOf,
  transposedAlias,
  wholeNumbers,
  words,
  working,
  workingInBatch,
  zeros,
} from './common.js';
import { solveInPlace, solveTriangle } from './triangular.js';

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
  const count = steps === 0 ? pivots.shape.slice(0, -1).reduce((n, size) => n * size, 1) : values.length / steps;
  return Array.from({ length: count }, (_, b) => permutation(op, values.slice(b * steps, (b + 1) * steps), m)).flat();
}

/** P as matrices of zeros and ones. */
function permutationMatrices(op: string, pivots: Tensor, m: number, like: Tensor): Tensor {
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

/** L, unit lower triangular [m, k], out of LU. */
function lowerOf(lu: Tensor): Tensor {
  const [m, n] = sizeOf(lu);
  const part = n > m ? columnsAlias(lu, 0, m) : lu;
  const out = finished(part, lu.dtypeInfo).tril(-1);
  diagonalAlias(out).fillWith(1);
  return out;
}

/** U, upper triangular [k, n], out of LU. */
function upperOf(lu: Tensor): Tensor {
  const [m, n] = sizeOf(lu);
  return (m > n ? finished(rowsAlias(lu, 0, n), lu.dtypeInfo) : lu).triu();
}

/**
 * The gradient of A = P · L · U from those of L and U (one may be missing).
 * For wide matrices U = [U₁ U₂] with A₂ = P · L · U₂; for tall ones L = [L₁; L₂] likewise.
 */
function luGradient(gradL: Tensor | null, gradU: Tensor | null, p: Tensor, l: Tensor, u: Tensor): Tensor {
  const m = l.shape[l.shape.length - 2]!;
  const n = u.shape[u.shape.length - 1]!;
  const k = Math.min(m, n);
  const square = (x: Tensor): Tensor => (m > n ? x.narrow(-2, 0, k) : x);
  const rest = (x: Tensor): Tensor => (m > n ? x.narrow(-2, k, m - k) : x.narrow(-1, k, n - k));
  const l1 = square(l);
  const u1 = n > m ? u.narrow(-1, 0, k) : u;
  const gradU1 = gradU && n > m ? gradU.narrow(-1, 0, k) : gradU;
  let lower = gradL ? l1.mT.matmul(square(gradL)) : null;
  let upper = gradU1 ? gradU1.matmul(u1.mT) : null;
  if (n > m && gradU) lower = minus(lower, rest(gradU).matmul(rest(u).mT));
  if (m > n && gradL) upper = minus(upper, rest(l).mT.matmul(rest(gradL)));
  const middle = lower === null ? upper!.triu() : upper === null ? lower.tril(-1) : lower.tril(-1).add(upper.triu());
  const byL = (x: Tensor): Tensor => triangle(l1, x, { upper: false, left: true, unit: true });
  const byU = (x: Tensor): Tensor => triangle(u1, x, { upper: true, left: false, unit: false });
  const first = byU(byL(middle));
  if (m === n) return p.matmul(first);
  if (n > m) return p.matmul(cat([first, gradU ? byL(rest(gradU)) : zerosLike(rest(u))], -1));
  return p.matmul(cat([first, gradL ? byU(rest(gradL)) : zerosLike(rest(l))], -2));
}

/** L⁻ᵀ · x or x · U⁻ᵀ. */
function triangle(a: Tensor, x: Tensor, how: { upper: boolean; left: boolean; unit: boolean }): Tensor {
  return solveTriangle('linalg.lu', a, x, { ...how, transposed: true });
}

function minus(x: Tensor | null, y: Tensor): Tensor {
  return x === null ? y.neg() : x.sub(y);
}

/** The factors as PyTorch's ops give them, with their gradient. */
function factorOp(op: string, a: Tensor, pivot: boolean): { lu: Tensor; pivots: Tensor; info: Tensor } {
  checkMatrix(op, a);
  if (!pivot) throw notSupported(`${op}: linalg.lu_factor: LU without pivoting is not implemented on the CPU.`);
  const { lu, pivots, info } = factorInPlace(working(a.detach()));
  const out = finished(lu, a.dtypeInfo);
  record('LinalgLuFactorExBackward0', out, [a], [out, pivots] as const, [
    (grad, saved: Tensor, exchanges: Tensor) => {
      const [m, n] = sizeOf(saved);
      const k = Math.min(m, n);
      const p = permutationMatrices(op, exchanges, m, saved);
      const { L, U } = luUnpack(saved, exchanges);
      return luGradient(grad.narrow(-1, 0, k), grad.narrow(-2, 0, k), p, L, U);
    },
  ]);
  return { lu: out, pivots, info };
}

const zeroPivot = (info: number): string =>
  `U[${info},${info}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)`;

/**
 * L and U of `A = P L U` in one matrix, and the row exchanges: pivots[i] (from 1) is the row that was exchanged with
 * row i.
 * https://pytorch.org/docs/stable/generated/torch.linalg.lu_factor.html
 * @throws Error where a pivot is 0
 */
export const luFactor = named('linalg.luFactor', ['A', 'pivot'], (a: Tensor, pivot: boolean = true) => {
  const { lu, pivots, info } = factorOp('linalg.luFactor', a, pivot);
  checkInfo('linalg.luFactor', info, a, zeroPivot);
  return namedTuple(['LU', 'pivots'], [lu, pivots]);
});

/** {@link luFactor} that tells the first zero pivot (from 1, or 0) instead of throwing. */
export const luFactorEx = named(
  'linalg.luFactorEx',
  ['A', 'pivot', 'checkErrors'],
  (a: Tensor, pivot: boolean = true, checkErrors: boolean = false) => {
    const { lu, pivots, info } = factorOp('linalg.luFactorEx', a, pivot);
    if (checkErrors) checkInfo('linalg.luFactorEx', info, a, zeroPivot);
    return namedTuple(['LU', 'pivots', 'info'], [lu, pivots, info]);
  },
);

/**
 * The permutation P, the unit lower triangular L and the upper triangular U of `A = P L U`.
 * https://pytorch.org/docs/stable/generated/torch.linalg.lu.html
 */
export const luMatrices = named('linalg.lu', ['A', 'pivot'], (a: Tensor, pivot: boolean = true) => {
  checkMatrix('linalg.lu', a);
  if (!pivot) throw notSupported('linalg.lu: LU without pivoting is not implemented on the CPU.');
  const { lu, pivots } = factorInPlace(working(a.detach()));
  const out = finished(lu, a.dtypeInfo);
  const p = permutationMatrices('linalg.lu', pivots, sizeOf(a)[0], out);
  const l = lowerOf(out);
  const u = upperOf(out);
  recordMany('LinalgLuBackward0', [l, u], [a], [p, l, u] as const, [
    ([gradL, gradU], exchange: Tensor, lower: Tensor, upper: Tensor) =>
      luGradient(gradL ?? null, gradU ?? null, exchange, lower, upper),
  ]);
  return namedTuple(['P', 'L', 'U'], [p, l, u]);
});

/** PyTorch's older form of {@link luFactor}; with `getInfos` it tells zero pivots instead of throwing. */
export const lu = named(
  'lu',
  ['A', 'pivot', 'getInfos'],
  (a: Tensor, pivot: boolean = true, getInfos: boolean = false) => {
    const { lu: factors, pivots, info } = factorOp('lu', a, pivot);
    if (getInfos) return namedTuple(['LU', 'pivots', 'info'], [factors, pivots, info]);
    checkInfo('lu', info, a, zeroPivot);
    return namedTuple(['LU', 'pivots'], [factors, pivots]);
  },
);

function checkPivots(op: string, data: Tensor, pivots: Tensor): void {
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

/**
 * P, L and U out of what {@link luFactor} gives.
 * https://pytorch.org/docs/stable/generated/torch.lu_unpack.html
 */
export const luUnpack = named(
  'luUnpack',
  ['LUData', 'LUPivots', 'unpackData', 'unpackPivots'],
  (data: Tensor, pivots: Tensor, unpackData: boolean = true, unpackPivots: boolean = true) => {
    checkMatrix('luUnpack', data, 'LUData');
    if (unpackPivots) checkPivots('luUnpack', data, pivots);
    const none = (): Tensor => data.makeEmpty([0], data.dtypeInfo);
    const p = unpackPivots ? permutationMatrices('luUnpack', pivots, sizeOf(data)[0], data) : none();
    if (!unpackData) return namedTuple(['P', 'L', 'U'], [p, none(), none()]);
    const source = finished(data.detach(), data.dtypeInfo);
    const [m, n] = sizeOf(data);
    const [l, u] = recordMany(
      'LuUnpackBackward0',
      [lowerOf(source), upperOf(source)],
      [data],
      [],
      [
        ([gradL, gradU]) => {
          const lower = gradL ? padded(gradL.tril(-1), m, n) : null;
          const upper = gradU ? padded(gradU.triu(), m, n) : null;
          return lower && upper ? lower.add(upper) : (lower ?? upper);
        },
      ],
    );
    return namedTuple(['P', 'L', 'U'], [p, l, u]);
  },
);

/** A matrix with zeros at its right or below, up to m by n. */
function padded(x: Tensor, m: number, n: number): Tensor {
  const [rows, columns] = sizeOf(x);
  if (columns < n) return cat([x, x.newZeros([...batchOf(x), rows, n - columns])], -1);
  if (rows < m) return cat([x, x.newZeros([...batchOf(x), m - rows, columns])], -2);
  return x;
}

/** X of A · X = B (X · A = B; with Aᵀ if adjoint) by LU factors, with its gradient. */
function solveLu(op: string, lu: Tensor, pivots: Tensor, b: Tensor, left: boolean, adjoint: boolean): Tensor {
  const batch = commonBatch(op, lu, b);
  const right = workingInBatch(left ? b : transposedAlias(b), batch);
  const factors = {
    lu: workingInBatch(lu, batch),
    pivots: pivots.expand([...batch, pivots.shape[pivots.shape.length - 1]!]),
    info: pivots,
  };
  solveByFactors(op, right, factors, left === adjoint);
  const x = finished(left ? right : transposedAlias(right), b.dtypeInfo);
  return record('LinalgLuSolveBackward0', x, [lu, b], [lu, pivots, x] as const, [
    // X · A = B is Aᵀ · Xᵀ = Bᵀ: one formula for both.
    (grad, factored: Tensor, exchanges: Tensor, saved: Tensor) =>
      left
        ? luSolveGradient(grad, factored, exchanges, saved, adjoint)
        : luSolveGradient(grad.mT, factored, exchanges, saved.mT, !adjoint),
    using([0, 1], (grad, factored: Tensor, exchanges: Tensor, _x: Tensor) =>
      solveLu(op, factored, exchanges, grad, left, !adjoint),
    ),
  ]);
}

/** The gradient of LU in the solution of A · X = B, or of Aᵀ · X = B. */
function luSolveGradient(grad: Tensor, lu: Tensor, pivots: Tensor, x: Tensor, adjoint: boolean): Tensor {
  const { P, L, U } = luUnpack(lu, pivots);
  const by = (a: Tensor, y: Tensor, upper: boolean, transposed: boolean): Tensor =>
    solveTriangle('linalg.luSolve', a, y, { upper, left: true, unit: !upper, transposed });
  if (!adjoint) {
    // X = U⁻¹ · L⁻¹ · Pᵀ · B
    const full = by(U, grad, true, true).matmul(x.mT).neg();
    return by(L, full, false, true).matmul(U.mT).tril(-1).add(full.triu());
  }
  // X = P · Z with Lᵀ · Z = W, Uᵀ · W = B
  const z = P.mT.matmul(x);
  const gradW = by(L, P.mT.matmul(grad), false, false);
  const ofL = z.matmul(gradW.mT).tril(-1);
  const ofU = L.mT
    .matmul(z)
    .matmul(by(U, gradW, true, false).mT)
    .triu();
  return ofL.add(ofU).neg();
}

function checkLuSolve(op: string, lu: Tensor, pivots: Tensor, b: Tensor, left: boolean): void {
  checkSquare(op, lu, 'LU');
  checkMatrix(op, b, 'B');
  checkSameDType(op, lu, b);
  checkPivots(op, lu, pivots);
  const n = lu.shape[lu.shape.length - 1]!;
  const [rows, columns] = sizeOf(b);
  if ((left ? rows : columns) !== n) {
    throw rangeError(
      `${op}: Incompatible shapes of A and B for the equation ${left ? 'AX = B' : 'XA = B'} (${n}x${n} and ${rows}x${columns}).`,
    );
  }
}

/**
 * X of `A X = B` (`X A = B` with `left: false`, with Aᵀ if `adjoint`) by what {@link luFactor} gives.
 * https://pytorch.org/docs/stable/generated/torch.linalg.lu_solve.html
 */
export const luSolveFactored = named(
  'linalg.luSolve',
  ['LU', 'pivots', 'B', 'left', 'adjoint'],
  (factors: Tensor, pivots: Tensor, b: Tensor, left: boolean = true, adjoint: boolean = false): Tensor => {
    checkLuSolve('linalg.luSolve', factors, pivots, b, left);
    return solveLu('linalg.luSolve', factors, pivots, b, left, adjoint);
  },
);

/** PyTorch's older form of {@link luSolveFactored}, B first. */
export const luSolve = named(
  'luSolve',
  ['b', 'LUData', 'LUPivots'],
  (b: Tensor, factors: Tensor, pivots: Tensor): Tensor => {
    checkLuSolve('luSolve', factors, pivots, b, true);
    return solveLu('luSolve', factors, pivots, b, true, false);
  },
);
