/** What a convolution's operands and steps have to be. */
import { rangeError, typeError } from '../errors.js';
import { bracketed, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { type Sizes, sizesOf } from './spatial.js';

export function checkOperands(op: string, x: Tensor, weight: Tensor, bias: Tensor | null, rank: number): void {
  checkTensor(op, x);
  checkTensor(op, weight, 'weight');
  if (bias !== null) checkTensor(op, bias, 'bias');
  const dims = x.shape.length;
  if (dims !== rank + 1 && dims !== rank + 2) {
    throw rangeError(
      `${op}: Expected ${rank + 1}D (unbatched) or ${rank + 2}D (batched) input to ${op}, but got input of size: ${bracketed(x.shape)}.`,
    );
  }
  if (weight.shape.length !== rank + 2) {
    throw rangeError(
      `${op}: expected weight of ${rank + 2} dimensions, but got weight of size ${bracketed(weight.shape)}.`,
    );
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

export function checkSteps(
  op: string,
  stride: readonly number[],
  padding: readonly number[],
  dilation: readonly number[],
  groups: number,
): void {
  if (!Number.isSafeInteger(groups) || groups <= 0)
    throw rangeError(`${op}: non-positive groups is not supported, but groups is ${groups}.`);
  if (stride.some((s) => s <= 0))
    throw rangeError(`${op}: non-positive stride is not supported, but stride is ${bracketed(stride)}.`);
  if (padding.some((p) => p < 0))
    throw rangeError(`${op}: negative padding is not supported, but padding is ${bracketed(padding)}; use pad.`);
  if (dilation.some((d) => d <= 0))
    throw rangeError(`${op}: dilation should be greater than zero, but is ${bracketed(dilation)}.`);
}

/** Checks channels and bias against each other. */
export function checkChannels(
  op: string,
  x: Shape,
  weight: Shape,
  bias: Tensor | null,
  groups: number,
  transposed: boolean,
): void {
  if (weight[0]! < groups) {
    throw rangeError(
      `${op}: Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${bracketed(weight)} instead.`,
    );
  }
  if (weight[0]! % groups !== 0) {
    throw rangeError(
      `${op}: Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${bracketed(weight)}] instead.`,
    );
  }
  const wanted = transposed ? weight[0]! : weight[1]! * groups;
  if (x[1] !== wanted) {
    throw rangeError(
      `${op}: Given ${transposed ? 'transposed=1' : `groups=${groups}`}, weight of size ${bracketed(weight)}, expected input${bracketed(x)} to have ${wanted} channels, but got ${x[1]} channels instead.`,
    );
  }
  const outputs = transposed ? weight[1]! * groups : weight[0]!;
  if (bias !== null && !(bias.shape.length === 1 && bias.shape[0] === outputs)) {
    throw rangeError(
      `${op}: Given ${transposed ? 'transposed=1' : `weight of size ${bracketed(weight)}`}, expected bias to be 1-dimensional with ${outputs} elements, but got bias of size ${bracketed(bias.shape)} instead.`,
    );
  }
  if (weight.slice(2).some((k) => k <= 0))
    throw rangeError(`${op}: kernel size must be greater than zero, but weight has size ${bracketed(weight)}.`);
}

/** Zeros before and after, for 'same' and 'valid' as for numbers. */
export function pads(
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
        `${op}: padding='same' is not supported for strided convolutions, but stride is ${bracketed(stride)}.`,
      );
    const both = kernel.map((k, i) => dilation[i]! * (k - 1));
    return { before: both.map((pad) => Math.floor(pad / 2)), both };
  }
  if (typeof padding === 'string')
    throw rangeError(`${op}: Invalid padding string: '${padding}', should be one of 'valid', 'same'.`);
  const before = sizesOf(op, 'padding', padding, rank);
  return { before, both: before.map((pad) => 2 * pad) };
}
