// How a value is held against PyTorch's.
import type { Tolerance, VectorArray, VectorData } from '../vectors/reader.mjs';
import type { AnyTensor } from './library.js';

export const EXACT: Tolerance = [0, 0];

/** Is `actual` within `s * (atol + rtol * |expected|)`? NaN equals NaN, infinities by sign. */
export function isClose(actual: number, expected: number, [rtol, atol]: Tolerance, s = 1): boolean {
  if (actual === expected || (Number.isNaN(actual) && Number.isNaN(expected))) return true;
  if (!Number.isFinite(actual) || !Number.isFinite(expected)) return false;
  return Math.abs(actual - expected) <= s * (atol + rtol * Math.abs(expected));
}

const isFloating = (data: VectorData): data is Float32Array | Float64Array =>
  data instanceof Float32Array || data instanceof Float64Array;

/** The difference in words, or null. Integers and booleans exactly, floats by the tolerance. */
export function compareData(actual: VectorData, expected: VectorData, tolerance: Tolerance, s = 1): string | null {
  if (actual.length !== expected.length) return `${actual.length} elements, expected ${expected.length}`;
  const exact = !isFloating(expected);
  let count = 0;
  let first = -1;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!;
    const b = expected[i]!;
    // Indices may be int64 on one side and int32 on the other.
    if (a === b || (exact && typeof a !== typeof b && Number(a) === Number(b))) continue;
    if (!exact && isClose(Number(a), Number(b), tolerance, s)) continue;
    if (first < 0) first = i;
    count++;
    const error = Math.abs(Number(a) - Number(b));
    if (error > worst || Number.isNaN(error)) worst = error;
  }
  if (count === 0) return null;
  const which = `[${first}] is ${actual[first]}, expected ${expected[first]}`;
  return `${which} (${count} of ${expected.length} differ, by up to ${worst.toPrecision(3)})`;
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

/** dtype, shape and values of a tensor, each difference as `[part, words]`. */
export function compareTensor(
  actual: AnyTensor,
  expected: VectorArray,
  tolerance: Tolerance,
  s = 1,
): [part: string, message: string][] {
  const found: [string, string][] = [];
  if (actual.dtype !== expected.dtype) found.push(['dtype', `${actual.dtype}, expected ${expected.dtype}`]);
  if (!sameShape(actual.shape, expected.shape)) {
    found.push(['shape', `[${actual.shape}], expected [${expected.shape}]`]);
    return found;
  }
  const difference = compareData(actual.toTypedArray(), expected.data, tolerance, s);
  if (difference !== null) found.push(['value', difference]);
  return found;
}

/** A gradient against PyTorch's: none is the same as zeros. */
export function compareGradient(
  actual: AnyTensor | null | undefined,
  expected: VectorArray | null,
  tolerance: Tolerance,
  s = 1,
): string | null {
  if (actual === null || actual === undefined) {
    if (expected === null) return null;
    const difference = compareData(new Float64Array(expected.data.length), toFloat64(expected.data), tolerance, s);
    return difference === null ? null : `none, expected ${expected.data.slice(0, 4).join(', ')}…`;
  }
  const data = actual.toTypedArray();
  if (expected === null) {
    const difference = compareData(toFloat64(data), new Float64Array(data.length), tolerance, s);
    return difference === null ? null : `${difference} (PyTorch has no gradient there)`;
  }
  if (!sameShape(actual.shape, expected.shape)) return `shape [${actual.shape}], expected [${expected.shape}]`;
  if (actual.dtype !== expected.dtype) return `dtype ${actual.dtype}, expected ${expected.dtype}`;
  return compareData(data, expected.data, tolerance, s);
}

function toFloat64(data: VectorData): Float64Array {
  return Float64Array.from(data as Float64Array, Number);
}

/** Plain results: numbers by the tolerance, everything else exactly. */
export function comparePlain(actual: unknown, expected: unknown, tolerance: Tolerance): string | null {
  if (typeof actual === 'number' && typeof expected === 'number') {
    return isClose(actual, expected, tolerance) ? null : `${actual}, expected ${expected}`;
  }
  const same =
    Object.is(actual, expected) ||
    (typeof actual === 'bigint' && typeof expected === 'number' && actual === BigInt(expected)) ||
    (actual === undefined && expected === null);
  return same ? null : `${describe(actual)}, expected ${describe(expected)}`;
}

export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? `[${value.map(describe).join(', ')}]` : (value.constructor?.name ?? 'object');
}
