import { type DType, type DTypeInfo, float32, float64 } from './dtype.js';
import { typeError } from './errors.js';
import { defaultDType, dtypeOf } from './promotion.js';

/** The limits of a float dtype, as PyTorch's finfo. */
export interface FloatLimits {
  readonly dtype: DType;
  readonly bits: number;
  /** The step from 1 to the next number. */
  readonly eps: number;
  readonly max: number;
  readonly min: number;
  /** The smallest normal number. */
  readonly tiny: number;
  readonly smallestNormal: number;
  /** The decimal resolution, 10 ** -digits. */
  readonly resolution: number;
}

/** The limits of an integer dtype, as PyTorch's iinfo. */
export interface IntegerLimits {
  readonly dtype: DType;
  readonly bits: number;
  /** A bigint where a number would not hold it. */
  readonly max: number | bigint;
  readonly min: number | bigint;
}

/** Mantissa bits, largest exponent. */
const FORMATS: Readonly<Record<string, readonly [mantissa: number, exponent: number, resolution: number]>> = {
  float64: [52, 1023, 1e-15],
  float32: [23, 127, 1e-6],
  float16: [10, 15, 1e-3],
  bfloat16: [7, 127, 1e-2],
};

/**
 * The limits of a float dtype (the default one if none is given).
 * @example finfo('float32').eps
 */
export function finfo(dtype: DType = defaultDType().name): FloatLimits {
  const info = dtypeOf('finfo', dtype);
  const real: DTypeInfo = info.isComplex ? float32 : info;
  const format = FORMATS[real.name];
  if (format === undefined)
    throw typeError(
      `finfo: torch.finfo() requires a floating point input type, but got ${dtype}; use iinfo for integers.`,
    );
  const [mantissa, exponent, resolution] = format;
  const max = real === float64 ? Number.MAX_VALUE : (2 - 2 ** -mantissa) * 2 ** exponent;
  const tiny = 2 ** (1 - exponent);
  return {
    dtype: real.name,
    bits: real.size * 8,
    eps: 2 ** -mantissa,
    max,
    min: -max,
    tiny,
    smallestNormal: tiny,
    resolution,
  };
}

/** The limits of an integer dtype. @example iinfo('int8').max */
export function iinfo(dtype: DType): IntegerLimits {
  const info = dtypeOf('iinfo', dtype);
  if (info.category !== 1)
    throw typeError(`iinfo: torch.iinfo() requires an integer input type, but got ${dtype}; use finfo for floats.`);
  const bits = info.size * 8;
  if (info.name === 'uint8') return { dtype: info.name, bits, max: 255, min: 0 };
  if (bits === 64) return { dtype: info.name, bits, max: 2n ** 63n - 1n, min: -(2n ** 63n) };
  return { dtype: info.name, bits, max: 2 ** (bits - 1) - 1, min: -(2 ** (bits - 1)) };
}
