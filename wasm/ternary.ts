/** Kernels of three operands, or of one and numbers. */
import { storeAs, toInt64 } from './conversion';
import { DType, dtypeOf, isIntegerType, lengthOf, sizeOf, unsupported } from './descriptor';
import { float2, float3, number1, number3 } from './dispatch';
import { begin1, begin4, next, pointer } from './iterator';
import { spread } from './runs';
import { all, HALF, ONE, pick } from './vector';

/** The call's numbers: as they are, as integers, and as vectors read them. */
let first: f64 = 0;
let second: f64 = 0;
let wholeFirst: i64 = 0;
let wholeSecond: i64 = 0;
const FIRST: usize = memory.data<f32>([0, 0]);
const SECOND: usize = FIRST + 4;
const ELEMENT: usize = memory.data(16, 16);

function setNumbers(a: f64, b: f64): void {
  first = a;
  second = b;
  wholeFirst = <i64>a;
  wholeSecond = <i64>b;
  store<f32>(FIRST, <f32>a);
  store<f32>(SECOND, <f32>b);
}

// @ts-ignore: decorator
@inline
function firstAs<T>(): T {
  return isFloat<T>() ? <T>first : <T>wholeFirst;
}

@unmanaged
class AddScaled {
  @inline
  vector(x: v128, y: v128): v128 {
    return f32x4.add(x, f32x4.mul(all(FIRST), y));
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return <T>(x + firstAs<T>() * y);
  }
}

@unmanaged
class Addcmul {
  @inline
  vector(x: v128, y: v128, z: v128): v128 {
    return f32x4.add(x, f32x4.mul(f32x4.mul(all(FIRST), y), z));
  }
  @inline
  scalar<T>(x: T, y: T, z: T): T {
    return <T>(x + firstAs<T>() * y * z);
  }
}

@unmanaged
class Addcdiv {
  @inline
  vector(x: v128, y: v128, z: v128): v128 {
    return f32x4.add(x, f32x4.div(f32x4.mul(all(FIRST), y), z));
  }
  @inline
  scalar<T>(x: T, y: T, z: T): T {
    return <T>(x + (firstAs<T>() * y) / z);
  }
}

/** From the end that is nearer, so that a weight of 1 gives y itself. */
@unmanaged
class Lerp {
  @inline
  vector(x: v128, y: v128, weight: v128): v128 {
    const difference = f32x4.sub(y, x);
    return pick(
      f32x4.lt(weight, all(HALF)),
      f32x4.add(x, f32x4.mul(weight, difference)),
      f32x4.sub(y, f32x4.mul(difference, f32x4.sub(all(ONE), weight))),
    );
  }
  @inline
  scalar<T>(x: T, y: T, weight: T): T {
    return weight < <T>0.5 ? <T>(x + weight * (y - x)) : <T>(y - (y - x) * (1 - weight));
  }
}

@unmanaged
class Clamp {
  @inline
  vector(x: v128): v128 {
    return f32x4.pmin(f32x4.pmax(x, all(FIRST)), all(SECOND));
  }
  @inline
  scalar<T>(x: T): T {
    if (isFloat<T>()) {
      const raised = x < <T>first ? <T>first : x;
      return raised > <T>second ? <T>second : raised;
    }
    return <T>min<i64>(max<i64>(<i64>x, wholeFirst), wholeSecond);
  }
}

function chooseAs<T>(n: i32): void {
  const o = pointer(0);
  const condition = pointer(1);
  const a = pointer(2);
  const b = pointer(3);
  for (let i: usize = 0, end = <usize>n; i < end; i++) {
    const at = i * sizeof<T>();
    store<T>(o + at, load<u8>(condition + i) ? load<T>(a + at) : load<T>(b + at));
  }
}

/** Four 32-bit elements a round. */
function chooseVectors(n: i32): void {
  let o = pointer(0);
  let condition = pointer(1);
  let a = pointer(2);
  let b = pointer(3);
  const zero = i32x4.splat(0);
  for (; n >= 4; n -= 4) {
    const bytes = i16x8.extend_low_i8x16_u(v128.load32_zero(condition));
    const no = i32x4.eq(i32x4.extend_low_i16x8_u(bytes), zero);
    v128.store(o, v128.bitselect(v128.load(b), v128.load(a), no));
    o += 16;
    condition += 4;
    a += 16;
    b += 16;
  }
  for (; n > 0; n--) {
    store<u32>(o, load<u8>(condition) ? load<u32>(a) : load<u32>(b));
    o += 4;
    condition += 1;
    a += 4;
    b += 4;
  }
}

