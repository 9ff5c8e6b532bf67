import { kernels } from '../backends/index.js';
import type { DTypeInfo } from '../dtype.js';
import { rangeError } from '../errors.js';
import type { Shape } from '../shape.js';
import { recycle } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { scalarOperand } from './apply.js';

/** What becomes of the losses of the elements. */
export type Reduction = 'none' | 'mean' | 'sum';

/** What PyTorch's older way to say it, by `sizeAverage` and `reduce`, takes. */
export type Legacy = boolean | null | undefined;

/** The kernels' numbers of the reductions. */
export const reductionCode = { none: 0, mean: 1, sum: 2 } as const;

/**
 * Checks a reduction that came from a user, and PyTorch's older `sizeAverage` and `reduce` in its place.
 * @throws RangeError for another word
 */
export function reductionOf(op: string, reduction: Reduction, sizeAverage: Legacy, reduce: Legacy): Reduction {
  if (typeof sizeAverage === 'boolean' || typeof reduce === 'boolean') {
    if (reduce === false) return 'none';
    return sizeAverage === false ? 'sum' : 'mean';
  }
  if (reduction !== 'none' && reduction !== 'mean' && reduction !== 'sum') {
    throw rangeError(`${op}: ${String(reduction)} is not a valid value for reduction; give 'none', 'mean' or 'sum'.`);
  }
  return reduction;
}

/** The reduced losses of `fill`, which writes one for each element of `shape`. Without a record. */
export function reduceLosses(
  like: Tensor,
  shape: Shape,
  info: DTypeInfo,
  reduction: Reduction,
  fill: (out: Tensor) => void,
): Tensor {
  const losses = like.makeEmpty(shape, info);
  fill(losses);
  if (reduction === 'none') return losses;
  const out = like.makeEmpty([], info);
  kernels.sum(out, losses, 1, losses.count, 1);
  if (reduction === 'mean') kernels.div(out, out, scalarOperand(losses.count, info));
  recycle(losses.storage);
  return out;
}

/** The reduced losses in tensor ops, for losses that are composed of them. */
export function reduced(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'none') return losses;
  return reduction === 'mean' ? losses.mean() : losses.sum();
}
