import { rangeError, typeError } from '../errors.js';
import { describe } from '../shape.js';

/** A size for every dimension, or one for all. */
export type Sizes = number | readonly number[];

/** A size for each of n dimensions; one is repeated. @throws RangeError for another number of them */
export function repeated(op: string, name: string, value: Sizes, n: number, least = 0): number[] {
  const list = typeof value === 'number' ? new Array<number>(n).fill(value) : value;
  if (!Array.isArray(list))
    throw typeError(`${op}: ${name} must be a number or an array of ${n}, not ${describe(value)}.`);
  const sizes = list.length === 1 && n > 1 ? new Array<number>(n).fill(list[0] as number) : [...(list as number[])];
  if (sizes.length !== n) throw rangeError(`${op}: ${name} [${sizes.join(', ')}] must have ${n} numbers.`);
  for (const size of sizes) {
    if (!Number.isSafeInteger(size) || size < least)
      throw rangeError(`${op}: ${name} [${sizes.join(', ')}] must be whole numbers ≥ ${least}.`);
  }
  return sizes;
}
