/** Running sums, products and their like along one dim. */
import { record } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import type { DType, DTypeInfo } from '../dtype.js';
import { typeError } from '../errors.js';
import { numberOfElements, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, dense } from './apply.js';
import { constantPadNd } from './arranging.js';
import { accumulateInfo, narrowed, workInfo } from './dims.js';
import { named } from './options.js';

type ScanKernel = (out: Operand, x: Operand, outer: number, n: number, inner: number, reverse: number) => void;

interface Line {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

/** x's shape as [outer, n, inner] around `dim`; a scalar is a line of one. */
function lineOf(x: Tensor, dim: number): Line {
  if (x.shape.length === 0) return { outer: 1, n: 1, inner: 1 };
  return {
    outer: numberOfElements(x.shape.slice(0, dim)),
    n: x.shape[dim]!,
    inner: numberOfElements(x.shape.slice(dim + 1)),
  };
}

function scan(kernel: ScanKernel, x: Tensor, dim: number, info: DTypeInfo, reverse: boolean): Tensor {
  const work = workInfo(info);
  const from = dense(x.dtypeInfo === work ? x : (castOperand(x, work) as Tensor));
  const out = x.makeEmpty(x.shape, work);
  const { outer, n, inner } = lineOf(x, dim);
  kernel(out, from, outer, n, inner, reverse ? 1 : 0);
  return narrowed(out, info);
}

function notComplex(op: string, x: Tensor): void {
  if (x.dtypeInfo.isComplex) throw typeError(`${op}: not implemented for complex64.`);
}

/** Running sums from one end or the other, whose gradient runs the other way. */
function runningSum(x: Tensor, dim: number, info: DTypeInfo, reverse: boolean): Tensor {
  const out = scan(kernels.cumsum, x, dim, info, reverse);
  return record('CumsumBackward0', out, [x], [], [(grad) => runningSum(grad, dim, grad.dtypeInfo, !reverse)]);
}

/**
 * `out[i] = x[0] + … + x[i]` along `dim`; float32 is carried in float64.
 * https://pytorch.org/docs/stable/generated/torch.cumsum.html
 */
export const cumsum = named(
  'cumsum',
  ['input', 'dim', 'dtype'],
  (x: Tensor, dim: number, dtype?: DType | null): Tensor => {
    checkTensor('cumsum', x);
    notComplex('cumsum', x);
    return runningSum(x, wrapDim('cumsum', dim, x.shape.length), accumulateInfo('cumsum', x, dtype), false);
  },
);

/**
 * `out[i] = x[0] · … · x[i]` along `dim`. Its gradient is right where x has zeros.
 * https://pytorch.org/docs/stable/generated/torch.cumprod.html
 */
export const cumprod = named(
  'cumprod',
  ['input', 'dim', 'dtype'],
  (x: Tensor, dim: number, dtype?: DType | null): Tensor => {
    checkTensor('cumprod', x);
    notComplex('cumprod', x);
    const d = wrapDim('cumprod', dim, x.shape.length);
    const out = scan(kernels.cumprod, x, d, accumulateInfo('cumprod', x, dtype), false);
    return record('CumprodBackward0', out, [x], [x], [(grad, saved) => cumprodBackward(grad, saved.to(grad.dtype), d)]);
  },
);

/**
 * The gradient of running products without a division: what comes back to x[k] is (x[0] ⋯ x[k-1]) · h[k], where
 * h[k] = grad[k] + x[k+1] · h[k+1] gathers the products that x[k] is in.
 */
export function cumprodBackward(grad: Tensor, x: Tensor, dim: number): Tensor {
  if (x.shape.length === 0) return grad;
  return recurrence(grad, x, dim, true).mul(shifted(cumprod(x, dim), dim, 1));
}

/** x moved on by one along `dim`, with `fill` in the free place. */
function shifted(x: Tensor, dim: number, fill: number): Tensor {
  const n = x.shape[dim]!;
  if (n === 0) return x;
  const pad = new Array<number>(2 * (x.shape.length - dim)).fill(0);
  pad[pad.length - 2] = 1;
  return constantPadNd(x.narrow(dim, 0, n - 1), pad, fill);
}

/**
 * The linear recurrence `y[i] = x[i] + a[i] · y[i-1]` along `dim`, or in reverse `y[i] = x[i] + a[i+1] · y[i+1]`. Its
 * gradient is the same recurrence run the other way, so it can be differentiated as often as wanted.
 */
export function recurrence(x: Tensor, a: Tensor, dim: number, reverse: boolean): Tensor {
  const out = x.makeEmpty(x.shape, x.dtypeInfo);
  const { outer, n, inner } = lineOf(x, dim);
  kernels.recurrence(out, dense(x), dense(a), outer, n, inner, reverse ? 1 : 0);
  return record('RecurrenceBackward0', out, [x, a], [a, out] as const, [
    (grad, factor: Tensor) => recurrence(grad, factor, dim, !reverse),
    (grad, factor: Tensor, y: Tensor) => {
      const h = recurrence(grad, factor, dim, !reverse);
      return reverse ? shifted(h, dim, 0).mul(y) : h.mul(shifted(y, dim, 0));
    },
  ]);
}

/**
 * `out[i] = log(exp(x[0]) + … + exp(x[i]))` along `dim`, without overflow; floats only.
 * https://pytorch.org/docs/stable/generated/torch.logcumsumexp.html
 */
export const logcumsumexp = named('logcumsumexp', ['input', 'dim'], (x: Tensor, dim: number): Tensor => {
  checkTensor('logcumsumexp', x);
  if (!x.dtypeInfo.isFloat)
    throw typeError(`logcumsumexp: not implemented for ${x.dtype}; convert with to('float32').`);
  const d = wrapDim('logcumsumexp', dim, x.shape.length);
  const out = scan(kernels.logCumSumExp, x, d, x.dtypeInfo, false);
  return record('LogcumsumexpBackward0', out, [x], [x, out] as const, [
    (grad, saved, result) => {
      if (saved.shape.length === 0 || saved.count === 0) return grad;
      // Σ_{i ≥ k} grad[i] · exp(x[k] - out[i]), with ratios exp(out[k-1] - out[k]) ≤ 1 on the way: nothing overflows.
      const finite = result.maskedFill(result.isinf(), 0);
      const ratios = shifted(result, d, Number.NEGATIVE_INFINITY).sub(finite).exp();
      return recurrence(grad, ratios, d, true).mul(saved.sub(finite).exp());
    },
  ]);
});
