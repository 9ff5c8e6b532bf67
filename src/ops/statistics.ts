/** Variance and what follows from it. */
import { record, recordMany } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError, typeError } from '../errors.js';
import type { Shape } from '../shape.js';
import { wrapDims } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor } from './apply.js';
import { type Dims, narrowed, type Reduced, reduced, spread, workInfo } from './dims.js';
import { named, namedTuple } from './options.js';

interface Moments {
  readonly variance: Tensor;
  readonly mean: Tensor;
  readonly r: Reduced;
  /** n - correction. */
  readonly freedom: number;
}

const NAMES = ['input', 'dim', 'unbiased', 'keepdim', 'correction'] as const;

/**
 * Arguments as PyTorch takes them: `(x, dim, unbiased, keepdim)`, `(x, unbiased)`, and `correction`, how much the
 * divisor is less than the count: 1 for `unbiased`, which is the default, else 0.
 */
type Given = Dims | boolean | undefined;

function moments(
  op: string,
  x: Tensor,
  dim: Given,
  unbiased: boolean | null | undefined,
  keepdim: boolean,
  correction: number | null | undefined,
): Moments {
  checkTensor(op, x);
  if (!x.dtypeInfo.isFloat)
    throw typeError(
      `${op}: std and var only support floating point and complex dtypes, but x is ${x.dtype}; convert with to('float32').`,
    );
  const isUnbiased = typeof dim === 'boolean' ? dim : (unbiased ?? true);
  const off = correction ?? (isUnbiased ? 1 : 0);
  if (off < 0) throw rangeError(`${op}: correction must be at least 0, but is ${off}.`);
  const work = workInfo(x.dtypeInfo);
  const r = reduced(
    x.dtypeInfo === work ? x : (castOperand(x, work) as Tensor),
    wrapDims(op, typeof dim === 'boolean' ? null : dim, x.shape.length),
  );
  const shape = keepdim ? r.kept : r.dropped;
  const variance = x.makeEmpty(shape, work);
  const mean = x.makeEmpty(shape, work);
  kernels.variance(variance, mean, r.x, r.outer, r.n, r.inner, off);
  return { variance: narrowed(variance, x.dtypeInfo), mean: narrowed(mean, x.dtypeInfo), r, freedom: r.n - off };
}

/** 2 / (n - correction) · (x - mean), times the gradient. */
function varianceGradient(grad: Tensor, x: Tensor, kept: Shape, freedom: number): Tensor {
  const dims = kept.flatMap((size, d) => (size === 1 ? [d] : []));
  const mean = dims.length === 0 ? x : x.mean(dims, true);
  return grad.reshape(kept).mul(x.sub(mean).mul(2 / freedom));
}

/** The deviation's gradient, 0 where there is no deviation. */
function deviationGradient(grad: Tensor, x: Tensor, deviation: Tensor, kept: Shape, freedom: number): Tensor {
  return varianceGradient(grad.div(deviation.mul(2)).maskedFill(deviation.eq(0), 0), x, kept, freedom);
}

/** The root of a variance, NaN staying NaN. */
function root(variance: Tensor): Tensor {
  const out = variance.makeEmpty(variance.shape, variance.dtypeInfo);
  kernels.sqrt(out, variance);
  return out;
}

/**
 * The variance over `dim`, in two passes; divided by n - correction.
 * https://pytorch.org/docs/stable/generated/torch.var.html
 */
const variance = named(
  'var',
  NAMES,
  (x: Tensor, dim?: Given, unbiased?: boolean | null, keepdim: boolean = false, correction?: number | null): Tensor => {
    const { variance: out, r, freedom } = moments('var', x, dim, unbiased, keepdim, correction);
    return record('VarBackward0', out, [x], [x], [(grad, saved) => varianceGradient(grad, saved, r.kept, freedom)]);
  },
);

/**
 * The standard deviation over `dim`: the root of the variance.
 * https://pytorch.org/docs/stable/generated/torch.std.html
 */
export const std = named(
  'std',
  NAMES,
  (x: Tensor, dim?: Given, unbiased?: boolean | null, keepdim: boolean = false, correction?: number | null): Tensor => {
    const { variance: squared, r, freedom } = moments('std', x, dim, unbiased, keepdim, correction);
    const out = root(squared);
    return record('StdBackward0', out, [x], [x, out] as const, [
      (grad, saved: Tensor, deviation: Tensor) => deviationGradient(grad, saved, deviation, r.kept, freedom),
    ]);
  },
);

/** The variance and the mean over `dim` together. */
export const varMean = named(
  'varMean',
  NAMES,
  (x: Tensor, dim?: Given, unbiased?: boolean | null, keepdim: boolean = false, correction?: number | null) => {
    const { variance: out, mean, r, freedom } = moments('varMean', x, dim, unbiased, keepdim, correction);
    recordMany(
      'VarMeanBackward0',
      [out, mean],
      [x],
      [x],
      [
        (grads, saved: Tensor) =>
          total(
            grads[0] ? varianceGradient(grads[0], saved, r.kept, freedom) : null,
            meanGradient(grads[1] ?? null, saved.shape, r),
          ),
      ],
    );
    return namedTuple(['var', 'mean'], [out, mean]);
  },
);

