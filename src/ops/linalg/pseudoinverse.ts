/** What singular values tell beyond square matrices: ranks, pseudo-inverses. */
import { record } from '../../autograd/record.js';
import { float64, int64 } from '../../dtype.js';
import { rangeError, typeError } from '../../errors.js';
import { isScalar, type Scalar, scalarNumber } from '../../promotion.js';
import { broadcastAll, type Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';
import { named } from '../options.js';
import { batchOf, checkMatrix, checkSquare, finished, precision, sizeOf, zeros } from './common.js';
import { decomposeSymmetric } from './eigh.js';
import { decompose } from './svd.js';

/** A tolerance: a number, or one for each matrix. */
export type Tolerance = Scalar | Tensor | null;

const isTensor = (value: Tolerance | undefined): value is Tensor =>
  value !== null && value !== undefined && !isScalar(value);

function checkTolerance(op: string, value: Tolerance | undefined, name: string): void {
  if (!isTensor(value)) return;
  checkTensor(op, value, name);
  if (value.dtypeInfo.isComplex) {
    throw typeError(`${op}: ${name} tensor of complex type is not supported. Got ${value.dtype}.`);
  }
}

/** A number or a tensor of tolerances as float64 that broadcasts against [...batch, k]. */
function spreadTolerance(like: Tensor, value: Scalar | Tensor): Tensor {
  if (!isScalar(value)) return value.detach().to('float64').unsqueeze(-1);
  const out = like.makeEmpty([1], float64);
  out.fillWith(scalarNumber(value));
  return out;
}

/**
 * Below what size singular values (float64, falling or not) count as zero: the larger of atol and rtol times the
 * largest. rtol is by default the precision times the longer side; 0 where there is an atol.
 */
function threshold(a: Tensor, values: Tensor, atol: Tolerance | undefined, rtol: Tolerance | undefined): Tensor {
  const [m, n] = sizeOf(a);
  const usual = precision(a) * Math.max(m, n);
  const absolute = spreadTolerance(a, atol ?? 0);
  const relative =
    rtol !== null && rtol !== undefined ? spreadTolerance(a, rtol) : spreadTolerance(a, usual).where(absolute.le(0), 0);
  return absolute.maximum(relative.mul(values.amax(-1, true)));
}

/** The sizes of a matrix's singular values (those of its eigenvalues, if it is symmetric), in float64. */
function magnitudes(op: string, a: Tensor, hermitian: boolean): Tensor {
  return hermitian ? decomposeSymmetric(op, a, false).values.abs() : decompose(op, a, false).s;
}

/**
 * How many singular values are above a tolerance: `max(atol, rtol * the largest)`. A `tol` is an `atol`. Symmetric
 * matrices (`hermitian`) go by eigenvalues, which is faster.
 * https://pytorch.org/docs/stable/generated/torch.linalg.matrix_rank.html
 */
export const matrixRank = named(
  'linalg.matrixRank',
  ['A', 'tol', 'hermitian', 'atol', 'rtol'],
  (a: Tensor, tol?: Tolerance, hermitian: boolean = false, atol?: Tolerance, rtol?: Tolerance): Tensor => {
    const op = 'linalg.matrixRank';
    checkMatrix(op, a);
    if (hermitian) checkSquare(op, a);
    const hasTol = tol !== null && tol !== undefined;
    const absolute = hasTol ? tol : atol;
    const relative = hasTol ? 0 : rtol;
    checkTolerance(op, absolute, 'atol');
    checkTolerance(op, relative, 'rtol');
    if (a.count === 0) {
      const shapes: Shape[] = [batchOf(a)];
      for (const value of [absolute, relative]) if (isTensor(value)) shapes.push(value.shape);
      return zeros(a, broadcastAll(op, shapes), int64);
    }
    const values = magnitudes(op, a.detach(), hermitian);
    return values.gt(threshold(a, values, absolute, relative)).sum(-1);
  },
);

/** The pseudo-inverse in float64, without a record. */
function pseudoInverse(
  op: string,
  a: Tensor,
  hermitian: boolean,
  atol: Tolerance | undefined,
  rtol: Tolerance | undefined,
): Tensor {
  const [m, n] = sizeOf(a);
  if (a.count === 0) return zeros(a, [...batchOf(a), n, m], float64);
  if (hermitian) {
    const { values, vectors } = decomposeSymmetric(op, a, false);
    const kept = values.abs().gt(threshold(a, values.abs(), atol, rtol));
    return vectors.mul(values.reciprocal().where(kept, 0).unsqueeze(-2)).matmul(vectors.mT);
  }
  const { u, s, vh } = decompose(op, a, false);
  const inverted = s.reciprocal().where(s.gt(threshold(a, s, atol, rtol)), 0);
  return vh.mT.mul(inverted.unsqueeze(-2)).matmul(u.mT);
}

/** The gradient of A from that of its pseudo-inverse p, where the rank does not change. */
export function pinvGradient(grad: Tensor, p: Tensor, a: Tensor): Tensor {
  const [m, n] = sizeOf(a);
  if (m <= n) {
    const k = grad.mT.matmul(p);
    const kp = k.matmul(p.mT);
    const outside = grad.mT.sub(k.matmul(a));
    return p.matmul(k).mT.neg().add(kp).sub(a.matmul(p).matmul(kp)).add(p.mT.matmul(p).matmul(outside));
  }
  const k = p.matmul(grad.mT);
  const pk = p.mT.matmul(k);
  const outside = grad.mT.sub(a.matmul(k));
  return k.matmul(p).mT.neg().add(outside.matmul(p).matmul(p.mT)).add(pk).sub(pk.matmul(p).matmul(a));
}

function pinvOp(
  op: string,
  a: Tensor,
  hermitian: boolean,
  atol: Tolerance | undefined,
  rtol: Tolerance | undefined,
): Tensor {
  checkMatrix(op, a);
  if (hermitian) checkSquare(op, a);
  checkTolerance(op, atol, 'atol');
  checkTolerance(op, rtol, 'rtol');
  const out = finished(pseudoInverse(op, a.detach(), hermitian, atol, rtol), a.dtypeInfo);
  return record('LinalgPinvBackward0', out, [a], [a, out] as const, [
    (grad, saved: Tensor, p: Tensor) => pinvGradient(grad, p, saved),
  ]);
}

/**
 * The pseudo-inverse (Moore and Penrose's) of a matrix; singular values up to `max(atol, rtol * the largest)` count as
 * zero. `rcond` is an older name of rtol. Symmetric matrices (`hermitian`) go by eigenvalues.
 * https://pytorch.org/docs/stable/generated/torch.linalg.pinv.html
 */
export const pinv = named(
  'linalg.pinv',
  ['A', 'rcond', 'hermitian', 'atol', 'rtol'],
  (a: Tensor, rcond?: Tolerance, hermitian: boolean = false, atol?: Tolerance, rtol?: Tolerance): Tensor =>
    pinvOp('linalg.pinv', a, hermitian, atol, rtol ?? rcond),
);

/** See {@link pinv}; singular values up to `rcond` times the largest count as zero. */
export const pinverse = named('pinverse', ['input', 'rcond'], (a: Tensor, rcond: number = 1e-15): Tensor => {
  if (!(rcond >= 0)) throw rangeError(`pinverse: rcond must be a number ≥ 0, not ${rcond}.`);
  return pinvOp('pinverse', a, false, 0, rcond);
});
