/** Determinants. */
import { record, recordMany } from '../../autograd/record.js';
import { float64 } from '../../dtype.js';
import type { Tensor } from '../../tensor.js';
import { zerosLike } from '../derivatives.js';
import { where } from '../masks.js';
import { named, namedTuple } from '../options.js';
import {
  batchCount,
  batchOf,
  checkSquare,
  finished,
  identity,
  precision,
  sizeOf,
  wholeNumbers,
  working,
} from './common.js';
import { factorInPlace } from './luFactors.js';
import { inv, invEx } from './solve.js';
import { svd } from './svd.js';

/** What LU factors tell of determinants: their sign, the logarithm of their size, and themselves; float64. */
interface Determinants {
  readonly sign: Float64Array;
  readonly logarithm: Float64Array;
  readonly value: Float64Array;
  /** Whether a matrix is so near to a singular one that formulas with its inverse lose half their digits. */
  readonly singular: boolean;
}

function determinants(a: Tensor): Determinants {
  const { lu, pivots } = factorInPlace(working(a));
  const [n] = sizeOf(a);
  const values = lu.storage.view(float64, lu.offset, lu.count) as Float64Array;
  const exchanges = wholeNumbers(pivots);
  const count = batchCount(a);
  const sign = new Float64Array(count).fill(1);
  const logarithm = new Float64Array(count);
  const value = new Float64Array(count);
  let singular = false;
  for (let b = 0; b < count; b++) {
    let product = 1;
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (let i = 0; i < n; i++) {
      const pivot = values[(b * n + i) * n + i]!;
      const turn = exchanges[b * n + i] === i + 1 ? 1 : -1;
      product *= pivot * turn;
      sign[b]! *= turn * Math.sign(pivot);
      logarithm[b]! += Math.log(Math.abs(pivot));
      least = Math.min(least, Math.abs(pivot));
      most = Math.max(most, Math.abs(pivot));
    }
    if (Number.isNaN(logarithm[b]!)) sign[b] = 0;
    value[b] = product;
    if (least <= Math.sqrt(precision(a)) * most) singular = true;
  }
  return { sign, logarithm, value, singular };
}

/** Numbers as a tensor of a's dtype, one for each of its matrices. */
function perMatrix(a: Tensor, numbers: Float64Array): Tensor {
  const out = a.makeEmpty(batchOf(a), float64);
  (out.storage.view(float64, 0, out.count) as Float64Array).set(numbers);
  out.storage.version++;
  return finished(out, a.dtypeInfo);
}

/**
 * The determinant of a square matrix.
 * https://pytorch.org/docs/stable/generated/torch.linalg.det.html
 */
export const det = named('linalg.det', ['A'], (a: Tensor): Tensor => {
  checkSquare('linalg.det', a);
  const found = determinants(a);
  const { singular } = found;
  const out = perMatrix(a, found.value);
  return record('LinalgDetBackward0', out, [a], [a, out] as const, [
    (grad, saved: Tensor, value: Tensor) => {
      if (singular) return cofactors(saved).mul(column(grad));
      return inv(saved).mT.mul(column(grad.mul(value)));
    },
  ]);
});

/** A number for each matrix, to multiply matrices by. */
function column(x: Tensor): Tensor {
  return x.unsqueeze(-1).unsqueeze(-1);
}

/**
 * The matrix of cofactors, d det / dA, for singular matrices too: in the basis of A = U · S · Vᵀ it is diagonal, with
 * the products of all other singular values.
 */
function cofactors(a: Tensor): Tensor {
  const { u, s, vh, turn } = basisOf(a.detach());
  const out = u.matmul(othersProduct(s).unsqueeze(-1).mul(vh)).mul(column(turn));
  return record('CofactorBackward0', out, [a], [a], [(grad, saved) => cofactorGradient(grad, saved)]);
}

function basisOf(a: Tensor): { u: Tensor; s: Tensor; vh: Tensor; turn: Tensor } {
  const [u, s, vh] = svd(a);
  const sign = (x: Tensor): Tensor => perMatrix(x, determinants(x.detach()).sign);
  return { u, s, vh, turn: sign(u).mul(sign(vh)) };
}

/**
 * The second derivative of det in the same basis: K ↦ H with Hᵢᵢ = Σ Pᵢⱼ · Kⱼⱼ and Hᵢⱼ = -Pᵢⱼ · Kⱼᵢ, where Pᵢⱼ is the
 * product of all singular values but the i-th and the j-th.
 */
function cofactorGradient(grad: Tensor, a: Tensor): Tensor {
  const { u, s, vh, turn } = basisOf(a);
  const products = pairsProduct(s);
  const k = u.mT.matmul(grad).matmul(vh.mT);
  const diagonal = products.matmul(k.diagonal({ dim1: -2, dim2: -1 }).unsqueeze(-1)).squeeze(-1);
  const h = diagonal.diagEmbed().sub(products.mul(k.mT));
  return u.matmul(h).matmul(vh).mul(column(turn));
}

/** For each i the product of all elements but the i-th of the last dimension. */
function othersProduct(s: Tensor): Tensor {
  const n = s.shape[s.shape.length - 1]!;
  const own = identity(s, [], n, s.dtypeInfo).ne(0);
  return where(own, 1, s.unsqueeze(-2)).prod(-1);
}

/** For each i ≠ j the product of all elements but the i-th and j-th; 0 for i = j. */
function pairsProduct(s: Tensor): Tensor {
  const n = s.shape[s.shape.length - 1]!;
  const own = identity(s, [], n, s.dtypeInfo).ne(0);
  const either = own.unsqueeze(0).logicalOr(own.unsqueeze(1));
  return where(either, 1, s.unsqueeze(-2).unsqueeze(-2)).prod(-1).maskedFill(own, 0);
}

/** The sign and log |det|, with the gradient. */
function slogdetOp(op: string, a: Tensor): [sign: Tensor, logabsdet: Tensor] {
  checkSquare(op, a);
  const { sign, logarithm } = determinants(a);
  const outputs = [perMatrix(a, sign), perMatrix(a, logarithm)] as const;
  recordMany(
    'LinalgSlogdetBackward0',
    outputs,
    [a],
    [a],
    [
      (grads, saved) => {
        const grad = grads[1];
        return grad ? invEx(saved).inverse.mT.mul(column(grad)) : zerosLike(saved);
      },
    ],
  );
  return [...outputs];
}

/**
 * The sign of the determinant (0 for a singular matrix) and the logarithm of its size.
 * https://pytorch.org/docs/stable/generated/torch.linalg.slogdet.html
 */
export const slogdet = named('linalg.slogdet', ['A'], (a: Tensor) =>
  namedTuple(['sign', 'logabsdet'], slogdetOp('linalg.slogdet', a)),
);

/** `log det(A)`: -∞ for a singular matrix, NaN for a negative determinant. */
export function logdet(input: Tensor): Tensor {
  const [sign, logarithm] = slogdetOp('logdet', input);
  return where(sign.eq(-1), Number.NaN, logarithm);
}
