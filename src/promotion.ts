import { bool, complex64, DTYPES, type DType, type DTypeInfo, float32, float64, int64 } from './dtype.js';
import { rangeError, typeError } from './errors.js';

/** A whole number that counts as a float where promotion cares: `ng.float(2)` is Python's `2.0`. */
export class FloatScalar {
  constructor(readonly value: number) {}
  valueOf(): number {
    return this.value;
  }
}

/** Marks a number as a float: `x.mul(ng.float(2))` promotes an int64 `x` to float32, `x.mul(2)` does not. */
export function float(value: number): FloatScalar {
  return new FloatScalar(value);
}

/** A complex scalar. */
export class ComplexScalar {
  constructor(
    readonly re: number,
    readonly im: number,
  ) {}
}

/** A value beside a tensor: a whole number is an int as in Python, any other a float. */
export type Scalar = number | bigint | boolean | FloatScalar | ComplexScalar;

export function isScalar(value: unknown): value is Scalar {
  const type = typeof value;
  return (
    type === 'number' ||
    type === 'bigint' ||
    type === 'boolean' ||
    value instanceof FloatScalar ||
    value instanceof ComplexScalar
  );
}

/** The value of a scalar as a number (a bool as 0 or 1). */
export function scalarNumber(value: Scalar): number {
  if (value instanceof ComplexScalar)
    throw typeError(`a complex number (${value.re}, ${value.im}) does not fit a real one.`);
  return Number(value instanceof FloatScalar ? value.value : value);
}

/** The least and the greatest value of the dtypes that can't hold any; an unsigned one wraps whole numbers below 0. */
function boundsOf(info: DTypeInfo, whole: boolean): readonly [low: number, high: number] {
  if (info === float32 || info === complex64) return [-MAX_FLOAT32, MAX_FLOAT32];
  if (info.name === 'uint8') return [whole ? -255 : 0, 255];
  const high = 2 ** (8 * info.size - 1);
  return [-high, high - 1];
}

const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/**
 * Checks that a real value can be written as a dtype's element, as PyTorch does where a value fills elements: fractions
 * are cut off, but what lies beyond the dtype, NaN as an int, and infinities as one are refused.
 * @throws RangeError
 */
export function checkFits(op: string, value: unknown, info: DTypeInfo): void {
  if (typeof value === 'bigint') {
    const [low, high] = info.category === 1 ? boundsOf(info, true) : [Number.NEGATIVE_INFINITY, Infinity];
    const fits = info === int64 ? BigInt.asIntN(64, value) === value : value >= low && value <= high;
    if (!fits) throw tooLarge(op, value, info);
    return;
  }
  const number = value instanceof FloatScalar ? value.value : value;
  if (typeof number !== 'number') return;
  if (info.category === 1) {
    const [low, high] = boundsOf(info, value === number && Number.isInteger(number));
    if (!(number >= low && number <= high) || number === 2 ** 63) throw tooLarge(op, number, info);
  } else if ((info === float32 || info === complex64) && Number.isFinite(number) && Math.abs(number) > MAX_FLOAT32) {
    throw tooLarge(op, number, info);
  }
}

function tooLarge(op: string, value: number | bigint, info: DTypeInfo): RangeError {
  const shown =
    typeof value === 'number' && Number.isInteger(value) && Math.abs(value) >= 1e16
      ? value.toExponential()
      : String(value);
  return rangeError(
    `${op}: value ${shown} cannot be converted to ${info.name} without overflow; give a value within the dtype, or use a wider dtype.`,
  );
}

/** Whether a number counts as an int: whole, not -0, and within int64. */
function isWhole(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63 && !Object.is(value, -0);
}

/**
 * The dtype a scalar would have as a tensor of its own. Whole numbers beyond int64 are floats.
 * @throws RangeError for a bigint beyond int64
 */
export function scalarDType(value: Scalar): DTypeInfo {
  if (typeof value === 'boolean') return bool;
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value)
      throw rangeError(
        `promotion: value ${value} cannot be converted to int64 without overflow; give Number(value) for a float.`,
      );
    return int64;
  }
  if (value instanceof ComplexScalar) return complex64;
  if (value instanceof FloatScalar) return defaultFloat;
  return isWhole(value) ? int64 : defaultFloat;
}

let defaultFloat = float32;

/** The dtype of new float tensors. */
export function defaultDType(): DTypeInfo {
  return defaultFloat;
}

/** See PyTorch's set_default_dtype. @throws TypeError for a dtype that is not a float's */
export function setDefaultDtype(dtype: DType): void {
  const info = dtypeOf('setDefaultDtype', dtype);
  if (!info.isFloat)
    throw typeError(`setDefaultDtype: ${dtype} is no floating-point dtype; give 'float32' or 'float64'.`);
  defaultFloat = info;
}

