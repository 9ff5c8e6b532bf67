/** Reductions over dims: sums, products, truth. */
import { mode } from '../autograd/mode.js';
import { record } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import { bool, type DType, type DTypeInfo, float32, int64, uint8 } from '../dtype.js';
import { typeError } from '../errors.js';
import { dtypeOf } from '../promotion.js';
import { contiguousStrides, type Shape, wrapDim, wrapDims } from '../shape.js';
import { recycle } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, isHalf } from './apply.js';
import { constantPadNd } from './arranging.js';
import { cumprodBackward } from './cumulative.js';
import { accumulateInfo, type Dims, narrowed, type Reduced, reduced, spread, workInfo } from './dims.js';
import { named } from './options.js';

type FoldKernel = (out: Operand, x: Operand, outer: number, n: number, inner: number) => void;

/** Runs a reducing kernel over dims, in `info` or the dtype that stands for it. */
function fold(
  kernel: FoldKernel,
  x: Tensor,
  dims: readonly number[],
  info: DTypeInfo,
  keepdim: boolean,
): { out: Tensor; r: Reduced } {
  const work = workInfo(info);
  const taken = x.dtypeInfo === work || (kernel === kernels.sum && work === int64 && x.dtypeInfo.category < 2);
  const r = reduced(taken ? x : (castOperand(x, work) as Tensor), dims);
  const out = x.makeEmpty(keepdim ? r.kept : r.dropped, work);
  if (work.isComplex) kernel(asPairs(out), asPairs(r.x), r.outer, r.n, r.inner * 2);
  else kernel(out, r.x, r.outer, r.n, r.inner);
  return { out: narrowed(out, info), r };
}

/** The sum over dims; over some that lie apart in steps, which spares bringing them together. */
function foldSum(
  x: Tensor,
  dims: readonly number[],
  info: DTypeInfo,
  keepdim: boolean,
): { out: Tensor; kept: Shape; n: number } {
  let start = dims.length - 1;
  while (start > 0 && dims[start - 1] === dims[start]! - 1) start--;
  if (start < 1 || !x.isDense || x.dtypeInfo !== workInfo(info) || x.dtypeInfo !== info) {
    const { out, r } = fold(kernels.sum, x, dims, info, keepdim);
    return { out, kept: r.kept, n: r.n };
  }
  const last = fold(kernels.sum, x, dims.slice(start), info, true);
  const { out, kept, n } = foldSum(last.out, dims.slice(0, start), info, true);
  const shape = keepdim ? kept : x.shape.filter((_, d) => !dims.includes(d));
  return { out: out.makeAlias(shape, contiguousStrides(shape), out.offset), kept, n: n * last.r.n };
}

/** Complex numbers as pairs of floats, for ops that treat both parts alike. */
function asPairs(x: Tensor): Tensor {
  return x.makeAlias([...x.shape, 2], [...x.strides.map((stride) => 2 * stride), 1], 2 * x.offset, float32);
}

/**
 * `Σ x` over `dim` (all of them by default). Bools and integers are added as int64, floats pairwise.
 * https://pytorch.org/docs/stable/generated/torch.sum.html
 * @example sum(x, 1, { keepdim: true })
 */
export const sum = named(
  'sum',
  ['input', 'dim', 'keepdim', 'dtype'],
  (x: Tensor, dim?: Dims, keepdim: boolean = false, dtype?: DType | null): Tensor => {
    checkTensor('sum', x);
    const dims = wrapDims('sum', dim, x.shape.length);
    const { out, kept } = foldSum(x, dims, accumulateInfo('sum', x, dtype), keepdim);
    const { shape } = x;
    const name = dim === undefined ? 'SumBackward0' : 'SumBackward1';
    return record(name, out, [x], [], [(grad) => spread(grad, kept, shape)]);
  },
);

/**
 * `Σ x / n` over `dim`; floats only.
 * https://pytorch.org/docs/stable/generated/torch.mean.html
 */
