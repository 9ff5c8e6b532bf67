/** Quantiles. */
import { record } from '../autograd/record.js';
import { float32, float64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { gather } from './gathering.js';
import { named } from './options.js';
import { sort } from './sorting.js';

/** What a quantile between two elements is. */
export type Interpolation = 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest';

const INTERPOLATIONS: readonly string[] = ['linear', 'lower', 'higher', 'midpoint', 'nearest'];

/** q as a tensor of x's dtype: a number is one quantile. */
function checkQuantiles(op: string, x: Tensor, q: number | Tensor): Tensor {
  if (typeof q === 'number' || typeof q !== 'object' || !('dtypeInfo' in q)) {
    const value = Number(q);
    if (!(value >= 0 && value <= 1)) throw rangeError(`${op}: q must be in the range [0, 1] but got ${value}.`);
    const out = x.makeEmpty([], x.dtypeInfo);
    out.fillWith(value);
    return out;
  }
  if (q.shape.length > 1)
    throw rangeError(`${op}: q must be a scalar or 1D tensor, but it has shape [${q.shape.join(', ')}].`);
  if (q.dtypeInfo !== x.dtypeInfo)
    throw typeError(`${op}: q tensor must be same dtype as the input tensor, but they are ${q.dtype} and ${x.dtype}.`);
  const values = q.detach();
  if (q.count > 0 && values.ge(0).logicalAnd(values.le(1)).logicalNot().any().item()) {
    throw rangeError(`${op}: q values must be in the range [0, 1].`);
  }
  return q;
}

function quantileOf(op: string, ignoreNan: boolean) {
  return (
    x: Tensor,
    q: number | Tensor,
    dim?: number | null,
    keepdim: boolean = false,
    interpolation: Interpolation = 'linear',
  ): Tensor => {
    checkTensor(op, x);
    if (x.dtypeInfo !== float32 && x.dtypeInfo !== float64) {
      throw typeError(
        `${op}: input tensor must be either float or double dtype, not ${x.dtype}; convert with to('float32').`,
      );
    }
    if (!INTERPOLATIONS.includes(interpolation)) {
      throw typeError(
        `${op}: interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${String(interpolation)}.`,
      );
    }
    const d = dim === undefined || dim === null ? null : wrapDim(op, dim, x.shape.length);
    const quantiles = checkQuantiles(op, x, q);
    if (x.count === 0) throw rangeError(`${op}: input tensor must be non-empty.`);
    // The shape of the result, with the reduced dim last.
    const all = d === null || x.shape.length === 0;
    const rest = x.shape.flatMap((size, i) => (all || i === d ? (keepdim ? [1] : []) : [size]));
    const sorted = sort(all ? x.flatten() : x.movedim(d, -1)).values;
    const n = sorted.shape[sorted.shape.length - 1]!;
    const kept = sorted.reshape([...rest, n]);
    let ranks: Tensor;
    const isNan = kept.detach().isnan();
    if (ignoreNan) {
      const most = isNan.logicalNot().sum(-1, true).sub(1).clampMin(0);
      ranks = quantiles.mul(most);
    } else {
      ranks = quantiles.mul(n - 1).maskedFill(isNan.any(-1, true), n - 1);
    }
    if (interpolation === 'lower') ranks = ranks.floor();
    else if (interpolation === 'higher') ranks = ranks.ceil();
    else if (interpolation === 'nearest') ranks = ranks.round();
    const below = ranks.detach().to('int64');
    let values = gather(kept, -1, below);
    if (interpolation === 'linear' || interpolation === 'midpoint') {
      const weights = interpolation === 'midpoint' ? ranks.detach().mul(0).add(0.5) : ranks.sub(below);
      values = values.lerp(gather(kept, -1, ranks.detach().ceil().to('int64')), weights);
    }
    if (quantiles.shape.length > 0) values = values.unsqueeze(0).transpose(0, -1);
    const shape = values.shape.slice(0, -1);
    const strides = values.strides.slice(0, -1);
    const from = values.shape;
    return record(
      'SqueezeBackward3',
      values.makeAlias(shape, strides, values.offset),
      [values],
      [],
      [(grad) => grad.reshape(from)],
    );
  };
}

const NAMES = ['input', 'q', 'dim', 'keepdim', 'interpolation'] as const;

/**
 * The q-quantiles of all elements or along `dim`; q is a number, or a vector whose length becomes the first dim. Between
 * two elements `interpolation` decides. NaN where there is one.
 * https://pytorch.org/docs/stable/generated/torch.quantile.html
 */
export const quantile = named('quantile', NAMES, quantileOf('quantile', false));

/** The quantiles of what is not NaN, as {@link quantile}. */
export const nanquantile = named('nanquantile', NAMES, quantileOf('nanquantile', true));
