import { rangeError, typeError } from '../errors.js';
import { describe } from '../shape.js';
import type { Tensor } from '../tensor.js';

/** A number for each spatial dimension, outermost first; one number stands for all. */
export type Sizes = number | readonly number[];

/** Three numbers for depth, height, width; a kernel always has three dimensions. */
export type Triple = readonly [number, number, number];

/** Checks `value` and gives `rank` numbers. */
export function sizesOf(
  op: string,
  name: string,
  value: Sizes,
  rank: number,
  least = Number.NEGATIVE_INFINITY,
): number[] {
  const list = typeof value === 'number' ? new Array<number>(rank).fill(value) : value;
  if (!Array.isArray(list))
    throw typeError(`${op}: ${name} must be a whole number or ${rank} of them, not ${describe(value)}.`);
  const sizes = list.length === 1 ? new Array<number>(rank).fill(list[0] as number) : [...(list as number[])];
  if (sizes.length !== rank)
    throw rangeError(`${op}: ${name} must be a whole number or a list of ${rank}, but got [${list.join(', ')}].`);
  for (const size of sizes) {
    if (!Number.isSafeInteger(size))
      throw typeError(`${op}: ${name} must be whole numbers, but got [${list.map(String).join(', ')}].`);
    if (size < least) throw rangeError(`${op}: ${name} must be at least ${least}, but got [${list.join(', ')}].`);
  }
  return sizes;
}

/** Fills up to three numbers from the front. */
export function triple(values: readonly number[], missing: number): Triple {
  const [a, b, c] = values;
  if (values.length === 1) return [missing, missing, a!];
  if (values.length === 2) return [missing, a!, b!];
  return [a!, b!, c!];
}

/** `⌊(size + pads - dilation (kernel - 1) - 1) / stride⌋ + 1`. */
export function outputSize(
  size: number,
  kernel: number,
  stride: number,
  pads: number,
  dilation: number,
  ceil = false,
): number {
  const room = size + pads - dilation * (kernel - 1) - 1;
  return (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
}

/**
 * Calls `body` on x with a batch dimension: as it is, or unsqueezed, the result squeezed again.
 * @param rank x's dimensions without a batch
 */
export function batched(x: Tensor, rank: number, body: (x: Tensor) => Tensor): Tensor {
  if (x.shape.length !== rank) return body(x);
  return body(x.unsqueeze(0)).squeeze(0);
}