export const mean = named(
  'mean',
  ['input', 'dim', 'keepdim', 'dtype'],
  (x: Tensor, dim?: Dims, keepdim: boolean = false, dtype?: DType | null): Tensor => {
    checkTensor('mean', x);
    const info = dtype === null || dtype === undefined ? x.dtypeInfo : dtypeOf('mean', dtype);
    if (info.category < 2) {
      throw typeError(
        `mean: could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${x.dtype}; convert with to('float32') or give dtype.`,
      );
    }
    const { out, kept, n } = foldSum(x, wrapDims('mean', dim, x.shape.length), info, keepdim);
    kernels.div(out, out, castOperand(n, info));
    const { shape } = x;
    const name = dim === undefined ? 'MeanBackward0' : 'MeanBackward1';
    return record(name, out, [x], [], [(grad) => meanBackward(grad, kept, shape, n)]);
  },
);

/** grad / n in every place that a mean was taken of. */
function meanBackward(grad: Tensor, kept: Shape, shape: Shape, n: number): Tensor {
  if (mode.grad) return spread(grad, kept, shape).div(n);
  const out = grad.makeEmpty(shape, grad.dtypeInfo);
  kernels.div(out, grad.count === 1 ? grad : grad.reshape(kept), castOperand(n, grad.dtypeInfo));
  return out;
}

/**
 * `Π x` over one dim, or all. Bools and integers are multiplied as int64. Its gradient is right where x has zeros.
 * https://pytorch.org/docs/stable/generated/torch.prod.html
 */
export const prod = named(
  'prod',
  ['input', 'dim', 'keepdim', 'dtype'],
  (x: Tensor, dim?: number | null, keepdim: boolean = false, dtype?: DType | null): Tensor => {
    checkTensor('prod', x);
    const info = accumulateInfo('prod', x, dtype);
    const over = dim === undefined || dim === null ? null : wrapDim('prod', dim, x.shape.length);
    const { out } = fold(kernels.prod, x, wrapDims('prod', over, x.shape.length), info, keepdim);
    return record(
      over === null ? 'ProdBackward0' : 'ProdBackward1',
      out,
      [x],
      [x],
      [(grad, saved) => prodBackward(grad, saved, over)],
    );
  },
);

/** The product of all other elements, times grad: the last of the running products gets the whole gradient. */
function prodBackward(grad: Tensor, x: Tensor, dim: number | null): Tensor {
  if (x.count === 0) return grad.newZeros(x.shape);
  if (dim === null || x.shape.length === 0)
    return prodBackward(grad.reshape([1]), x.reshape([-1, 1]), 0).reshape(x.shape);
  const last = grad.reshape(x.shape.map((size, d) => (d === dim ? 1 : size)));
  const before = x.shape.map((size, d) => (d === dim ? size - 1 : size));
  return cumprodBackward(constantPadNd(last, padBefore(x.shape.length, dim, before[dim]!)), x.to(grad.dtype), dim);
}

/** constantPadNd's list for `count` zeros before what is there along `dim`. */
function padBefore(rank: number, dim: number, count: number): number[] {
  const pad = new Array<number>(2 * (rank - dim)).fill(0);
  pad[pad.length - 2] = count;
  return pad;
}

function truth(op: 'any' | 'all') {
  return named(op, ['input', 'dim', 'keepdim'], (x: Tensor, dim?: Dims, keepdim: boolean = false): Tensor => {
    checkTensor(op, x);
    const dims = wrapDims(op, dim, x.shape.length);
    const real = x.dtypeInfo.isComplex ? (x.ne(0) as Tensor) : isHalf(x.dtypeInfo) ? x.detach().to('float32') : x;
    const r = reduced(real, dims);
    const out = x.makeEmpty(keepdim ? r.kept : r.dropped, bool);
    kernels[op](out, r.x, r.outer, r.n, r.inner);
    return x.dtypeInfo === uint8 ? narrowed(out, uint8) : out;
  });
}

/** Whether any element over `dim` is not zero. uint8 gives uint8, as in PyTorch. */
export const any = truth('any');
/** Whether every element over `dim` is not zero. uint8 gives uint8, as in PyTorch. */
export const all = truth('all');

/**
 * `log Σ exp(x)` over `dim`, without overflow; -∞ where all is -∞.
 * https://pytorch.org/docs/stable/generated/torch.logsumexp.html
 */
