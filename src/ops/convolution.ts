import { rangeError } from '../errors.js';
import { bracketed } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { checkChannels, checkOperands, checkSteps, pads } from './convolutionChecks.js';
import { backwardInput, convolve, FORWARD, geometryOf, transposedWithBias } from './convolving.js';
import { named } from './options.js';
import { batched, outputSize, type Sizes, sizesOf } from './spatial.js';

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
    throw rangeError(`${op}: negative output_padding is not supported, but it is ${bracketed(outputPadding)}.`);
  if (outputPadding.some((p, i) => p >= stride[i]! && p >= dilation[i]!)) {
    throw rangeError(
      `${op}: output padding must be smaller than either stride or dilation, but got output_padding ${bracketed(outputPadding)}, stride ${bracketed(stride)} and dilation ${bracketed(dilation)}.`,
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
      throw rangeError(`convolution: weight should have 3 to 5 dimensions, but has shape ${bracketed(weight.shape)}.`);
    if (isTransposed)
      return transposed('convolution', rank, input, weight, bias, stride, padding, outputPadding, groups, dilation);
    return forward('convolution', rank, input, weight, bias, stride, padding, dilation, groups);
  },
);
