/** Conversion between dtypes, as C does on x86. */
import { DType, sizeOf } from './descriptor';

/** Elements converted at a time. */
const PART: i32 = 256;

/** Holds a part widened to int64 or float64. */
const WIDE: usize = memory.data(256 * 8, 16);

function direct<F, T>(to: usize, from: usize, n: i32): void {
  for (let i: usize = 0, end = <usize>n; i < end; i++) {
    store<T>(to + i * sizeof<T>(), convert<F, T>(load<F>(from + i * sizeof<F>())));
  }
}

/** The pairs that models and data meet most; returns whether this was one. */
export function convertDirectly(out: usize, to: i32, x: usize, from: i32, n: i32): bool {
  if (to == DType.float32) {
    if (from == DType.float64) direct<f64, f32>(out, x, n);
    else if (from == DType.int64) direct<i64, f32>(out, x, n);
    else if (from == DType.int32) direct<i32, f32>(out, x, n);
    else if (from == DType.uint8 || from == DType.bool) direct<u8, f32>(out, x, n);
    else return false;
    return true;
  }
  if (from != DType.float32) return false;
  if (to == DType.float64) direct<f32, f64>(out, x, n);
  else if (to == DType.int64) direct<f32, i64>(out, x, n);
  else if (to == DType.bool) direct<f32, bool>(out, x, n);
  else return false;
  return true;
}

export function convertWidely(out: usize, to: i32, x: usize, from: i32, n: i32): void {
  const integral = isIntegral(from);
  while (n > 0) {
    const count = min(n, PART);
    if (integral) {
      widenIntegers(x, from, count);
      narrow<i64>(out, to, count);
    } else {
      widenFloats(x, from, count, to == DType.bool);
      narrow<f64>(out, to, count);
    }
    out += <usize>(count * sizeOf(to));
    x += <usize>(count * sizeOf(from));
    n -= count;
  }
}

function isIntegral(dtype: i32): bool {
  return dtype >= DType.int64 && dtype <= DType.bool;
}

function widen<T, W>(from: usize, n: i32): void {
  for (let i: usize = 0, end = <usize>n; i < end; i++) store<W>(WIDE + i * 8, <W>load<T>(from + i * sizeof<T>()));
}

function widenIntegers(from: usize, dtype: i32, n: i32): void {
  switch (dtype) {
    case DType.int64:
      return widen<i64, i64>(from, n);
    case DType.int32:
      return widen<i32, i64>(from, n);
    case DType.int16:
      return widen<i16, i64>(from, n);
    case DType.int8:
      return widen<i8, i64>(from, n);
    default:
      return widen<u8, i64>(from, n);
  }
}

/** Of complex numbers the real part; for bool the imaginary one, if that is zero. */
function widenFloats(from: usize, dtype: i32, n: i32, asBool: bool): void {
  switch (dtype) {
    case DType.float32:
      return widen<f32, f64>(from, n);
    case DType.float64:
      return widen<f64, f64>(from, n);
    case DType.complex64:
      for (let i: usize = 0, end = <usize>n << 3; i < end; i += 8) {
        const real = load<f32>(from + i);
        store<f64>(WIDE + i, <f64>(asBool && real == 0 ? load<f32>(from + i, 4) : real));
      }
      return;
    case DType.float16:
      for (let i: usize = 0, end = <usize>n; i < end; i++) {
        store<f64>(WIDE + i * 8, <f64>fromHalf(load<u16>(from + i * 2)));
      }
      return;
    default:
      for (let i: usize = 0, end = <usize>n; i < end; i++) {
        store<f64>(WIDE + i * 8, <f64>reinterpret<f32>(<u32>load<u16>(from + i * 2) << 16));
      }
      return;
  }
}

/** Integers from floats as x86's conversion instructions do: what does not fit becomes the minimum of the type. */
// @ts-ignore: decorator
@inline
export function toInt64(x: f64): i64 {
  return x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? <i64>x : i64.MIN_VALUE;
}

