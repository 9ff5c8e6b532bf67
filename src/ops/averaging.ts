import { record } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import { rangeError, typeError } from '../errors.js';
import { checkAllocation, checkListed, numberOfElements, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { relu } from './activation.js';
import { checkTensor, dense } from './apply.js';
import { named } from './options.js';
import { checkPooled, pooledSizes, type Window, windowOf } from './pooling.js';
import { resample, tapsOf } from './resampling.js';
import { type Sizes, triple } from './spatial.js';
import { under } from './under.js';

/** How many elements each window of one dimension has: those of the padded input, or only the input's own. */
function counts(
  size: number,
  out: number,
  kernel: number,
  stride: number,
  padding: number,
  withPadding: boolean,
): number[] {
  return Array.from({ length: out }, (_, i) => {
    const start = i * stride - padding;
    const end = Math.min(start + kernel, size + padding);
    return withPadding ? end - start : Math.min(end, size) - Math.max(start, 0);
  });
}

/** What each window's sum is multiplied by: one number for all, or one a place of the result. */
function factorsOf(
  x: Tensor,
  out: readonly number[],
  w: Window,
  withPadding: boolean,
  override: number | null,
): Tensor {
  const size = x.shape.slice(x.shape.length - out.length);
  const lists = out.map((n, d) => counts(size[d]!, n, w.kernel[d]!, w.stride[d]!, w.padding[d]!, withPadding));
  const alike = override !== null || lists.every((list) => list.every((n) => n === list[0]));
  let all = [override ?? 1];
  if (override === null) {
    for (const list of lists) all = all.flatMap((a) => (alike ? list.slice(0, 1) : list).map((b) => a * b));
  }
  const result = x.makeEmpty([all.length], x.dtypeInfo);
  const view = result.storage.view(x.dtypeInfo, 0, result.count);
  for (let i = 0; i < all.length; i++) view[i] = 1 / all[i]!;
  return result;
}

/** A pooling's shapes, and its kernel's ints. */
interface Averaging {
  readonly name: string;
  readonly from: Shape;
  readonly to: Shape;
  readonly ints: Parameters<typeof kernels.averagePool> extends [Operand, Operand, Operand, ...infer Ints]
    ? Ints
    : never;
}

/** The sum over each window times `factors`. */
function windowMeans(x: Tensor, factors: Tensor, a: Averaging): Tensor {
  const y = x.makeEmpty(a.to, x.dtypeInfo);
  kernels.averagePool(y, dense(x), factors, ...a.ints);
  return record(a.name, y, [x], [factors] as const, [(grad, f) => spreadMeans(grad, f, a)]);
}

/** The gradient of {@link windowMeans}. */
function spreadMeans(grad: Tensor, factors: Tensor, a: Averaging): Tensor {
  const out = grad.makeEmpty(a.from, grad.dtypeInfo);
  kernels.averagePoolBackward(out, dense(grad), factors, ...a.ints);
  return record(`${a.name.slice(0, -1)}Backward0`, out, [grad], [factors] as const, [(g, f) => windowMeans(g, f, a)]);
}

function average(
  op: string,
  rank: number,
  x: Tensor,
  w: Window,
  withPadding: boolean,
  override: number | null,
): Tensor {
  if (x.dtype === 'int64') return average(op, rank, x.to('float64'), w, withPadding, override).to('int64');
  if (x.dtype !== 'float32' && x.dtype !== 'float64')
    throw typeError(`${op}: not implemented for ${x.dtype}; convert with to('float32').`);
  if (override !== null && override === 0) throw rangeError(`${op}: divisor must be not zero.`);
  const out = pooledSizes(op, x.shape, w);
  const lead = x.shape.slice(0, x.shape.length - rank);
  const size = x.shape.slice(x.shape.length - rank);
  return windowMeans(x, factorsOf(x, out, w, withPadding, override), {
    name: `AvgPool${rank}DBackward0`,
    from: x.shape,
    to: [...lead, ...out],
    ints: [
      numberOfElements(lead),
      ...triple(size, 1),
      ...triple(w.kernel, 1),
      ...triple(out, 1),
      ...triple(w.stride, 1),
      ...triple(w.padding, 0),
      ...triple(w.dilation, 1),
    ],
  });
}

function avgPoolOp(rank: number) {
  const op = `avgPool${rank}d`;
  return named(
    op,
    ['input', 'kernelSize', 'stride', 'padding', 'ceilMode', 'countIncludePad', 'divisorOverride'],
    (
      input: Tensor,
      kernelSize: Sizes,
      stride?: Sizes | null,
      padding: Sizes = 0,
      ceilMode: boolean = false,
      countIncludePad: boolean = true,
      divisorOverride: number | null = null,
    ): Tensor => {
      checkTensor(op, input);
      const w = windowOf(op, rank, kernelSize, stride, padding, 1, ceilMode);
      checkPooled(op, input, rank);
      if (rank > 1) return average(op, rank, input, w, countIncludePad, divisorOverride);
      const flat: Window = {
        kernel: [1, w.kernel[0]!],
        stride: [1, w.stride[0]!],
        padding: [0, w.padding[0]!],
        dilation: [1, 1],
        ceilMode,
      };
      return average(op, 2, input.unsqueeze(-2), flat, countIncludePad, null).squeeze(-2);
    },
  );
}

/**
 * The mean of each window.
 *
 * @param input [batch, channels, length], or without batch
 * @param stride how far windows are apart; kernelSize if not given
 * @param padding zeros on both sides, at most half of kernelSize
 * @param ceilMode whether a last window may hang over the end
 * @param countIncludePad whether the padding's zeros count in the mean
 * @throws RangeError for sizes that do not fit
 */
export const avgPool1d = avgPoolOp(1);
/** {@link avgPool1d} of images: [batch, channels, height, width], or without batch; `divisorOverride` is divided by instead of the count. */
export const avgPool2d = avgPoolOp(2);
/** {@link avgPool1d} of volumes: [batch, channels, depth, height, width], or without batch. */
export const avgPool3d = avgPoolOp(3);

/** Sizes of an adaptive pooling: null keeps the input's. */
export type AdaptiveSizes = number | null | readonly (number | null)[];

/** The wanted sizes, with the input's where null. */
export function adaptiveSizes(op: string, x: Tensor, rank: number, sizes: AdaptiveSizes): number[] {
  checkPooled(op, x, rank);
  const own = x.shape.slice(x.shape.length - rank);
  const wanted = Array.isArray(sizes)
    ? sizes.length === 1
      ? new Array(rank).fill(sizes[0])
      : sizes
    : new Array(rank).fill(sizes);
  if (wanted.length !== rank)
    throw rangeError(`${op}: output_size must be ${rank} numbers, but got [${wanted.join(', ')}].`);
  const out = wanted.map((size: number | null, d: number) => {
    if (size === null || size === undefined) return own[d]!;
    if (!Number.isSafeInteger(size) || size < 0)
      throw rangeError(
        `${op}: elements of output_size must be greater than or equal to 0, but it is [${wanted.join(', ')}].`,
      );
    return size;
  }) as number[];
  checkAllocation(op, [...x.shape.slice(0, x.shape.length - rank), ...out], x.dtypeInfo.size);
  for (const size of out) checkListed(op, 'places along a dimension', size);
  return out;
}

/** Means of the windows [⌊i n / out⌋, ⌈(i + 1) n / out⌉) along dim. */
function adaptiveMeans(x: Tensor, dim: number, out: number): Tensor {
  const n = x.shape[dim]!;
  if (n === out) return x;
  const taps = tapsOf(out, (i, add) => {
    const start = Math.floor((i * n) / out);
    const length = Math.ceil(((i + 1) * n) / out) - start;
    for (let k = 0; k < length; k++) add(start + k, 1 / length);
  });
  return resample(x, dim, taps);
}

function adaptiveAverage(op: string, rank: number, x: Tensor, sizes: readonly number[]): Tensor {
  if (!x.dtypeInfo.isFloat) throw typeError(`${op}: not implemented for ${x.dtype}; convert with to('float32').`);
  const first = x.shape.length - rank;
  if (sizes.every((size) => size === 1))
    return x.mean(
      sizes.map((_, d) => first + d),
      true,
    );
  const name = `AdaptiveAvgPool${rank}DBackward0`;
  const kernel = sizes.map((size, d) => x.shape[first + d]! / size);
  // Windows of one length that do not overlap are those of a plain pooling.
  if ((x.dtype === 'float32' || x.dtype === 'float64') && x.count > 0 && kernel.every(Number.isInteger)) {
    const w: Window = {
      kernel,
      stride: kernel,
      padding: new Array(rank).fill(0),
      dilation: new Array(rank).fill(1),
      ceilMode: false,
    };
    return under(name, average(op, rank, x, w, true, null));
  }
  let y = x;
  for (let d = 0; d < rank; d++) y = adaptiveMeans(y, first + d, sizes[d]!);
  return under(name, y === x ? x.clone() : y);
}

function adaptiveAvgPoolOp(rank: number) {
  const op = `adaptiveAvgPool${rank}d`;
  return named(op, ['input', 'outputSize'], (input: Tensor, outputSize: AdaptiveSizes): Tensor => {
    checkTensor(op, input);
    const sizes = adaptiveSizes(op, input, rank, outputSize);
    if (rank > 1) return adaptiveAverage(op, rank, input, sizes);
    return adaptiveAverage(op, 2, input.unsqueeze(-2), [1, sizes[0]!]).squeeze(-2);
  });
}

/** Means of as many windows as are wanted, of whatever length that takes: [batch, channels, length] → [batch, channels, outputSize]. */
export const adaptiveAvgPool1d = adaptiveAvgPoolOp(1);
/** {@link adaptiveAvgPool1d} of images; null keeps a size. */
export const adaptiveAvgPool2d = adaptiveAvgPoolOp(2);
/** {@link adaptiveAvgPool1d} of volumes; null keeps a size. */
export const adaptiveAvgPool3d = adaptiveAvgPoolOp(3);

function lpPoolOp(rank: 1 | 2) {
  const op = `lpPool${rank}d`;
  const pool = rank === 1 ? avgPool1d : avgPool2d;
  return named(
    op,
    ['input', 'normType', 'kernelSize', 'stride', 'ceilMode'],
    (input: Tensor, normType: number, kernelSize: Sizes, stride?: Sizes | null, ceilMode: boolean = false): Tensor => {
      checkTensor(op, input);
      const means = pool(input.pow(normType), kernelSize, stride, 0, ceilMode);
      const kernel = windowOf(op, rank, kernelSize, stride, 0, 1, ceilMode).kernel;
      return means
        .sign()
        .mul(relu(means.abs()))
        .mul(numberOfElements(kernel))
        .pow(1 / normType);
    },
  );
}

/** The p-norm of each window: `(Σ xᵖ)^(1/p)`. [batch, channels, length], or without batch. */
export const lpPool1d = lpPoolOp(1);
/** {@link lpPool1d} of images. */
export const lpPool2d = lpPoolOp(2);
