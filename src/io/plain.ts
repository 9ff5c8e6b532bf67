import { DTYPES, type DType } from '../dtype.js';
import { rangeError } from '../errors.js';

/** A tensor as files hold it: row-major, little endian, on no particular storage. */
export interface PlainTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** product(shape) × size bytes; complex numbers as real and imaginary part. */
  readonly data: Uint8Array;
}

/**
 * How many bytes a tensor of these sizes has, for sizes that a file claims.
 *
 * @throws RangeError for sizes that are no whole numbers ≥ 0, or whose product is beyond what can be counted
 */
export function byteLengthOf(op: string, dtype: DType, shape: readonly unknown[]): number {
  let count = 1;
  let nonZero = 1;
  for (const size of shape) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw rangeError(`${op}: the shape [${shape.map(String).join(', ')}] has a size that is not a whole number ≥ 0.`);
    }
    count *= size;
    nonZero *= Math.max(size, 1);
    // Checked at every step, so that a zero further on does not hide an overflow.
    if (nonZero * DTYPES[dtype].size > Number.MAX_SAFE_INTEGER) {
      throw rangeError(`${op}: the shape [${shape.map(String).join(', ')}] has more elements than can be counted.`);
    }
  }
  return count * DTYPES[dtype].size;
}

/** Refuses a tensor whose bytes are not what its shape needs. */
export function checkPlain(op: string, name: string, tensor: PlainTensor): void {
  const wanted = byteLengthOf(op, tensor.dtype, tensor.shape);
  if (tensor.data.byteLength !== wanted) {
    throw rangeError(
      `${op}: ${name} is ${tensor.dtype} [${tensor.shape.join(', ')}], which takes ${wanted} bytes, but has ${tensor.data.byteLength}.`,
    );
  }
}

/** The pieces as one array. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.byteLength;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** The same bytes as a plain Uint8Array: a Buffer's `slice` would share memory where everybody expects a copy. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