// @ts-ignore: decorator
@inline
function toInt32(x: f64): i32 {
  return x > -2147483649.0 && x < 2147483648.0 ? <i32>x : i32.MIN_VALUE;
}

// @ts-ignore: decorator
@inline
function convert<W, T>(value: W): T {
  if (isFloat<W>() && isInteger<T>()) {
    if (isBoolean<T>()) return <T>(value != 0);
    if (sizeof<T>() == 8) return <T>toInt64(<f64>value);
    // uint8 by way of int64, so that negative floats wrap
    if (!isSigned<T>()) return <T>toInt64(<f64>value);
    return <T>toInt32(<f64>value);
  }
  if (isBoolean<T>()) return <T>(value != 0);
  return <T>value;
}

function store1<W, T>(to: usize, n: i32): void {
  for (let i: usize = 0, end = <usize>n; i < end; i++) {
    store<T>(to + i * sizeof<T>(), convert<W, T>(load<W>(WIDE + i * 8)));
  }
}

function narrow<W>(to: usize, dtype: i32, n: i32): void {
  switch (dtype) {
    case DType.float32:
      return store1<W, f32>(to, n);
    case DType.float64:
      return store1<W, f64>(to, n);
    case DType.int64:
      return store1<W, i64>(to, n);
    case DType.int32:
      return store1<W, i32>(to, n);
    case DType.int16:
      return store1<W, i16>(to, n);
    case DType.int8:
      return store1<W, i8>(to, n);
    case DType.uint8:
      return store1<W, u8>(to, n);
    case DType.bool:
      return store1<W, bool>(to, n);
    case DType.complex64:
      for (let i: usize = 0, end = <usize>n; i < end; i++) {
        store<f32>(to + i * 8, <f32>load<W>(WIDE + i * 8));
        store<f32>(to + i * 8, 0, 4);
      }
      return;
    case DType.float16:
      for (let i: usize = 0, end = <usize>n; i < end; i++) store<u16>(to + i * 2, toHalf(<f32>load<W>(WIDE + i * 8)));
      return;
    default:
      for (let i: usize = 0, end = <usize>n; i < end; i++) {
        store<u16>(to + i * 2, toBrain(<f32>load<W>(WIDE + i * 8)));
      }
      return;
  }
}

/** float32 from IEEE half bits. */
function fromHalf(half: u32): f32 {
  const sign = (half & 0x8000) << 16;
  const rest = half & 0x7fff;
  // the exponent moves by 112; multiplying puts subnormals right, infinities and NaN keep the highest exponent
  if (rest >= 0x7c00) return reinterpret<f32>(sign | 0x7f800000 | ((rest & 0x3ff) << 13));
  const magnitude = reinterpret<f32>(rest << 13) * reinterpret<f32>(0x77800000);
  return reinterpret<f32>(sign | reinterpret<u32>(magnitude));
}

/** IEEE half bits of a float32, rounded to nearest even. */
function toHalf(x: f32): u16 {
  const bits = reinterpret<u32>(x);
  const sign = (bits >> 16) & 0x8000;
  const rest = bits & 0x7fffffff;
  if (rest > 0x7f800000) return <u16>(sign | 0x7e00);
  // from halfway between the largest half and the next step
  if (rest >= 0x477ff000) return <u16>(sign | 0x7c00);
  if (rest < 0x38800000) {
    // subnormal: adding 0.5 rounds to the half's last place, 2 ** -24
    const rounded = reinterpret<u32>(reinterpret<f32>(rest) + 0.5);
    return <u16>(sign | (rounded - 0x3f000000));
  }
  const odd = (rest >> 13) & 1;
  return <u16>(sign | ((rest - 0x38000000 + 0xfff + odd) >> 13));
}

/** bfloat16 bits of a float32, rounded to nearest even. */
function toBrain(x: f32): u16 {
  const bits = reinterpret<u32>(x);
  if (x != x) return 0x7fc0;
  return <u16>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/** Stores one number as an element of a dtype. */
export function storeAs(to: usize, dtype: i32, value: f64): void {
  store<f64>(WIDE, value);
  narrow<f64>(to, dtype, 1);
}
