// How far two backends' results are apart, in units in the last place.
import type { DType } from '../../src/dtype.js';

const single = new Float32Array(1);
const singleBits = new Int32Array(single.buffer);
const double = new Float64Array(1);
const doubleBits = new BigInt64Array(double.buffer);

/** Floats in order as whole numbers: neighbours differ by one, and both zeros are zero. */
function ordinal32(value: number): number {
  single[0] = value;
  const bits = singleBits[0]!;
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}

function ordinal64(value: number): bigint {
  double[0] = value;
  const bits = doubleBits[0]!;
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}

/** Units in the last place between two floats; NaN is no distance from NaN, zeros of unlike sign are one apart. */
export function ulpDistance(a: number, b: number, dtype: 'float32' | 'float64'): number {
  if (Object.is(a, b)) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Infinity;
  if (a === 0 && b === 0) return 1;
  return dtype === 'float32' ? Math.abs(ordinal32(a) - ordinal32(b)) : Number(bigAbs(ordinal64(a) - ordinal64(b)));
}

const bigAbs = (value: bigint): bigint => (value < 0n ? -value : value);

function elements(
  buffer: ArrayBuffer,
  dtype: DType,
): Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array {
  switch (dtype) {
    case 'float32':
    case 'complex64':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}

/** The first difference of two buffers beyond `ulps`, in words, or null. Integers must be equal. */
export function bufferDifference(native: ArrayBuffer, wasm: ArrayBuffer, dtype: DType, ulps: number): string | null {
  if (Buffer.compare(new Uint8Array(native), new Uint8Array(wasm)) === 0) return null;
  const a = elements(native, dtype);
  const b = elements(wasm, dtype);
  const isFloat = dtype === 'float32' || dtype === 'float64' || dtype === 'complex64';
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (!isFloat) {
      if (x !== y) return `element ${i}: native ${x}, wasm ${y}`;
      continue;
    }
    const distance = ulpDistance(x as number, y as number, dtype === 'float64' ? 'float64' : 'float32');
    if (distance > ulps) return `element ${i}: native ${x}, wasm ${y} (${distance} ulp, bound ${ulps})`;
  }
  return null;
}
