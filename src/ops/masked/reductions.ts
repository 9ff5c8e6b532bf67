/** Reductions over the elements that a mask lets through; what a result has no element for is the op's identity. */
import type { DType } from '../../dtype.js';
import { typeError } from '../../errors.js';
import { type Scalar, scalarNumber } from '../../promotion.js';
import { wrapDim, wrapDims } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';
import { div } from '../arithmetic.js';
import { maximum } from '../clamping.js';
import type { Dims } from '../dims.js';
import { amax as amaxOf, amin as aminOf, argmax as argmaxOf, argmin as argminOf } from '../extremes.js';
import { vectorNorm } from '../linalg/norms.js';
import { named } from '../options.js';
import { logsumexp as logsumexpOf, prod as prodOf, sum as sumOf } from '../reduction.js';
import { nanmedian } from '../sorting.js';
import { filled, filledWith, type Mask, maskFor, wideDType } from './masks.js';

const REDUCTION = ['input', 'dim', 'keepdim', 'dtype', 'mask'] as const;

/**
 * `Σ x` over `dim` (all by default) of the elements where `mask` is true; 0 where none is.
 * https://pytorch.org/docs/stable/masked.html
 * @example masked.sum(x, 1, { mask: x.gt(0) })
 */
export const sum = named(
  'masked.sum',
  REDUCTION,
  (x: Tensor, dim?: Dims, keepdim: boolean = false, dtype?: DType | null, mask?: Mask): Tensor => {
    const from = filled('masked.sum', x, mask, 'zero');
    return sumOf(from, wrapDims('masked.sum', dim, x.ndim), keepdim, wideDType(x, dtype));
  },
);

/** `Π x` over `dim` (all by default) of the elements where `mask` is true; 1 where none is. */
export const prod = named(
  'masked.prod',
  REDUCTION,
  (x: Tensor, dim?: Dims, keepdim: boolean = false, dtype?: DType | null, mask?: Mask): Tensor => {
    let y = filled('masked.prod', x, mask, 'one').to(wideDType(x, dtype));
    const all = wrapDims('masked.prod', dim, x.ndim);
    // A dim of a tensor without any is one place to multiply along, as for prod.
    const dims = x.ndim === 0 && typeof dim === 'number' ? [0] : all;
    for (const d of dims.reverse()) y = prodOf(y, d, keepdim);
    return y;
  },
);

function extreme(op: string, kind: 'lowest' | 'highest', reduce: typeof amaxOf) {
  return named(
    op,
    REDUCTION,
    (x: Tensor, dim?: Dims, keepdim: boolean = false, dtype?: DType | null, mask?: Mask): Tensor =>
      reduce(filled(op, x, mask, kind), wrapDims(op, dim, x.ndim), keepdim).to(dtype ?? x.dtype),
  );
}

/** The largest over `dim` (all by default) where `mask` is true; -∞, or the lowest integer, where it is nowhere. */
export const amax = extreme('masked.amax', 'lowest', amaxOf);
/** The smallest over `dim` (all by default) where `mask` is true; ∞, or the highest integer, where it is nowhere. */
export const amin = extreme('masked.amin', 'highest', aminOf);

function place(op: string, kind: 'lowest' | 'highest', find: typeof argmaxOf) {
  return named(
    op,
    REDUCTION,
    (x: Tensor, dim?: number | null, keepdim: boolean = false, dtype?: DType | null, mask?: Mask): Tensor =>
      find(filled(op, x, mask, kind), dim, keepdim).to(dtype ?? x.dtype),
  );
}

/** Where the largest is whose `mask` is true: along `dim`, or in x as one vector. As in PyTorch, in x's dtype. */
export const argmax = place('masked.argmax', 'lowest', argmaxOf);
/** Where the smallest is whose `mask` is true, as {@link argmax}. */
export const argmin = place('masked.argmin', 'highest', argminOf);

/** How many elements of x count in each result, int64. */
function counts(op: string, x: Tensor, dim: Dims | undefined, keepdim: boolean, mask: Mask | undefined): Tensor {
  const truth = mask === null || mask === undefined ? x.newOnes(x.shape, { dtype: 'int64' }) : maskFor(op, x, mask);
  return sumOf(truth, wrapDims(op, dim, x.ndim), keepdim, 'int64');
}

