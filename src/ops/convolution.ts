import { record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError, typeError } from '../errors.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
import { named } from './options.js';
import { batched, outputSize, type Sizes, sizesOf, triple } from './spatial.js';

/** A convolution's sizes as the kernels take them, and the shapes of its three tensors. */
export interface Geometry {
  readonly x: Shape;
  readonly weight: Shape;
  readonly y: Shape;
  readonly ints: Ints;
}

type Ints = [
  n: number,
  c: number,
  o: number,
  groups: number,
  d: number,
  h: number,
  w: number,
  kd: number,
  kh: number,
  kw: number,
  od: number,
  oh: number,
  ow: number,
  sd: number,
  sh: number,
  sw: number,
  pd: number,
  ph: number,
  pw: number,
  dd: number,
  dh: number,
  dw: number,
];

/** How a window moves: lists with a number for each spatial dimension. */
interface Steps {
  readonly stride: readonly number[];
  /** Zeros before the first element. */
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

export function geometryOf(x: Shape, weight: Shape, y: Shape, steps: Steps): Geometry {
  const sizes = triple(x.slice(2), 1);
  const kernel = triple(weight.slice(2), 1);
  const out = triple(y.slice(2), 1);
  const ints: Ints = [
    x[0]!,
    x[1]!,
    y[1]!,
    steps.groups,
    ...sizes,
    ...kernel,
    ...out,
    ...triple(steps.stride, 1),
    ...triple(steps.padding, 0),
    ...triple(steps.dilation, 1),
  ];
  return { x, weight, y, ints };
}

// Each of the three products is linear in both of its operands, and its gradients are the other two.

/** y[p] = Σ x[p · stride - padding + k · dilation] · weight[k] (+ bias). */
export function convolve(x: Tensor, weight: Tensor, bias: Tensor | null, g: Geometry, name: string): Tensor {
  const y = x.makeEmpty(g.y, x.dtypeInfo);
  kernels.convolution(y, dense(x), dense(weight), bias === null ? null : dense(bias), ...g.ints);
  return record(name, y, [x, weight, bias], [x, weight] as const, [
    using([1], (grad, _x, w: Tensor) => backwardInput(grad, w, g, BACKWARD)),
    using([0], (grad, input: Tensor) => backwardWeight(input, grad, g)),
    biasGradient,
  ]);
}

/** The gradient of a convolution's input; also the transposed convolution. */
export function backwardInput(grad: Tensor, weight: Tensor, g: Geometry, name: string): Tensor {
  const x = grad.makeEmpty(g.x, grad.dtypeInfo);
  kernels.convolutionBackwardInput(x, dense(grad), dense(weight), ...g.ints);
  return record(name, x, [grad, weight], [grad, weight] as const, [
    using([1], (v, _grad, w: Tensor) => convolve(v, w, null, g, BACKWARD)),
    using([0], (v, y: Tensor) => backwardWeight(v, y, g)),
  ]);
}

/** The gradient of a convolution's weight. */
function backwardWeight(x: Tensor, grad: Tensor, g: Geometry): Tensor {
  const weight = grad.makeEmpty(g.weight, grad.dtypeInfo);
  kernels.convolutionBackwardWeight(weight, dense(x), dense(grad), ...g.ints);
  return record(BACKWARD, weight, [x, grad], [x, grad] as const, [
    using([1], (v, _x, y: Tensor) => backwardInput(y, v, g, BACKWARD)),
    using([0], (v, input: Tensor) => convolve(input, v, null, g, BACKWARD)),
  ]);
}

const FORWARD = 'ConvolutionBackward0';
const BACKWARD = 'ConvolutionBackwardBackward0';

/** The sum over all but the channels: planes first, as they lie in memory, then the batch. */
function biasGradient(grad: Tensor): Tensor {
  const spatial = Array.from({ length: grad.shape.length - 2 }, (_, i) => i + 2);
  return grad.sum(spatial).sum(0);
}

const list = (shape: Shape): string => `[${shape.join(', ')}]`;

function checkOperands(op: string, x: Tensor, weight: Tensor, bias: Tensor | null, rank: number): void {
  checkTensor(op, x);
  checkTensor(op, weight, 'weight');
  if (bias !== null) checkTensor(op, bias, 'bias');
  const dims = x.shape.length;
  if (dims !== rank + 1 && dims !== rank + 2) {
    throw rangeError(
      `${op}: Expected ${rank + 1}D (unbatched) or ${rank + 2}D (batched) input to ${op}, but got input of size: ${list(x.shape)}.`,
    );
  }
  if (weight.shape.length !== rank + 2) {
    throw rangeError(`${op}: expected weight of ${rank + 2} dimensions, but got weight of size ${list(weight.shape)}.`);
  }
  for (const [name, other] of [
    ['weight', weight],
    ['bias', bias],
  ] as const) {
    if (other !== null && other.dtypeInfo !== x.dtypeInfo) {
      throw typeError(
        `${op}: Input type (${x.dtype}) and ${name} type (${other.dtype}) should be the same; convert one with to(…).`,
      );
    }
  }
  if (!['float32', 'float64', 'int64', 'int32'].includes(x.dtype)) {
    throw typeError(`${op}: not implemented for ${x.dtype}; convert with to('float32').`);
  }
}

function checkSteps(
  op: string,
  stride: readonly number[],
  padding: readonly number[],
  dilation: readonly number[],
  groups: number,
): void {
  if (!Number.isSafeInteger(groups) || groups <= 0)
    throw rangeError(`${op}: non-positive groups is not supported, but groups is ${groups}.`);
  if (stride.some((s) => s <= 0))
    throw rangeError(`${op}: non-positive stride is not supported, but stride is ${list(stride)}.`);
  if (padding.some((p) => p < 0))
    throw rangeError(`${op}: negative padding is not supported, but padding is ${list(padding)}; use pad.`);
  if (dilation.some((d) => d <= 0))
    throw rangeError(`${op}: dilation should be greater than zero, but is ${list(dilation)}.`);
}

/** Checks channels and bias against each other. */
function checkChannels(
  op: string,
  x: Shape,
  weight: Shape,
  bias: Tensor | null,
  groups: number,
  transposed: boolean,
): void {
  if (weight[0]! < groups) {
    throw rangeError(
      `${op}: Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${list(weight)} instead.`,
    );
  }
  if (weight[0]! % groups !== 0) {
    throw rangeError(
      `${op}: Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${list(weight)}] instead.`,
    );
  }
  const wanted = transposed ? weight[0]! : weight[1]! * groups;
  if (x[1] !== wanted) {
    throw rangeError(
      `${op}: Given ${transposed ? 'transposed=1' : `groups=${groups}`}, weight of size ${list(weight)}, expected input${list(x)} to have ${wanted} channels, but got ${x[1]} channels instead.`,
    );
  }
  const outputs = transposed ? weight[1]! * groups : weight[0]!;
  if (bias !== null && !(bias.shape.length === 1 && bias.shape[0] === outputs)) {
    throw rangeError(
      `${op}: Given ${transposed ? 'transposed=1' : `weight of size ${list(weight)}`}, expected bias to be 1-dimensional with ${outputs} elements, but got bias of size ${list(bias.shape)} instead.`,
    );
  }
  if (weight.slice(2).some((k) => k <= 0))
    throw rangeError(`${op}: kernel size must be greater than zero, but weight has size ${list(weight)}.`);
}

/** Zeros before and after, for 'same' and 'valid' as for numbers. */
function pads(
  op: string,
  padding: Sizes | 'same' | 'valid',
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
) {
  const rank = kernel.length;
  if (padding === 'valid') return { before: new Array<number>(rank).fill(0), both: new Array<number>(rank).fill(0) };
  if (padding === 'same') {
    if (stride.some((s) => s !== 1))
      throw rangeError(
        `${op}: padding='same' is not supported for strided convolutions, but stride is ${list(stride)}.`,
      );
    const both = kernel.map((k, i) => dilation[i]! * (k - 1));
    return { before: both.map((pad) => Math.floor(pad / 2)), both };
  }
  if (typeof padding === 'string')
    throw rangeError(`${op}: Invalid padding string: '${padding}', should be one of 'valid', 'same'.`);
  const before = sizesOf(op, 'padding', padding, rank);
  return { before, both: before.map((pad) => 2 * pad) };
}

function forward(
  op: string,
  rank: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  strides: Sizes,
  padding: Sizes | 'same' | 'valid',
  dilations: Sizes,
  groups: number,
): Tensor {
  checkOperands(op, input, weight, bias, rank);
  const stride = sizesOf(op, 'stride', strides, rank);
  const dilation = sizesOf(op, 'dilation', dilations, rank);
  const kernel = weight.shape.slice(2);
  const { before, both } = pads(op, padding, kernel, stride, dilation);
  checkSteps(op, stride, before, dilation, groups);
  return batched(input, rank + 1, (x) => {
    checkChannels(op, x.shape, weight.shape, bias, groups, false);
    const size = x.shape.slice(2);
    const padded = size.map((s, i) => s + both[i]!);
    if (kernel.some((k, i) => padded[i]! < dilation[i]! * (k - 1) + 1)) {
      throw rangeError(
        `${op}: Calculated padded input size per channel: (${padded.join(' x ')}). Kernel size: (${kernel.map((k, i) => dilation[i]! * (k - 1) + 1).join(' x ')}). Kernel size can't be greater than actual input size.`,
      );
    }
    const out = size.map((s, i) => outputSize(s, kernel[i]!, stride[i]!, both[i]!, dilation[i]!));
    const g = geometryOf(x.shape, weight.shape, [x.shape[0]!, weight.shape[0]!, ...out], {
      stride,
      padding: before,
      dilation,
      groups,
    });
    return convolve(x, weight, bias, g, FORWARD);
  });
}

function transposed(
  op: string,
  rank: number,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  strides: Sizes,
  paddings: Sizes,
  outputPaddings: Sizes,
  groups: number,
  dilations: Sizes,
): Tensor {
  checkOperands(op, input, weight, bias, rank);
  const stride = sizesOf(op, 'stride', strides, rank);
  const padding = sizesOf(op, 'padding', paddings, rank);
  const outputPadding = sizesOf(op, 'outputPadding', outputPaddings, rank);
  const dilation = sizesOf(op, 'dilation', dilations, rank);
  checkSteps(op, stride, padding, dilation, groups);
  if (outputPadding.some((p) => p < 0))
    throw rangeError(`${op}: negative output_padding is not supported, but it is ${list(outputPadding)}.`);
  if (outputPadding.some((p, i) => p >= stride[i]! && p >= dilation[i]!)) {
    throw rangeError(
      `${op}: output padding must be smaller than either stride or dilation, but got output_padding ${list(outputPadding)}, stride ${list(stride)} and dilation ${list(dilation)}.`,
    );
  }
  return batched(input, rank + 1, (x) => {
    checkChannels(op, x.shape, weight.shape, bias, groups, true);
    const kernel = weight.shape.slice(2);
    const size = x.shape
      .slice(2)
      .map((s, i) => (s - 1) * stride[i]! - 2 * padding[i]! + dilation[i]! * (kernel[i]! - 1) + outputPadding[i]! + 1);
    if (size.some((s) => s < (x.count === 0 ? 0 : 1))) {
      throw rangeError(
        `${op}: Given input size per channel: (${x.shape.slice(2).join(' x ')}). Calculated output size per channel: (${size.join(' x ')}). Output size is too small.`,
      );
    }
    const shape = [x.shape[0]!, weight.shape[1]! * groups, ...size];
    const g = geometryOf(shape, weight.shape, x.shape, { stride, padding, dilation, groups });
    if (bias === null) return backwardInput(x, weight, g, FORWARD);
    return transposedWithBias(x, weight, bias, g);
  });
}

function transposedWithBias(x: Tensor, weight: Tensor, bias: Tensor, g: Geometry): Tensor {
  const y = x.makeEmpty(g.x, x.dtypeInfo);
  kernels.convolutionBackwardInput(y, dense(x), dense(weight), ...g.ints);
  const spread = Array.from({ length: g.x.length }, (_, i) => (i === 1 ? bias.count : 1));
  kernels.add(
    y,
    y,
    bias.makeAlias(
      spread,
      spread.map((_, i) => (i === 1 ? bias.strides[0]! : 0)),
      bias.offset,
    ),
  );
  return record(FORWARD, y, [x, weight, bias], [x, weight] as const, [
    using([1], (v, _x, w: Tensor) => convolve(v, w, null, g, BACKWARD)),
    using([0], (v, input: Tensor) => backwardWeight(v, input, g)),
    biasGradient,
  ]);
}

function convolutionOp(op: string, rank: number) {
  return named(
    op,
    ['input', 'weight', 'bias', 'stride', 'padding', 'dilation', 'groups'],
    (
      input: Tensor,
      weight: Tensor,
      bias: Tensor | null = null,
      stride: Sizes = 1,
      padding: Sizes | 'same' | 'valid' = 0,
      dilation: Sizes = 1,
      groups: number = 1,
    ): Tensor => forward(op, rank, input, weight, bias, stride, padding, dilation, groups),
  );
}

/**
 * The cross-correlation of signals with filters: `y[o, p] = bias[o] + Σ x[c, p · stride - padding + k · dilation] w[o, c, k]`.
 *
 * @param input [batch, channels, length], or without batch
 * @param weight [outChannels, channels / groups, kernel]
 * @param padding zeros on both sides, 'valid' for none, 'same' for as many as keep the length
 * @param groups into how many parts, each on its own, the channels are cut
 * @throws RangeError for sizes that do not fit, TypeError for unlike dtypes
 * @example conv1d(x, weight, bias, { padding: 'same' })
 */
export const conv1d = convolutionOp('conv1d', 1);

/**
 * {@link conv1d} of images.
 *
 * @param input [batch, channels, height, width], or without batch
 * @param weight [outChannels, channels / groups, kernelHeight, kernelWidth]
 * @throws RangeError for sizes that do not fit, TypeError for unlike dtypes
 * @example conv2d(x, weight, bias, { stride: 2, padding: [1, 0] })
 */
export const conv2d = convolutionOp('conv2d', 2);

/**
 * {@link conv1d} of volumes.
 *
 * @param input [batch, channels, depth, height, width], or without batch
 * @param weight [outChannels, channels / groups, kernelDepth, kernelHeight, kernelWidth]
 * @throws RangeError for sizes that do not fit, TypeError for unlike dtypes
 */
export const conv3d = convolutionOp('conv3d', 3);

function transposedOp(op: string, rank: number) {
  return named(
    op,
    ['input', 'weight', 'bias', 'stride', 'padding', 'outputPadding', 'groups', 'dilation'],
    (
      input: Tensor,
      weight: Tensor,
      bias: Tensor | null = null,
      stride: Sizes = 1,
      padding: Sizes = 0,
      outputPadding: Sizes = 0,
      groups: number = 1,
      dilation: Sizes = 1,
    ): Tensor => transposed(op, rank, input, weight, bias, stride, padding, outputPadding, groups, dilation),
  );
}

/**
 * The transpose of {@link conv1d}, its gradient towards the input: each element spreads a filter over the result.
 *
 * @param input [batch, channels, length], or without batch
 * @param weight [channels, outChannels / groups, kernel]
 * @param outputPadding how much longer than the shortest possible the result is
 * @throws RangeError for sizes that do not fit, TypeError for unlike dtypes
 */
export const convTranspose1d = transposedOp('convTranspose1d', 1);

/** {@link convTranspose1d} of images: [batch, channels, height, width], or without batch. */
export const convTranspose2d = transposedOp('convTranspose2d', 2);

/** {@link convTranspose1d} of volumes: [batch, channels, depth, height, width], or without batch. */
export const convTranspose3d = transposedOp('convTranspose3d', 3);

/**
 * The general convolution, of one to three spatial dimensions, forward or transposed.
 * @throws RangeError for sizes that do not fit, TypeError for unlike dtypes
 */
export const convolution = named(
  'convolution',
  ['input', 'weight', 'bias', 'stride', 'padding', 'dilation', 'transposed', 'outputPadding', 'groups'],
  (
    input: Tensor,
    weight: Tensor,
    bias: Tensor | null,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    isTransposed: boolean,
    outputPadding: Sizes,
    groups: number,
  ): Tensor => {
    checkTensor('convolution', weight, 'weight');
    const rank = weight.shape.length - 2;
    if (rank < 1 || rank > 3)
      throw rangeError(`convolution: weight should have 3 to 5 dimensions, but has shape ${list(weight.shape)}.`);
    if (isTransposed)
      return transposed('convolution', rank, input, weight, bias, stride, padding, outputPadding, groups, dilation);
    return forward('convolution', rank, input, weight, bias, stride, padding, dilation, groups);
  },
);
