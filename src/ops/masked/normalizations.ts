/** Ops that give each element a value among those of its row that a mask lets through. */
import type { DType } from '../../dtype.js';
import { type Scalar, scalarNumber } from '../../promotion.js';
import { wrapDim } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';
import { div } from '../arithmetic.js';
import { maximum } from '../clamping.js';
import { cumprod as cumprodOf, cumsum as cumsumOf } from '../cumulative.js';
import { logaddexp as logaddexpOf } from '../exponential.js';
import { named } from '../options.js';
import { logSoftmax as logSoftmaxOf, softmax as softmaxOf, softmin as softminOf } from '../softmax.js';
import { filled, type Identity, type Mask } from './masks.js';
import { norm } from './reductions.js';

const ALONG = ['input', 'dim', 'dtype', 'mask'] as const;

function along(op: string, kind: Identity, apply: (x: Tensor, dim: number, dtype: DType) => Tensor) {
  return named(op, ALONG, (x: Tensor, dim: number, dtype?: DType | null, mask?: Mask): Tensor => {
    const from = filled(op, x, mask, kind);
    return apply(from, wrapDim(op, dim, x.ndim), dtype ?? x.dtype);
  });
}

/** `Σ x` so far along `dim`, masked-out elements counting as 0. */
export const cumsum = along('masked.cumsum', 'zero', (x, dim, dtype) => cumsumOf(x, dim, dtype));
/** `Π x` so far along `dim`, masked-out elements counting as 1. */
export const cumprod = along('masked.cumprod', 'one', (x, dim, dtype) => cumprodOf(x, dim, dtype));
/**
 * `e^x / Σ e^x` along `dim`, masked-out elements counting as -∞: 0 there, NaN where a row has no other.
 * https://pytorch.org/docs/stable/masked.html
 */
export const softmax = along('masked.softmax', 'lowest', (x, dim, dtype) => softmaxOf(x, dim, dtype));
/** `log(softmax(x))` along `dim`, -∞ at masked-out elements. */
export const logSoftmax = along('masked.logSoftmax', 'lowest', (x, dim, dtype) => logSoftmaxOf(x, dim, dtype));
/** `softmax(-x)` along `dim`, 0 at masked-out elements. */
export const softmin = along('masked.softmin', 'highest', (x, dim, dtype) => softminOf(x, dim, null, dtype));

/** `x / max(‖x‖, eps)` along `dim` with the norm of order `ord`, masked-out elements counting as 0. */
export const normalize = named(
  'masked.normalize',
  ['input', 'ord', 'dim', 'eps', 'dtype', 'mask'],
  (x: Tensor, ord: Scalar, dim: number, eps: number = 1e-12, dtype?: DType | null, mask?: Mask): Tensor => {
    const op = 'masked.normalize';
    const from = filled(op, x, mask, 'zero');
    const length = norm(x, scalarNumber(ord), wrapDim(op, dim, x.ndim), true, dtype, mask);
    return div(from, maximum(length, length.newFull([], eps)));
  },
);

/** `log(e^x + e^y)`, broadcast; elements that are masked out count as -∞. */
export const logaddexp = named(
  'masked.logaddexp',
  ['input', 'other', 'dtype', 'inputMask', 'otherMask'],
  (x: Tensor, y: Tensor, dtype?: DType | null, inputMask?: Mask, otherMask?: Mask): Tensor => {
    checkTensor('masked.logaddexp', y, 'other');
    const left = filled('masked.logaddexp', x, inputMask, 'lowest');
    const right = filled('masked.logaddexp', y, otherMask, 'lowest');
    return logaddexpOf(left, right).to(dtype ?? x.dtype);
  },
);
