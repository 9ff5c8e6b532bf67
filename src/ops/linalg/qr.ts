/** QR factors and Householder reflections. */
import type { Grad } from '../../autograd/node.js';
import { record, recordMany } from '../../autograd/record.js';
import { kernels } from '../../backends/index.js';
import { float64 } from '../../dtype.js';
import { autogradError, rangeError } from '../../errors.js';
import { sameShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { notDifferentiable, zerosLike } from '../derivatives.js';
import { cat, stack } from '../joining.js';
import { named, namedTuple } from '../options.js';
import {
  batchCount,
  batchOf,
  checkMatrix,
  checkSameDType,
  columnsAlias,
  finished,
  rowsAlias,
  sizeOf,
  working,
} from './common.js';
import { solveTriangle } from './triangular.js';

/** A QR factorization as LAPACK's geqrf gives it, in float64. */
export interface Reflections {
  /** R above, the reflections' vectors below the diagonal. */
  readonly a: Tensor;
  readonly tau: Tensor;
}

/** Factors matrices in place; they are float64 and row-major. */
export function reflectInPlace(a: Tensor): Reflections {
  const [m, n] = sizeOf(a);
  const tau = a.makeEmpty([...batchOf(a), Math.min(m, n)], float64);
  kernels.qrFactor(a, tau, a.makeEmpty([n], float64), batchCount(a), m, n);
  return { a, tau };
}

/** The first `columns` columns of the product of the reflections, in float64. */
export function orthogonal({ a, tau }: Reflections, columns: number): Tensor {
  const [m, n] = sizeOf(a);
  const steps = tau.shape[tau.shape.length - 1]!;
  const q = a.makeEmpty([...batchOf(a), m, columns], float64);
  const shared = Math.min(columns, n);
  kernels.copy(columnsAlias(q, 0, shared), columnsAlias(a, 0, shared));
  if (columns > shared) columnsAlias(q, shared, columns - shared).fillWith(0);
  const used = Math.min(steps, columns);
  const factors = used === steps ? tau : finished(columnsAliasOf(tau, used), float64);
  kernels.householderProduct(q, factors, a.makeEmpty([columns], float64), batchCount(a), m, columns, used);
  return q;
}

/** The first elements of vectors. */
function columnsAliasOf(x: Tensor, count: number): Tensor {
  return x.makeAlias([...x.shape.slice(0, -1), count], x.strides, x.offset);
}

/** The modes of {@link qr}. */
export type QrMode = 'reduced' | 'complete' | 'r';

function checkMode(op: string, mode: QrMode): void {
  if (mode !== 'reduced' && mode !== 'complete' && mode !== 'r') {
    throw rangeError(
      `${op}: qr received unrecognized mode '${String(mode)}' but expected one of 'reduced' (default), 'r', or 'complete'.`,
    );
  }
}

function qrOp(op: string, a: Tensor, mode: QrMode): [q: Tensor, r: Tensor] {
  checkMatrix(op, a);
  checkMode(op, mode);
  const [m, n] = sizeOf(a);
  const rows = mode === 'complete' ? m : Math.min(m, n);
  const reflections = reflectInPlace(working(a));
  const r = finished(rowsAlias(reflections.a, 0, rows), a.dtypeInfo).triu();
  const q = mode === 'r' ? a.makeEmpty([0], a.dtypeInfo) : finished(orthogonal(reflections, rows), a.dtypeInfo);
  recordMany('LinalgQrBackward0', [q, r], [a], [q, r] as const, [
    ([gradQ, gradR], savedQ: Tensor, savedR: Tensor) =>
      gradient(op, mode, gradQ ?? null, gradR ?? null, savedQ, savedR),
  ]);
  return [q, r];
}

function gradient(op: string, mode: QrMode, gradQ: Grad, gradR: Grad, q: Tensor, r: Tensor): Tensor {
  if (mode === 'r') {
    throw autogradError(
      `${op}: The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, 'reduced') if you are going to differentiate through linalg.qr.`,
    );
  }
  const m = q.shape[q.shape.length - 2]!;
  const n = r.shape[r.shape.length - 1]!;
  if (mode === 'complete' && m > n) {
    throw autogradError(
      `${op}: The QR decomposition is not differentiable when mode='complete' and nrows > ncols; use mode 'reduced'.`,
    );
  }
  if (m >= n) return tallGradient(gradQ, gradR, q, r);
  // A = [X Y], R = [U V]: X = Q · U is a square QR, and Y = Q · V.
  const u = r.narrow(-1, 0, m);
  const v = r.narrow(-1, m, n - m);
  if (gradR === null) return cat([tallGradient(gradQ, null, q, u), zerosLike(v)], -1);
  const gradV = gradR.narrow(-1, m, n - m);
  const throughY = q.matmul(v).matmul(gradV.mT);
  const gradX = tallGradient(gradQ === null ? throughY : gradQ.add(throughY), gradR.narrow(-1, 0, m), q, u);
  return cat([gradX, q.matmul(gradV)], -1);
}

/** (gQ + Q · S) · R⁻ᵀ, S being the lower triangle of R · gRᵀ - gQᵀ · Q, mirrored. */
function tallGradient(gradQ: Grad, gradR: Grad, q: Tensor, r: Tensor): Tensor {
  const fromR = gradR === null ? null : r.matmul(gradR.triu().mT);
  const fromQ = gradQ === null ? null : gradQ.mT.matmul(q);
  const both = fromR === null ? fromQ!.neg() : fromQ === null ? fromR : fromR.sub(fromQ);
  const mirrored = both.tril().add(both.tril(-1).mT);
  const turned = q.matmul(mirrored);
  const right = gradQ === null ? turned : gradQ.add(turned);
  return solveTriangle('linalg.qr', r, right, { upper: true, left: false, unit: false, transposed: true });
}

/**
 * Orthogonal Q and upper triangular R with `A = Q R`. 'reduced': Q has min(m, n) columns; 'complete': Q is square; 'r':
 * R alone, Q empty.
 * https://pytorch.org/docs/stable/generated/torch.linalg.qr.html
 */
export const qrOf = named('linalg.qr', ['A', 'mode'], (a: Tensor, mode: QrMode = 'reduced') =>
  namedTuple(['Q', 'R'], qrOp('linalg.qr', a, mode)),
);

/** PyTorch's older form of {@link qrOf}: `some` for 'reduced', else 'complete'. */
export const qr = named('qr', ['input', 'some'], (a: Tensor, some: boolean = true) =>
  namedTuple(['Q', 'R'], qrOp('qr', a, some ? 'reduced' : 'complete')),
);

/**
 * The reflections of a QR factorization as LAPACK's geqrf gives them: R and the vectors in one matrix, and their
 * factors. It has no gradient.
 * https://pytorch.org/docs/stable/generated/torch.geqrf.html
 */
export function geqrf(input: Tensor) {
  checkMatrix('geqrf', input, 'input');
  const { a, tau } = reflectInPlace(working(input));
  const outputs = [finished(a, input.dtypeInfo), finished(tau, input.dtypeInfo)] as const;
  recordMany('GeqrfBackward0', outputs, [input], [], [notDifferentiable('geqrf')]);
  return namedTuple(['a', 'tau'], outputs);
}

function checkReflections(op: string, a: Tensor, tau: Tensor): void {
  checkMatrix(op, a, 'input');
  checkSameDType(op, a, tau);
  const [m, n] = sizeOf(a);
  const steps = tau.shape[tau.shape.length - 1] ?? 0;
  if (m < n)
    throw rangeError(
      `${op}: input.shape[-2] must be greater than or equal to input.shape[-1], but it is ${m} by ${n}.`,
    );
  if (steps > n) {
    throw rangeError(`${op}: tau.shape[-1] (${steps}) must be less than or equal to input.shape[-1] (${n}).`);
  }
  if (!sameShape(tau.shape.slice(0, -1), batchOf(a))) {
    throw rangeError(
      `${op}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got [${tau.shape.slice(0, -1).join(', ')}] for [${a.shape.join(', ')}].`,
    );
  }
}

/**
 * The first columns of the product of Householder reflections: `H₁ ⋯ Hₖ`, Hᵢ = I - τᵢ v vᵀ with v's first elements 0, then
 * 1, then column i of A below the diagonal.
 * https://pytorch.org/docs/stable/generated/torch.linalg.householder_product.html
 */
export const householderProduct = named('linalg.householderProduct', ['A', 'tau'], (a: Tensor, tau: Tensor): Tensor => {
  checkReflections('linalg.householderProduct', a, tau);
  const q = orthogonal({ a: working(a), tau: working(tau) }, sizeOf(a)[1]);
  const out = finished(q, a.dtypeInfo);
  return record('LinalgHouseholderProductBackward0', out, [a, tau], [a, tau] as const, [
    (grad, savedA: Tensor, savedTau: Tensor) => reflectionGradients(grad, savedA, savedTau)[0],
    (grad, savedA: Tensor, savedTau: Tensor) => reflectionGradients(grad, savedA, savedTau)[1],
  ]);
});

/** PyTorch's older name of {@link householderProduct}. */
export function orgqr(input: Tensor, tau: Tensor): Tensor {
  return householderProduct(input, tau);
}

/** The gradients of the vectors and of τ, back through Qᵢ = Hᵢ · Qᵢ₊₁ from the first reflection to the last. */
function reflectionGradients(grad: Tensor, a: Tensor, tau: Tensor): [Tensor, Tensor] {
  const [m, n] = sizeOf(a);
  const steps = tau.shape[tau.shape.length - 1]!;
  if (steps === 0) return [zerosLike(a), zerosLike(tau)];
  const unit = zerosLike(a).add(eye(a, m, n));
  const vectors = a.tril(-1).add(unit);
  const vector = (i: number): Tensor => vectors.narrow(-1, i, 1);
  const factor = (i: number): Tensor => tau.narrow(-1, i, 1).unsqueeze(-1);
  const reflect = (i: number, x: Tensor): Tensor => x.sub(vector(i).mul(factor(i)).matmul(vector(i).mT.matmul(x)));
  const products: Tensor[] = [unit];
  for (let i = steps - 1; i > 0; i--) products.push(reflect(i, products[products.length - 1]!));
  const columns: Tensor[] = [];
  const factors: Tensor[] = [];
  let g = grad;
  for (let i = 0; i < steps; i++) {
    const v = vector(i);
    const q = products[steps - 1 - i]!;
    const row = v.mT.matmul(q);
    const gradRow = v.mT.matmul(g);
    factors.push(row.mul(gradRow).sum([-2, -1]).neg());
    columns.push(g.matmul(row.mT).add(q.matmul(gradRow.mT)).mul(factor(i)).neg().squeeze(-1));
    g = reflect(i, g);
  }
  for (let i = steps; i < n; i++) columns.push(zerosLike(columns[0]!));
  return [stack(columns, -1).tril(-1), stack(factors, -1)];
}

/** Ones on the diagonal, m by n. */
function eye(like: Tensor, m: number, n: number): Tensor {
  const out = like.newZeros([m, n]);
  out.makeAlias([Math.min(m, n)], [n + 1], out.offset).fillWith(1);
  return out;
}

/**
 * other times the product of reflections given as {@link geqrf} gives them: `Q other`, `Qᵀ other` with `transpose`, and
 * from the right with `left: false`. It has no gradient.
 * https://pytorch.org/docs/stable/generated/torch.ormqr.html
 */
export const ormqr = named(
  'ormqr',
  ['input', 'tau', 'other', 'left', 'transpose'],
  (input: Tensor, tau: Tensor, other: Tensor, left: boolean = true, transpose: boolean = false): Tensor => {
    checkMatrix('ormqr', input, 'input');
    checkMatrix('ormqr', other, 'other');
    checkSameDType('ormqr', input, tau);
    checkSameDType('ormqr', input, other);
    const [m, n] = sizeOf(input);
    const steps = tau.shape[tau.shape.length - 1] ?? 0;
    const side = sizeOf(other)[left ? 0 : 1];
    if (steps > n)
      throw rangeError(`ormqr: tau.shape[-1] (${steps}) must be less than or equal to input.shape[-1] (${n}).`);
    if (steps > m)
      throw rangeError(`ormqr: tau.shape[-1] (${steps}) must be less than or equal to input.shape[-2] (${m}).`);
    if (side !== m) {
      throw rangeError(`ormqr: other.shape[${left ? -2 : -1}] (${side}) must be equal to input.shape[-2] (${m}).`);
    }
    for (const [name, batch] of [
      ['tau', tau.shape.slice(0, -1)],
      ['other', batchOf(other)],
    ] as const) {
      if (!sameShape(batch, batchOf(input))) {
        throw rangeError(`ormqr: batch dimensions of ${name} must be equal to input's, but are [${batch.join(', ')}].`);
      }
    }
    const q = orthogonal({ a: working(input), tau: working(tau) }, m);
    const turned = transpose ? q.mT : q;
    const x = working(other);
    const out = finished(left ? turned.matmul(x) : x.matmul(turned), other.dtypeInfo);
    const none = notDifferentiable('ormqr');
    return record('OrmqrBackward0', out, [input, tau, other], [], [none, none, none]);
  },
);
