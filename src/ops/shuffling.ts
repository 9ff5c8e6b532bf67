/** Channels exchanged with places: pixelShuffle, its inverse, and channelShuffle. */
import { record } from '../autograd/record.js';
import { rangeError, typeError } from '../errors.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { named } from './options.js';

/** A copy of x, seen as `split`, with its dimensions in another order, as `shape`. Without a record. */
function rearranged(x: Tensor, split: Shape, order: readonly number[], shape: Shape): Tensor {
  const turned = x.detach().reshape(split).permute(order);
  const out = x.makeEmpty(turned.shape, x.dtypeInfo);
  out.copyInto(turned);
  return out.reshape(shape);
}

function checkFactor(op: string, x: Tensor, name: string, factor: number): void {
  checkTensor(op, x);
  if (x.shape.length < 3) {
    throw rangeError(
      `${op}: expects input to have at least 3 dimensions, but got input with ${x.shape.length} dimension(s).`,
    );
  }
  if (!Number.isInteger(factor)) throw typeError(`${op}: ${name} must be a whole number, not ${factor}.`);
  if (factor <= 0) throw rangeError(`${op}: expects a positive ${name}, but got ${factor}.`);
}

/**
 * `[…, c r², h, w]` as `[…, c, h r, w r]`: each channel of r² gives every r-th pixel.
 * @throws RangeError where the channels cannot be divided by r²
 */
export const pixelShuffle = named(
  'pixelShuffle',
  ['input', 'upscaleFactor'],
  (x: Tensor, upscaleFactor: number): Tensor => {
    checkFactor('pixelShuffle', x, 'upscale_factor', upscaleFactor);
    const r = upscaleFactor;
    const rank = x.shape.length;
    const [channels, height, width] = x.shape.slice(-3) as [number, number, number];
    if (channels % (r * r) !== 0) {
      throw rangeError(
        `pixelShuffle: expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${channels} is not divisible by ${r * r}.`,
      );
    }
    const batch = x.shape.slice(0, -3);
    const c = channels / (r * r);
    const order = [...batch.keys(), ...[0, 3, 1, 4, 2].map((d) => rank - 3 + d)];
    const out = rearranged(x, [...batch, c, r, r, height, width], order, [...batch, c, height * r, width * r]);
    return record('PixelShuffleBackward0', out, [x], [], [(grad) => pixelUnshuffle(grad, r)]);
  },
);

/**
 * The inverse of {@link pixelShuffle}: `[…, c, h r, w r]` as `[…, c r², h, w]`.
 * @throws RangeError where height or width cannot be divided by r
 */
export const pixelUnshuffle = named(
  'pixelUnshuffle',
  ['input', 'downscaleFactor'],
  (x: Tensor, downscaleFactor: number): Tensor => {
    checkFactor('pixelUnshuffle', x, 'downscale_factor', downscaleFactor);
    const r = downscaleFactor;
    const rank = x.shape.length;
    const [c, high, wide] = x.shape.slice(-3) as [number, number, number];
    for (const [size, name, dim] of [
      [high, 'height', -2],
      [wide, 'width', -1],
    ] as const) {
      if (size % r !== 0) {
        throw rangeError(
          `pixelUnshuffle: expects ${name} to be divisible by downscale_factor, but input.size(${dim})=${size} is not divisible by ${r}.`,
        );
      }
    }
    const batch = x.shape.slice(0, -3);
    const order = [...batch.keys(), ...[0, 2, 4, 1, 3].map((d) => rank - 3 + d)];
    const out = rearranged(x, [...batch, c, high / r, r, wide / r, r], order, [
      ...batch,
      c * r * r,
      high / r,
      wide / r,
    ]);
    return record('PixelUnshuffleBackward0', out, [x], [], [(grad) => pixelShuffle(grad, r)]);
  },
);

/**
 * `[n, c, …]` with the channels of `groups` groups in turn: the first of each group, then the second of each, …
 * @throws RangeError where the channels cannot be divided into groups
 */
export const channelShuffle = named('channelShuffle', ['input', 'groups'], (x: Tensor, groups: number): Tensor => {
  checkTensor('channelShuffle', x);
  if (x.shape.length < 3) {
    throw rangeError(
      `channelShuffle: expects input with > 2 dims, but got input with sizes [${x.shape.join(', ')}]; unsqueeze it.`,
    );
  }
  if (!Number.isInteger(groups) || groups <= 0)
    throw rangeError(`channelShuffle: Number of groups to divide channels in must be positive, but it is ${groups}.`);
  const [batch, channels, ...places] = x.shape as [number, number, ...number[]];
  if (channels % groups !== 0) {
    throw rangeError(
      `channelShuffle: Number of channels must be divisible by groups. Got ${channels} channels and ${groups} groups.`,
    );
  }
  const order = [0, 2, 1, ...places.map((_, i) => i + 3)];
  const out = rearranged(x, [batch, groups, channels / groups, ...places], order, x.shape);
  return record('NativeChannelShuffleBackward0', out, [x], [], [(grad) => channelShuffle(grad, channels / groups)]);
});
