/** LU factors with row exchanges: A = P · L · U. */
import { record, recordMany } from '../../autograd/record.js';
import { notSupported } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import { zerosLike } from '../derivatives.js';
import { cat } from '../joining.js';
import { named, namedTuple } from '../options.js';
import {
  batchOf,
  checkInfo,
  checkMatrix,
  columnsAlias,
  diagonalAlias,
  finished,
  rowsAlias,
  sizeOf,
  working,
} from './common.js';
import { checkPivots, factorInPlace, permutationMatrices } from './luFactors.js';
import { solveTriangle } from './triangular.js';

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
