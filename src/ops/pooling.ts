import { record, recordMany } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { bracketed, numberOfElements, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
import { type Arguments, type NamedTuple, named, namedTuple } from './options.js';
import { type Sizes, sizesOf, triple } from './spatial.js';

/** How a pooling window moves, a number for each spatial dimension. */
export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly ceilMode: boolean;
}

/** Checks what a user gave for a window of `rank` dimensions. */
export function windowOf(
  op: string,
  rank: number,
  kernelSize: Sizes,
  stride: Sizes | null | undefined,
  padding: Sizes,
  dilation: Sizes,
  ceilMode: boolean,
): Window {
  const kernel = sizesOf(op, 'kernelSize', kernelSize, rank);
  const hasStride = stride !== null && stride !== undefined && !(Array.isArray(stride) && stride.length === 0);
  const window: Window = {
    kernel,
    stride: hasStride ? sizesOf(op, 'stride', stride, rank) : kernel,
    padding: sizesOf(op, 'padding', padding, rank),
    dilation: sizesOf(op, 'dilation', dilation, rank),
    ceilMode,
  };
  if (kernel.some((k) => k <= 0))
    throw rangeError(`${op}: kernel_size must be greater than zero, but got ${bracketed(kernel)}.`);
  if (window.stride.some((s) => s <= 0))
    throw rangeError(`${op}: stride must be greater than zero, but got ${bracketed(window.stride)}.`);
  if (window.dilation.some((d) => d <= 0))
    throw rangeError(`${op}: dilation must be greater than zero, but got ${bracketed(window.dilation)}.`);
  for (const [i, pad] of window.padding.entries()) {
    if (pad < 0) throw rangeError(`${op}: pad must be non-negative, but got pad: ${pad}.`);
    if (pad > Math.floor(kernel[i]! / 2)) {
      throw rangeError(
        `${op}: pad should be at most half of kernel size, but got pad=${pad} and kernel_size=${kernel[i]}.`,
      );
    }
  }
  return window;
}

/** Checks that x is [batch, channels, …] or [channels, …], with elements in all dimensions but the batch's. */
export function checkPooled(op: string, x: Tensor, rank: number): void {
  checkTensor(op, x);
  const dims = x.shape.length;
  if ((dims !== rank + 1 && dims !== rank + 2) || x.shape.slice(dims - rank - 1).includes(0)) {
    throw rangeError(
      `${op}: Expected ${rank + 1}D or ${rank + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got: ${bracketed(x.shape)}.`,
    );
  }
}

/** How many windows fit along each dimension; in ceil mode the last may hang over, but must begin inside. */
export function pooledSizes(op: string, x: Shape, { kernel, stride, padding, dilation, ceilMode }: Window): number[] {
  const size = x.slice(x.length - kernel.length);
  const out = size.map((s, i) => {
    const room = s + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1 + (ceilMode ? stride[i]! - 1 : 0);
    const count = Math.floor(room / stride[i]!) + 1;
    return ceilMode && (count - 1) * stride[i]! >= s + padding[i]! ? count - 1 : count;
  });
  if (out.some((s) => s < 1)) {
    const channels = x[x.length - kernel.length - 1];
    throw rangeError(
      `${op}: Given input size: (${[channels, ...size].join('x')}). Calculated output size: (${[channels, ...out].join('x')}). Output size is too small.`,
    );
  }
  return out;
}

/** How x [planes…, volume…] and what was pooled from it lie: one number each. */
interface Planes {
  readonly planes: number;
  readonly volume: number;
  readonly count: number;
}

/** out[plane, indices[plane, j]] += grad[plane, j], in a tensor of x's shape. */
function scatterPlanes(grad: Tensor, indices: Tensor, shape: Shape, p: Planes, name: string): Tensor {
  const out = grad.makeEmpty(shape, grad.dtypeInfo);
  kernels.maxPoolBackward(out, dense(grad), dense(indices), p.planes, p.volume, p.count);
  const { shape: from } = grad;
  return record(name, out, [grad], [indices] as const, [
    (v, i) => gatherPlanes(v, i, from, p, `${name.slice(0, -1)}Backward0`),
  ]);
}

/** out[plane, j] = x[plane, indices[plane, j]]. */
function gatherPlanes(x: Tensor, indices: Tensor, shape: Shape, p: Planes, name: string): Tensor {
  const out = x.makeEmpty(shape, x.dtypeInfo);
  const { planes, volume, count } = p;
  kernels.gather(out, dense(x), dense(indices), planes, count, 1, volume, 0, volume, 1, 1, count, 1, 1);
  const { shape: from } = x;
  return record(name, out, [x], [indices] as const, [(v, i) => scatterPlanes(v, i, from, p, name)]);
}

const GRAD_FN = ['', 'MaxPool2DWithIndicesBackward0', 'MaxPool2DWithIndicesBackward0', 'MaxPool3DWithIndicesBackward0'];