/** The dtype of floating-point tensors that name none. */
export function getDefaultDtype(): DType {
  return defaultFloat.name;
}

const ALIASES: Readonly<Record<string, DType>> = {
  float: 'float32',
  double: 'float64',
  long: 'int64',
  int: 'int32',
  short: 'int16',
  half: 'float16',
  cfloat: 'complex64',
};

/** Checks a dtype that came from a user. */
export function dtypeOf(op: string, dtype: DType): DTypeInfo {
  const info = typeof dtype === 'string' && Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : undefined;
  if (info !== undefined) return info;
  // Of its own: '__proto__' and 'constructor' are no dtypes, though every object has them.
  if (Object.hasOwn(ALIASES, String(dtype))) return DTYPES[ALIASES[String(dtype)]!];
  throw typeError(`${op}: ${String(dtype)} is no dtype; give one of ${Object.keys(DTYPES).join(', ')}.`);
}

/** The table of torch.promote_types. */
export function promote(a: DTypeInfo, b: DTypeInfo): DTypeInfo {
  if (a === b) return a;
  if (a.category !== b.category) {
    const [low, high] = a.category < b.category ? [a, b] : [b, a];
    // complex64 holds float32; a wider float has no complex partner here.
    if (high === complex64 && low === float64) return complex64;
    return high;
  }
  if (a.category === 1) {
    const unsigned = a.name === 'uint8' ? b : b.name === 'uint8' ? a : null;
    if (unsigned !== null) return unsigned.name === 'int8' ? DTYPES.int16 : unsigned;
    return a.size > b.size ? a : b;
  }
  if (a.size === b.size) return float32; // float16 with bfloat16
  return a.size > b.size ? a : b;
}

/** The dtype two dtypes are promoted to. */
export function promoteTypes(a: DType, b: DType): DType {
  return promote(dtypeOf('promoteTypes', a), dtypeOf('promoteTypes', b)).name;
}

/** Whether a value of dtype `from` may be stored as `to` by an in-place op: not complex to real, float to int, or number to bool. */
export function canCastInfo(from: DTypeInfo, to: DTypeInfo): boolean {
  if (from.isComplex && !to.isComplex) return false;
  if (from.isFloat && to.category < 2) return false;
  return !(from.category > 0 && to.category === 0);
}

/** Whether promotion lets a value of dtype `from` become `to`: not complex to real, float to int, or number to bool. */
export function canCast(from: DType, to: DType): boolean {
  return canCastInfo(dtypeOf('canCast', from), dtypeOf('canCast', to));
}

interface Typed {
  readonly dtypeInfo: DTypeInfo;
  readonly shape: readonly number[];
}

/**
 * The dtype of an op's result: tensors with dimensions decide; a 0-d tensor or a scalar counts only where its category
 * (bool, int, float, complex) is higher than theirs.
 * https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
 */
export function resultInfo(values: readonly (Typed | Scalar)[]): DTypeInfo {
  let dimensioned: DTypeInfo | null = null;
  let zeroDim: DTypeInfo | null = null;
  let scalar: DTypeInfo | null = null;
  for (const value of values) {
    if (isScalar(value)) {
      const info = scalarDType(value);
      scalar = scalar === null ? info : promote(scalar, info);
    } else if (value.shape.length > 0) {
      dimensioned = dimensioned === null ? value.dtypeInfo : promote(dimensioned, value.dtypeInfo);
    } else {
      zeroDim = zeroDim === null ? value.dtypeInfo : promote(zeroDim, value.dtypeInfo);
    }
  }
  const combine = (high: DTypeInfo | null, low: DTypeInfo | null): DTypeInfo | null => {
    if (high === null || low === null) return high ?? low;
    if (high.category >= low.category) return high;
    return low.isComplex || high.isComplex ? promote(high, low) : low;
  };
  // A wrapped number takes the default dtype of its category, unless what it meets is of that category already.
  return combine(combine(dimensioned, zeroDim), scalar) ?? defaultFloat;
}

/** {@link resultInfo} of two operands, with the common cases first. */
export function resultInfoOfTwo(x: Typed | Scalar, y: Typed | Scalar): DTypeInfo {
  const a = (x as Typed).dtypeInfo;
  if (a !== undefined) {
    if (a === (y as Typed).dtypeInfo) return a;
    if (typeof y === 'number' && (a.category >= 2 || (a.category === 1 && isWhole(y)))) return a;
  }
  return resultInfo([x, y]);
}

/** The dtype an op of two tensors or scalars would give. See torch.result_type. */
export function resultType(x: Typed | Scalar, y: Typed | Scalar): DType {
  return resultInfoOfTwo(x, y).name;
}