/** The mean over `dim` (all by default) of the elements where `mask` is true; NaN where none is. */
export const mean = named(
  'masked.mean',
  REDUCTION,
  (x: Tensor, dim?: Dims, keepdim: boolean = false, dtype?: DType | null, mask?: Mask): Tensor => {
    checkTensor('masked.mean', x);
    const total = sum(x, dim ?? null, keepdim, dtype, mask);
    return div(total, counts('masked.mean', x, dim, keepdim, mask));
  },
);

/**
 * The lower median along `dim` (the last by default) of the elements where `mask` is true; NaN where none is.
 * @throws TypeError if there is none and x has integers
 */
export const median = named(
  'masked.median',
  REDUCTION,
  (x: Tensor, dim: number = -1, keepdim: boolean = false, dtype?: DType | null, mask?: Mask): Tensor => {
    const op = 'masked.median';
    checkTensor(op, x);
    const { isFloat } = x.dtypeInfo;
    const from = filledWith(op, isFloat ? x : x.to('float32'), mask, () => Number.NaN);
    const { values } = nanmedian(from, wrapDim(op, dim, x.ndim), keepdim);
    if (isFloat) return values;
    if (values.isnan().any().item())
      throw typeError(
        `${op}: a row of the mask is all false, and ${x.dtype} has no NaN for it; convert with to('float32').`,
      );
    return values.to(dtype ?? x.dtype);
  },
);

/** `log Σ eˣ` over `dim` (all by default) of the elements where `mask` is true; -∞ where none is. */
export const logsumexp = named(
  'masked.logsumexp',
  REDUCTION,
  (x: Tensor, dim?: Dims, keepdim: boolean = false, dtype?: DType | null, mask?: Mask): Tensor => {
    const from = filled('masked.logsumexp', x, mask, 'lowest');
    return logsumexpOf(from, wrapDims('masked.logsumexp', dim, x.ndim), keepdim).to(dtype ?? x.dtype);
  },
);

/** The norm of order `ord` (2 by default, ±∞ too) over `dim` (all by default) where `mask` is true. */
export const norm = named(
  'masked.norm',
  ['input', 'ord', ...REDUCTION.slice(1)] as ['input', 'ord', 'dim', 'keepdim', 'dtype', 'mask'],
  (x: Tensor, ord: Scalar = 2, dim?: Dims, keepdim: boolean = false, dtype?: DType | null, mask?: Mask): Tensor => {
    const kind = scalarNumber(ord) === Number.NEGATIVE_INFINITY ? 'highest' : 'zero';
    const from = filled('masked.norm', x, mask, kind);
    return vectorNorm(from, ord, wrapDims('masked.norm', dim, x.ndim), keepdim, dtype ?? x.dtype);
  },
);

function variance(
  op: string,
  x: Tensor,
  dim: Dims | undefined,
  unbiased: boolean,
  keepdim: boolean,
  dtype: DType | null | undefined,
  mask: Mask | undefined,
): Tensor {
  checkTensor(op, x);
  const result = dtype ?? (x.dtypeInfo.category < 2 ? 'float32' : x.dtype);
  const compute = result.startsWith('float') || result === 'bfloat16' ? result : 'float32';
  const average = div(sum(x, dim ?? null, true, result, mask), counts(op, x, dim, true, mask));
  const offset = x.sub(average);
  const total = sum(offset.mul(offset), dim ?? null, keepdim, compute, mask);
  let count = counts(op, x, dim, keepdim, mask);
  if (unbiased) count = maximum(count.sub(1), count.newZeros([]));
  return div(total, count).to(result);
}

function spread(op: string, finish: (variances: Tensor) => Tensor) {
  return named(
    op,
    ['input', 'dim', 'unbiased', 'keepdim', 'dtype', 'mask'],
    (
      x: Tensor,
      dim?: Dims,
      unbiased: boolean = false,
      keepdim: boolean = false,
      dtype?: DType | null,
      mask?: Mask,
    ): Tensor => finish(variance(op, x, dim, unbiased, keepdim, dtype, mask)),
  );
}

/**
 * `Σ (x - mean)² / n` over `dim` (all by default) of the elements where `mask` is true, with `unbiased` by n - 1; NaN
 * where none is.
 */
export const varOf = spread('masked.var', (variances) => variances);

/** The square root of masked.var. */
export const std = spread('masked.std', (variances) => variances.sqrt());