/** The standard deviation and the mean over `dim` together. */
export const stdMean = named(
  'stdMean',
  NAMES,
  (x: Tensor, dim?: Given, unbiased?: boolean | null, keepdim: boolean = false, correction?: number | null) => {
    const { variance: squared, mean, r, freedom } = moments('stdMean', x, dim, unbiased, keepdim, correction);
    const out = root(squared);
    recordMany('StdMeanBackward0', [out, mean], [x], [x, out] as const, [
      (grads, saved: Tensor, deviation: Tensor) =>
        total(
          grads[0] ? deviationGradient(grads[0], saved, deviation, r.kept, freedom) : null,
          meanGradient(grads[1] ?? null, saved.shape, r),
        ),
    ]);
    return namedTuple(['std', 'mean'], [out, mean]);
  },
);

function meanGradient(grad: Tensor | null, shape: Shape, r: Reduced): Tensor | null {
  return grad === null ? null : spread(grad, r.kept, shape).div(r.n);
}

function total(a: Tensor | null, b: Tensor | null): Tensor | null {
  return a === null || b === null ? (a ?? b) : a.add(b);
}

/**
 * The covariance matrix of variables in rows, observations in columns; frequencies and weights count observations.
 * https://pytorch.org/docs/stable/generated/torch.cov.html
 */
export const cov = named(
  'cov',
  ['input', 'correction', 'fweights', 'aweights'],
  (x: Tensor, correction: number = 1, fweights?: Tensor | null, aweights?: Tensor | null): Tensor => {
    checkTensor('cov', x);
    if (x.shape.length > 2)
      throw rangeError(
        `cov: cov(): expected input to have two or fewer dimensions but got an input with ${x.shape.length} dimensions.`,
      );
    if (x.dtype === 'bool') throw typeError('cov: cov(): bool dtype is not supported for input; convert with to(…).');
    const rows = x.shape.length < 2 ? x.reshape([1, -1]) : x;
    const observations = rows.shape[1]!;
    const weights = combinedWeights(fweights ?? null, aweights ?? null, observations);
    const count = weights === null ? observations : weights.sum();
    const average = (weights === null ? rows : rows.mul(weights)).sum(1).div(count);
    let factor: Tensor | number;
    if (typeof count === 'number' || weights === null) factor = Math.max(observations - correction, 0);
    else if (aweights === null || aweights === undefined || correction === 0) factor = count.sub(correction).clamp(0);
    else factor = count.sub(weights.mul(aweights).sum().mul(correction).div(count)).clamp(0);
    const centred = rows.sub(average.unsqueeze(1));
    const product = centred.mm((weights === null ? centred : centred.mul(weights)).t());
    return product.div(factor).squeeze();
  },
);

/** What each observation counts: frequency times weight. */
function combinedWeights(fweights: Tensor | null, aweights: Tensor | null, observations: number): Tensor | null {
  for (const [name, weights] of [
    ['fweights', fweights],
    ['aweights', aweights],
  ] as const) {
    if (weights === null) continue;
    checkTensor('cov', weights, name);
    if (weights.shape.length > 1)
      throw rangeError(
        `cov: cov(): expected ${name} to have one or fewer dimensions but got ${name} with ${weights.shape.length} dimensions.`,
      );
    if (name === 'fweights' ? weights.dtypeInfo.category !== 1 : !weights.dtypeInfo.isFloat) {
      throw typeError(
        `cov: cov(): expected ${name} to have ${name === 'fweights' ? 'integral' : 'floating point'} dtype but got ${name} with ${weights.dtype} dtype.`,
      );
    }
    if (weights.count !== observations)
      throw rangeError(
        `cov: cov(): expected ${name} to have the same numel as there are observations in the input but got ${weights.count} != ${observations}.`,
      );
    if (weights.count > 0 && weights.detach().lt(0).any().item())
      throw rangeError(`cov: cov(): ${name} cannot be negative.`);
  }
  if (fweights === null || aweights === null) return fweights ?? aweights;
  return fweights.mul(aweights);
}

/**
 * The matrix of correlation coefficients of variables in rows, observations in columns.
 * https://pytorch.org/docs/stable/generated/torch.corrcoef.html
 */
export function corrcoef(x: Tensor): Tensor {
  checkTensor('corrcoef', x);
  if (x.shape.length > 2)
    throw rangeError(
      `corrcoef: corrcoef(): expected input to have two or fewer dimensions but got an input with ${x.shape.length} dimensions.`,
    );
  const c = cov(x);
  if (c.shape.length === 0) return c.div(c);
  const deviation = c.diag().sqrt();
  return c.div(deviation.unsqueeze(1)).div(deviation.unsqueeze(0)).clamp(-1, 1);
}

export { variance as var };
