/** The values of event files: scalars, histograms, pictures and texts, as TensorBoard's `summary.proto` has them. */
import { rangeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { makeGrid, toPng } from '../viz/images.js';
import { Message } from './message.js';

const summary = (value: Message): Message => new Message().message(5, new Message().message(1, value));

export function scalar(tag: string, value: number): Message {
  return summary(new Message().string(1, tag).float(2, value));
}

/** TensorBoard's own bounds: 0, and both ways from 10⁻¹² in steps of a tenth. */
const growing: number[] = [];
for (let bound = 1e-12; bound < 1e20; bound *= 1.1) growing.push(bound);
const BOUNDS = [...growing.map((bound) => -bound).reverse(), 0, ...growing];

/** `bins` bins of one width between the smallest and the largest. */
function evenBounds(values: ArrayLike<number>, bins: number): number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  return Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + ((high - low) * i) / bins));
}

/** How many bounds are ≤ value. */
function boundsUpTo(bounds: readonly number[], value: number): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What lies between bounds; the last bin includes its upper one. */
function countsOf(values: ArrayLike<number>, bounds: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length - 1).fill(0);
  for (let i = 0; i < values.length; i++) {
    const bin = boundsUpTo(bounds, values[i]!) - 1;
    if (bin >= 0 && bin < counts.length) counts[bin]!++;
    else if (values[i] === bounds[bounds.length - 1]) counts[counts.length - 1]!++;
  }
  return counts;
}

/** @param bins 'tensorflow' for TensorBoard's growing bins, or how many of one width */
export function histogram(tag: string, values: ArrayLike<number>, bins: 'tensorflow' | number): Message {
  if (values.length === 0) throw rangeError('addHistogram: the input has no element.');
  let [min, max, sum, squares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value))
      throw rangeError(`addHistogram: element ${i} of ${JSON.stringify(tag)} is ${value}; give finite numbers.`);
    [min, max] = [Math.min(min, value), Math.max(max, value)];
    sum += value;
    squares += value * value;
  }
  const bounds = bins === 'tensorflow' ? BOUNDS : evenBounds(values, bins);
  const counts = countsOf(values, bounds);
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  // One empty bin stands in front, so that the first full one has a lower bound: none where nothing lies inside.
  const limits = first < 0 ? [max] : bounds.slice(first, last + 2);
  const buckets = first < 0 ? [values.length] : [0, ...counts.slice(first, last + 1)];
  const histo = new Message()
    .double(1, min)
    .double(2, max)
    .double(3, values.length)
    .double(4, sum)
    .double(5, squares)
    .doubles(6, limits)
    .doubles(7, buckets);
  return summary(new Message().string(1, tag).message(5, histo));
}

/** @param image [channels, height, width], or several pictures, which become a grid */
export function image(tag: string, image: Tensor): Message {
  const { bytes, width, height, channels } = toPng(image.ndim === 4 ? makeGrid(image) : image);
  const picture = new Message().integer(1, height).integer(2, width).integer(3, channels).bytes(4, bytes);
  return summary(new Message().string(1, tag).message(4, picture));
}

const DT_STRING = 7;

export function text(tag: string, content: string): Message {
  const plugin = new Message().message(1, new Message().string(1, 'text'));
  const shape = new Message().message(2, new Message().integer(1, 1));
  const tensor = new Message().integer(1, DT_STRING).message(2, shape).string(8, content);
  return summary(new Message().string(1, `${tag}/text_summary`).message(8, tensor).message(9, plugin));
}