/** out = condition ? x : y, of any dtype. */
export function where(out: usize, condition: usize, x: usize, y: usize): void {
  const dtype = dtypeOf(0);
  const kind = dtypeOf(1);
  if (dtypeOf(2) != dtype || dtypeOf(3) != dtype) unsupported();
  if (kind != DType.bool && kind != DType.uint8) unsupported();
  const size = sizeOf(dtype);
  for (let n = begin4(out, condition, x, y); n != 0; n = next()) {
    if (size == 4) chooseVectors(n);
    else if (size == 8) chooseAs<u64>(n);
    else if (size == 1) chooseAs<u8>(n);
    else chooseAs<u16>(n);
  }
}

export function addcmul(out: usize, x: usize, y: usize, z: usize, value: f64): void {
  setNumbers(value, 0);
  number3<Addcmul>(out, x, y, z);
}

export function addScaled(out: usize, x: usize, y: usize, value: f64): void {
  setNumbers(value, 0);
  float2<AddScaled>(out, x, y);
}

export function addcdiv(out: usize, x: usize, y: usize, z: usize, value: f64): void {
  setNumbers(value, 0);
  float3<Addcdiv>(out, x, y, z);
}

export function lerp(out: usize, x: usize, y: usize, weight: usize): void {
  float3<Lerp>(out, x, y, weight);
}

/** min(max(x, lowest), highest); a limit that is NaN is none, one beyond an integer's range the end of the range. */
export function clamp(out: usize, x: usize, lowest: f64, highest: f64): void {
  setNumbers(lowest != lowest ? -Infinity : lowest, highest != highest ? Infinity : highest);
  const dtype = dtypeOf(0);
  if (isIntegerType(dtype)) {
    const bits = sizeOf(dtype) << 3;
    const least = dtype == DType.uint8 ? 0 : i64.MIN_VALUE >> (64 - bits);
    const most = dtype == DType.uint8 ? 255 : i64.MAX_VALUE >> (64 - bits);
    wholeFirst = min(max(wholeFirst, least), most);
    wholeSecond = min(max(wholeSecond, least), most);
  }
  number1<Clamp>(out, x);
}

function sequenceAs<T>(out: usize, n: i32, origin: f64, step: f64, first: f64): void {
  for (let i = 0; i < n; i++) {
    const value = origin + step * (first + <f64>i);
    store<T>(out, isFloat<T>() ? <T>value : <T>toInt64(value));
    out += sizeof<T>();
  }
}

/** Every element origin + step · (first + i). */
export function sequence(out: usize, origin: f64, step: f64, first: f64): void {
  const n = lengthOf(1, 0);
  switch (dtypeOf(0)) {
    case DType.float32:
      return sequenceAs<f32>(out, n, origin, step, first);
    case DType.float64:
      return sequenceAs<f64>(out, n, origin, step, first);
    case DType.int64:
      return sequenceAs<i64>(out, n, origin, step, first);
    case DType.int32:
      return sequenceAs<i32>(out, n, origin, step, first);
    case DType.int16:
      return sequenceAs<i16>(out, n, origin, step, first);
    case DType.int8:
      return sequenceAs<i8>(out, n, origin, step, first);
    case DType.uint8:
      return sequenceAs<u8>(out, n, origin, step, first);
    default:
      unsupported();
  }
}

/** Every element value + rest, which together make any int64; of complex64 value + i · rest. */
export function fill(out: usize, value: f64, rest: f64): void {
  const dtype = dtypeOf(0);
  const size = sizeOf(dtype);
  if (dtype == DType.complex64) {
    store<f32>(ELEMENT, <f32>value);
    store<f32>(ELEMENT, <f32>rest, 4);
  } else if (isIntegerType(dtype)) {
    // the low bytes, where the type has fewer
    store<i64>(ELEMENT, toInt64(value) + toInt64(rest));
  } else {
    storeAs(ELEMENT, dtype, value);
  }
  for (let n = begin1(out); n != 0; n = next()) spread(pointer(0), ELEMENT, n, size);
}