/** The largest element of each window, and where in its plane it stands. */
function pool(op: string, x: Tensor, rank: number, window: Window): [Tensor, Tensor] {
  if (!['float32', 'float64', 'int64'].includes(x.dtype))
    throw typeError(`${op}: not implemented for ${x.dtype}; convert with to('float32').`);
  const out = pooledSizes(op, x.shape, window);
  const lead = x.shape.slice(0, x.shape.length - rank);
  const size = x.shape.slice(x.shape.length - rank);
  const shape = [...lead, ...out];
  const values = x.makeEmpty(shape, x.dtypeInfo);
  const indices = x.makeEmpty(shape, int64);
  const planes = numberOfElements(lead);
  kernels.maxPool(
    values,
    indices,
    dense(x),
    planes,
    ...triple(size, 1),
    ...triple(window.kernel, 1),
    ...triple(out, 1),
    ...triple(window.stride, 1),
    ...triple(window.padding, 0),
    ...triple(window.dilation, 1),
  );
  const p: Planes = { planes, volume: numberOfElements(size), count: numberOfElements(out) };
  const { shape: from } = x;
  recordMany(GRAD_FN[rank]!, [values, indices], [x], [indices] as const, [
    ([grad], at) => scatterPlanes(grad!, at, from, p, `MaxPool${Math.max(rank, 2)}DWithIndicesBackwardBackward0`),
  ]);
  return [values, indices];
}

/** The largest elements and their indices. */
export type Pooled = NamedTuple<readonly ['output', 'indices'], readonly [Tensor, Tensor]>;

const MAX_POOL = ['input', 'kernelSize', 'stride', 'padding', 'dilation', 'ceilMode', 'returnIndices'] as const;
type MaxPoolArguments = [
  input: Tensor,
  kernelSize: Sizes,
  stride?: Sizes | null,
  padding?: Sizes,
  dilation?: Sizes,
  ceilMode?: boolean,
];

/** Options of max pooling. */
export interface MaxPoolOptions {
  /** How far windows are apart; as far as they are long if not given. */
  stride?: Sizes | null;
  /** -∞ on both sides, at most half the window. */
  padding?: Sizes;
  dilation?: Sizes;
  /** Whether a last window may hang over the end. */
  ceilMode?: boolean;
}

/** Max pooling: a tensor, or with `returnIndices` two. */
export interface MaxPool {
  (input: Tensor, kernelSize: Sizes, options: MaxPoolOptions & { returnIndices: true }): Pooled;
  (...args: [...Required<MaxPoolArguments>, returnIndices: true]): Pooled;
  (...args: Arguments<[...MaxPoolArguments, returnIndices?: false], typeof MAX_POOL>): Tensor;
}

/** Max pooling that always gives the indices. */
export type MaxPoolWithIndices = (...args: Arguments<MaxPoolArguments, typeof MAX_POOL>) => Pooled;

function maxPoolOps(rank: number): [MaxPool, MaxPoolWithIndices] {
  const op = `maxPool${rank}d`;
  const both = (
    input: Tensor,
    kernelSize: Sizes,
    stride?: Sizes | null,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceilMode: boolean = false,
  ): [Tensor, Tensor] => {
    checkTensor(op, input);
    const window = windowOf(op, rank, kernelSize, stride, padding, dilation, ceilMode);
    checkPooled(op, input, rank);
    if (rank > 1) return pool(op, input, rank, window);
    // As PyTorch: images of height 1.
    const [values, indices] = pool(op, input.unsqueeze(-2), 2, {
      kernel: [1, window.kernel[0]!],
      stride: [1, window.stride[0]!],
      padding: [0, window.padding[0]!],
      dilation: [1, window.dilation[0]!],
      ceilMode,
    });
    return [values.squeeze(-2), indices.squeeze(-2)];
  };
  const pooled = (values: [Tensor, Tensor]): Pooled => namedTuple(['output', 'indices'], values);
  const maxPool = named(op, MAX_POOL, (...args: [...MaxPoolArguments, returnIndices?: boolean]): Tensor | Pooled => {
    const [input, kernelSize, stride, padding, dilation, ceilMode, returnIndices = false] = args;
    const results = both(input, kernelSize, stride, padding, dilation, ceilMode);
    return returnIndices ? pooled(results) : results[0];
  });
  return [
    maxPool as MaxPool,
    named(op, MAX_POOL, (...args: MaxPoolArguments) => pooled(both(...args))) as MaxPoolWithIndices,
  ];
}

const [pool1d, pool1dWithIndices] = maxPoolOps(1);
const [pool2d, pool2dWithIndices] = maxPoolOps(2);
const [pool3d, pool3dWithIndices] = maxPoolOps(3);

/**
 * The largest element of each window. NaN counts as larger than all; of equal elements the first gets the gradient.
 *
 * @param input [batch, channels, length], or without batch
 * @param kernelSize the length of a window
 * @param stride how far windows are apart; kernelSize if not given
 * @param padding -∞ on both sides, at most half of kernelSize
 * @param dilation how far the elements of a window are apart
 * @param ceilMode whether a last window may hang over the end
 * @param returnIndices also gives where in its plane each element stands
 * @throws RangeError for sizes that do not fit
 * @example maxPool1d(x, 3, { stride: 2 })
 */
export const maxPool1d = pool1d;
/** {@link maxPool1d} of images: [batch, channels, height, width], or without batch. */
export const maxPool2d = pool2d;
/** {@link maxPool1d} of volumes: [batch, channels, depth, height, width], or without batch. */
export const maxPool3d = pool3d;
/** {@link maxPool1d} and the indices. */
export const maxPool1dWithIndices = pool1dWithIndices;
/** {@link maxPool2d} and the indices. */
export const maxPool2dWithIndices = pool2dWithIndices;
/** {@link maxPool3d} and the indices. */
export const maxPool3dWithIndices = pool3dWithIndices;