export const logsumexp = named(
  'logsumexp',
  ['input', 'dim', 'keepdim'],
  (x: Tensor, dim: Dims, keepdim: boolean = false): Tensor => {
    checkTensor('logsumexp', x);
    if (x.dtypeInfo.isComplex) throw typeError('logsumexp: not implemented for complex64.');
    const info = x.dtypeInfo.isFloat ? x.dtypeInfo : float32;
    const { out, r } = fold(kernels.logSumExp, x, wrapDims('logsumexp', dim, x.shape.length), info, keepdim);
    const { kept } = r;
    return record('LogsumexpBackward0', out, [x], [x, out] as const, [
      (grad, saved, result) => {
        // exp(-∞ - -∞) would be NaN; the gradient there is 0.
        const finite = result.reshape(kept).maskedFill(result.reshape(kept).isinf(), 0);
        return grad.reshape(kept).mul(saved.sub(finite).exp());
      },
    ]);
  },
);

/** Σ of the elements that are not NaN. */
export const nansum = named(
  'nansum',
  ['input', 'dim', 'keepdim', 'dtype'],
  (x: Tensor, dim?: Dims, keepdim: boolean = false, dtype?: DType | null): Tensor => {
    checkTensor('nansum', x);
    if (x.dtypeInfo.isComplex) throw typeError('nansum: nansum does not support complex inputs.');
    if (x.dtypeInfo.category < 2) return sum(x.detach(), dim, keepdim, dtype);
    const numbers = x.detach().nanToNum(0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    const out = sum(numbers, dim, keepdim, dtype);
    recycle(numbers.storage);
    const { kept } = reducedShapes(x, dim);
    return record(
      'NansumBackward0',
      out,
      [x],
      [x],
      [(grad, saved) => grad.reshape(kept).expand(saved.shape).mul(saved.isnan().logicalNot())],
    );
  },
);

function reducedShapes(x: Tensor, dim: Dims | undefined): { kept: Shape } {
  const dims = wrapDims('nansum', dim, x.shape.length);
  return { kept: x.shape.map((size, i) => (dims.includes(i) ? 1 : size)) };
}

/** The mean of the elements that are not NaN. */
export const nanmean = named(
  'nanmean',
  ['input', 'dim', 'keepdim', 'dtype'],
  (x: Tensor, dim?: Dims, keepdim: boolean = false, dtype?: DType | null): Tensor => {
    checkTensor('nanmean', x);
    if (x.dtypeInfo.category < 2)
      throw typeError(
        `nanmean: expected input to have floating point or complex dtype but got ${x.dtype}; convert with to('float32').`,
      );
    const factor = sum(x.detach().isnan().logicalNot(), dim, keepdim);
    return nansum(x, dim, keepdim, dtype).div(factor);
  },
);

/** How many elements over `dim` (all dims by default) are not zero. */
export const countNonzero = named('countNonzero', ['input', 'dim'], (x: Tensor, dim?: Dims): Tensor => {
  checkTensor('countNonzero', x);
  const r = reduced(x, wrapDims('countNonzero', dim, x.shape.length));
  const out = x.makeEmpty(r.dropped, int64);
  kernels.countNonzero(out, r.x, r.outer, r.n, r.inner);
  return out;
});

/** The sum that undoes a broadcast from `shape` to x's shape. */
export function sumToSize(x: Tensor, shape: Shape): Tensor {
  checkTensor('sumToSize', x);
  if (shape.length === 0) return sum(x);
  const missing = x.shape.length - shape.length;
  const dims: number[] = [];
  const misfit = (): TypeError =>
    typeError(
      `sumToSize: size [${shape.join(', ')}] is not expandable to size [${x.shape.join(', ')}]; give sizes that are x's or 1.`,
    );
  if (missing < 0) throw misfit();
  for (let i = 0; i < x.shape.length; i++) {
    const want = i < missing ? 1 : shape[i - missing]!;
    if (x.shape[i] !== want || i < missing) {
      if (want !== 1) throw misfit();
      dims.push(i);
    }
  }
  if (dims.length === 0) return x;
  const summed = sum(x, dims, true);
  return missing > 0 ? summed.reshape(shape) : summed;
}
