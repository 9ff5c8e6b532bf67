/** Least squares: X that makes |A · X - B| smallest. */
import { record, using } from '../../autograd/record.js';
import { float64, int64 } from '../../dtype.js';
import { rangeError } from '../../errors.js';
import type { Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';
import { named, namedTuple } from '../options.js';
import {
  checkFloat,
  checkSameDType,
  commonBatch,
  finished,
  identity,
  inBatch,
  notFinite,
  precision,
  rowsAlias,
  sizeOf,
  transposedAlias,
  working,
  workingInBatch,
} from './common.js';
import { pinv, pinvGradient } from './pseudoinverse.js';
import { orthogonal, reflectInPlace } from './qr.js';
import { isVector } from './solve.js';
import { decompose } from './svd.js';
import { solveInPlace } from './triangular.js';

/**
 * LAPACK's ways: 'gels' by QR, for matrices of full rank; 'gelsy' for any rank; 'gelsd' and 'gelss' by singular values,
 * which they give too.
 */
export type LstsqDriver = 'gels' | 'gelsy' | 'gelsd' | 'gelss';

const DRIVERS: readonly string[] = ['gels', 'gelsy', 'gelsd', 'gelss'];

interface Solved {
  readonly x: Tensor;
  /** int64, for each matrix. */
  readonly rank: Tensor;
  readonly values: Tensor | null;
}

/** Whether triangular matrices are surely far from singular: their condition in the 1-norm is well below 1 / rcond. */
function isSurelyRegular(r: Tensor, rcond: number): boolean {
  const [n] = sizeOf(r);
  const inverse = identity(r, r.shape.slice(0, -2), n, float64);
  solveInPlace(inverse, r, true, false, false);
  const size = (x: Tensor): Tensor => x.abs().sum(-2).amax(-1);
  const condition = size(r).mul(size(inverse)).toTypedArray() as Float64Array;
  return condition.every((value) => value * n * rcond < 0.1);
}

/** By the QR factors of A, or of Aᵀ where A is wide. null where the rank is not surely full, unless it need not be. */
function byReflections(a: Tensor, b: Tensor, rcond: number | null): Tensor | null {
  const [m, n] = sizeOf(a);
  const tall = m >= n;
  const factors = reflectInPlace(working(tall ? a : transposedAlias(a)));
  const k = Math.min(m, n);
  const q = orthogonal(factors, k);
  const r = finished(rowsAlias(factors.a, 0, k), float64).triu();
  if (rcond !== null && !isSurelyRegular(r, rcond)) return null;
  if (tall) {
    const x = q.mT.matmul(b).contiguous();
    solveInPlace(x, r, true, false, false);
    return x;
  }
  const x = working(b);
  solveInPlace(x, r, true, true, false);
  return q.matmul(x);
}

/** The shortest solution, by the singular values above rcond times the largest. */
function bySingularValues(op: string, a: Tensor, b: Tensor, rcond: number): Solved {
  const { u, s, vh } = decompose(op, a, false);
  const kept = s.gt(s.amax(-1, true).mul(rcond));
  const inverted = s.reciprocal().where(kept, 0).unsqueeze(-1);
  return { x: vh.mT.matmul(u.mT.matmul(b).mul(inverted)), rank: kept.sum(-1), values: s };
}

function solveLeast(op: string, a: Tensor, b: Tensor, driver: LstsqDriver, rcond: number): Solved {
  const [m, n] = sizeOf(a);
  const full = (): Tensor => {
    const rank = a.makeEmpty(a.shape.slice(0, -2), int64);
    rank.fillWith(Math.min(m, n));
    return rank;
  };
  if (a.count === 0 || b.count === 0) {
    const x = a.makeEmpty([...a.shape.slice(0, -2), n, sizeOf(b)[1]], float64);
    x.fillWith(0);
    if (a.count > 0 && driver !== 'gels') return { ...bySingularValues(op, a, b, rcond), x };
    const values = a.makeEmpty([...a.shape.slice(0, -2), Math.min(m, n)], float64);
    values.fillWith(0);
    return { x, rank: full(), values };
  }
  if (driver === 'gels' || driver === 'gelsy') {
    const x = byReflections(a, b, driver === 'gels' || notFinite(a) >= 0 ? null : rcond);
    if (x !== null) return { x, rank: full(), values: null };
  }
  return bySingularValues(op, a, b, rcond);
}

/** A matrix for each of A's, of B, which may hold vectors. */
function asColumns(b: Tensor, vector: boolean): Tensor {
  return vector ? b.makeAlias([...b.shape, 1], [...b.strides, 1], b.offset) : b;
}

/**
 * The X that makes `|A X - B|` smallest, of several the shortest; also the residuals `|A X - B|²` (empty unless the driver
 * gives them, m > n and all ranks are full), the ranks and the singular values (empty unless the driver gives them).
 * Singular values up to `rcond` times the largest count as zero (default: the dtype's precision times the longer side).
 * https://pytorch.org/docs/stable/generated/torch.linalg.lstsq.html
 */
export const lstsq = named(
  'linalg.lstsq',
  ['A', 'B', 'rcond', 'driver'],
  (a: Tensor, b: Tensor, rcond?: number | null, driver?: LstsqDriver | null) => {
    const op = 'linalg.lstsq';
    checkTensor(op, a, 'A');
    checkTensor(op, b, 'B');
    if (a.shape.length < 2) {
      throw rangeError(`${op}: input must have at least 2 dimensions, but it has shape [${a.shape.join(', ')}].`);
    }
    if (b.shape.length < 1) throw rangeError(`${op}: other must have at least 1 dimension, but it is a scalar.`);
    checkFloat(op, a);
    checkSameDType(op, a, b);
    const way = driver ?? 'gelsy';
    if (!DRIVERS.includes(way)) {
      throw rangeError(
        `${op}: parameter 'driver' should be one of (${DRIVERS.join(', ')}), but is '${String(driver)}'.`,
      );
    }
    const [m, n] = sizeOf(a);
    const vector = isVector(a, b);
    const right = asColumns(b, vector);
    if (sizeOf(right)[0] !== m) {
      throw rangeError(
        `${op}: input.size(-2) should match other.size(${vector ? -1 : -2}), but A has shape [${a.shape.join(', ')}] and B [${b.shape.join(', ')}].`,
      );
    }
    const batch = commonBatch(op, a, right);
    const [left, target] = [workingInBatch(a, batch), workingInBatch(right, batch)];
    const solved = solveLeast(op, left, target, way, rcond ?? precision(a) * Math.max(m, n));
    const none = (): Tensor => a.makeEmpty([0], a.dtypeInfo);
    const givesValues = way === 'gelsd' || way === 'gelss';
    const isFull = (solved.rank.toTypedArray() as BigInt64Array).every((rank) => Number(rank) === n);
    const residuals = m > n && way !== 'gelsy' && isFull ? left.matmul(solved.x).sub(target).square().sum(-2) : none();
    const dropped = (x: Tensor): Shape => (vector ? x.shape.slice(0, -1) : x.shape);
    const whole = finished(solved.x, a.dtypeInfo);
    const x = whole.makeAlias(dropped(whole), whole.strides.slice(0, dropped(whole).length), whole.offset);
    record('LinalgLstsqBackward0', x, [a, b], [a, b] as const, [
      (grad, matrix: Tensor, saved: Tensor) => {
        const [g, y] = vector ? [grad.unsqueeze(-1), saved.unsqueeze(-1)] : [grad, saved];
        const spread = inBatch(matrix, batch);
        return pinvGradient(g.matmul(y.mT), pinv(spread), spread);
      },
      using([0], (grad, matrix: Tensor, _b: Tensor) => {
        const gradB = pinv(matrix).mT.matmul(vector ? grad.unsqueeze(-1) : grad);
        return vector ? gradB.squeeze(-1) : gradB;
      }),
    ]);
    return namedTuple(
      ['solution', 'residuals', 'rank', 'singularValues'],
      [
        x,
        residuals.count === 0 ? residuals : finished(vector ? residuals.squeeze(-1) : residuals, a.dtypeInfo),
        way === 'gels' ? a.makeEmpty([0], int64) : solved.rank,
        givesValues && solved.values !== null ? finished(solved.values, a.dtypeInfo) : none(),
      ],
    );
  },
);
