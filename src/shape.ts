import { constants } from 'node:buffer';
import { indexError, rangeError, typeError } from './errors.js';

/** A tensor's sizes, outermost first. */
export type Shape = readonly number[];

/** How many elements a shape holds; 1 for a scalar's. */
export function numberOfElements(shape: Shape): number {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i]!;
  return n;
}

/** A list as messages show it: `[2, 3]`. */
export function bracketed(values: readonly (number | string)[]): string {
  return `[${values.join(', ')}]`;
}

/** Row-major strides in elements. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= Math.max(shape[i]!, 1);
  }
  return strides;
}

export function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i]!;
    if (size === 0) return true;
    if (size !== 1) {
      if (strides[i] !== expected) return false;
      expected *= size;
    }
  }
  return true;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Checks sizes that came from a user: safe integers ≥ 0 whose product is one too. */
export function checkSizes(op: string, shape: Shape): number {
  let n = 1;
  for (const size of shape) {
    if (typeof size !== 'number') throw typeError(`${op}: a size must be a number, not ${describe(size)}.`);
    if (!Number.isSafeInteger(size) || size < 0) {
      throw rangeError(
        `${op}: size ${size} in [${shape.join(', ')}] is not a whole number ≥ 0; give sizes like [2, 3].`,
      );
    }
  }
  for (const size of shape) n *= size;
  if (!Number.isSafeInteger(n)) {
    throw rangeError(`${op}: sizes [${shape.join(', ')}] multiply to more elements than can be counted.`);
  }
  return n;
}

/** What a list of places may hold, and one of tensors. */
const MOST_LISTED = 2 ** 24;
export const MOST_PARTS = 2 ** 22;
/** And one of numbers. */
export const MOST_ELEMENTS = 2 ** 27;

/**
 * Checks how many `what` an op would have to list one by one, before it does: too long a list ends the process.
 * @throws RangeError for more than `most`, 2^24
 */
export function checkListed(op: string, what: string, count: number, most = MOST_LISTED): void {
  if (count > most) throw rangeError(`${op}: ${count} ${what} are more than can be listed (${most}); ask for fewer.`);
}

/**
 * Checks that there can be memory for a result's elements, before an op prepares to make it.
 * @throws RangeError
 */
export function checkAllocation(op: string, shape: Shape, bytesEach: number): void {
  const bytes = numberOfElements(shape) * bytesEach;
  if (!(bytes <= constants.MAX_LENGTH))
    throw rangeError(
      `${op}: a result of sizes [${shape.join(', ')}] takes ${bytes} bytes, more than can be allocated (${constants.MAX_LENGTH}); use smaller sizes.`,
    );
}

export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value))
    return `an array [${value.slice(0, 4).map(String).join(', ')}${value.length > 4 ? ', …' : ''}]`;
  if (typeof value === 'object') return value.constructor?.name ?? 'an object';
  return `${typeof value} ${String(value)}`;
}

/** The shape two shapes broadcast to. */
export function broadcastTwo(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const n = Math.max(a.length, b.length);
  const out = new Array<number>(n);
  for (let i = 1; i <= n; i++) {
    const x = i <= a.length ? a[a.length - i]! : 1;
    const y = i <= b.length ? b[b.length - i]! : 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw rangeError(
        `${op}: x [${a.join(', ')}] and y [${b.join(', ')}] do not broadcast: The size of tensor a (${x}) must match the size of tensor b (${y}) at non-singleton dimension ${n - i}; make the sizes equal or one of them 1.`,
      );
    }
    out[n - i] = x === 1 ? y : x;
  }
  return out;
}

/** The shape all of the shapes broadcast to. */
export function broadcastAll(op: string, shapes: readonly Shape[]): Shape {
  let out: Shape = [];
  for (const shape of shapes) out = broadcastTwo(op, out, shape);
  return out;
}

/** A dimension counted from the end becomes one counted from the start. A scalar has dimensions -1 and 0. */
export function wrapDim(op: string, dim: number, rank: number): number {
  const n = Math.max(rank, 1);
  if (!Number.isInteger(dim)) throw typeError(`${op}: dim must be a whole number, not ${describe(dim)}.`);
  if (dim < -n || dim >= n) {
    throw indexError(`${op}: Dimension out of range (expected to be in range of [${-n}, ${n - 1}], but got ${dim}).`);
  }
  return dim < 0 ? dim + n : dim;
}

function allDims(rank: number): number[] {
  const dims: number[] = [];
  for (let d = 0; d < rank; d++) dims.push(d);
  return dims;
}

/** Dims of a reduction: null and [] mean all. Sorted; a dim given twice throws. */
export function wrapDims(op: string, dims: number | readonly number[] | null | undefined, rank: number): number[] {
  if (dims === null || dims === undefined) return allDims(rank);
  if (typeof dims === 'number') {
    const dim = wrapDim(op, dims, rank);
    return rank === 0 ? [] : [dim];
  }
  if (!Array.isArray(dims))
    throw typeError(`${op}: dim must be a whole number, an array of them or null for all, not ${describe(dims)}.`);
  const list = dims as readonly number[];
  if (list.length === 0) return allDims(rank);
  const wrapped = list.map((d) => wrapDim(op, d, rank)).sort((a, b) => a - b);
  for (let i = 1; i < wrapped.length; i++) {
    if (wrapped[i] === wrapped[i - 1])
      throw rangeError(`${op}: dim ${wrapped[i]} appears multiple times in the list of dims.`);
  }
  return rank === 0 ? [] : wrapped;
}

/** Fills in the one -1 of a view's shape. */
export function inferSize(op: string, shape: Shape, n: number): number[] {
  let unknown = -1;
  let known = 1;
  for (let i = 0; i < shape.length; i++) {
    const size = shape[i]!;
    if (size === -1) {
      if (unknown >= 0)
        throw rangeError(`${op}: only one dimension can be inferred, but [${shape.join(', ')}] has two -1.`);
      unknown = i;
    } else {
      if (!Number.isSafeInteger(size) || size < 0)
        throw rangeError(`${op}: invalid shape dimension ${size} in [${shape.join(', ')}].`);
      known *= size;
    }
  }
  const out = [...shape];
  if (unknown >= 0) {
    if (known === 0) {
      throw rangeError(
        `${op}: cannot reshape tensor of ${n} elements into shape [${shape.join(', ')}] because the unspecified dimension size -1 can be any value and is ambiguous.`,
      );
    }
    out[unknown] = n / known;
    known *= n / known;
  }
  if (known !== n || !out.every(Number.isInteger))
    throw rangeError(`${op}: shape '[${shape.join(', ')}]' is invalid for input of size ${n}.`);
  return out;
}

/** The strides a view of `shape` would have on a tensor of `oldShape` and `oldStrides`, or null where it needs a copy. */
export function viewStrides(oldShape: Shape, oldStrides: readonly number[], shape: Shape): number[] | null {
  const n = numberOfElements(oldShape);
  if (n === 0) return sameShape(oldShape, shape) ? [...oldStrides] : contiguousStrides(shape);
  const strides = new Array<number>(shape.length);
  let d = shape.length - 1;
  let base = oldStrides.length > 0 ? oldStrides[oldStrides.length - 1]! : 1;
  let have = 1;
  let used = 1;
  for (let i = oldShape.length - 1; i >= 0; i--) {
    have *= oldShape[i]!;
    if (i === 0 || (oldShape[i - 1] !== 1 && oldStrides[i - 1] !== have * base)) {
      while (d >= 0 && (used < have || shape[d] === 1)) {
        strides[d] = used * base;
        used *= shape[d]!;
        d--;
      }
      if (used !== have) return null;
      if (i > 0) {
        base = oldStrides[i - 1]!;
        have = 1;
        used = 1;
      }
    }
  }
  while (d >= 0) strides[d--] = 1;
  return strides;
}

/** How many elements of storage a tensor reaches over, from its lowest on: its first, unless strides are negative. */
export function storageExtent(shape: Shape, strides: readonly number[]): number {
  let extent = 1;
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === 0) return 0;
    extent += (shape[i]! - 1) * Math.abs(strides[i]!);
  }
  return extent;
}

/** How many elements of storage a tensor reaches back before its first: more than 0 where strides are negative. */
export function storageReachBack(shape: Shape, strides: readonly number[]): number {
  let back = 0;
  for (let i = 0; i < shape.length; i++) if (strides[i]! < 0 && shape[i]! > 0) back -= (shape[i]! - 1) * strides[i]!;
  return back;
}

/** Whether one element is seen at two indices (an expanded dimension), so that an in-place write would be ambiguous. */
export function overlapsItself(shape: Shape, strides: readonly number[]): boolean {
  let expanded = false;
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === 0) return false;
    if (shape[i]! > 1 && strides[i] === 0) expanded = true;
  }
  return expanded;
}
