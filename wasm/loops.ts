/**
 * The loops under elementwise kernels. An operation is a class without fields, given as a type argument, so that its
 * methods are compiled into the loop (a call through a function value is eight times slower):
 *
 *     class Add {
 *       @inline vector(x: v128, y: v128): v128 { return f32x4.add(x, y); }  // four float32
 *       @inline scalar<T>(x: T, y: T): T { return <T>(x + y); }             // every other dtype
 *     }
 *
 * float32 goes through `vector` only: the last one to three elements too, so every element is computed alike.
 */
import { DType, dtypeOf } from './descriptor';
import { begin2, begin3, next, pointer } from './iterator';

/** Where the last one to three float32 of a loop are widened to a vector. */
const TAIL: usize = memory.data(64, 16);

/** The operation of class Op. */
// @ts-ignore: decorator
@inline
export function op<Op>(): Op {
  return changetype<Op>(0);
}

/** Copies the first count (1 to 3) floats at from to a vector of the tail. */
// @ts-ignore: decorator
@inline
function toTail(slot: i32, from: usize, count: i32): void {
  const to = TAIL + (<usize>slot << 4);
  store<f32>(to, load<f32>(from));
  if (count > 1) store<f32>(to, load<f32>(from, 4), 4);
  if (count > 2) store<f32>(to, load<f32>(from, 8), 8);
}

// @ts-ignore: decorator
@inline
function fromTail(to: usize, count: i32): void {
  store<f32>(to, load<f32>(TAIL));
  if (count > 1) store<f32>(to, load<f32>(TAIL, 4), 4);
  if (count > 2) store<f32>(to, load<f32>(TAIL, 8), 8);
}

function vectors1<Op>(out: usize, x: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, op<Op>().vector(v128.load(x + i)));
}

function vectors2<Op>(out: usize, x: usize, y: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, op<Op>().vector(v128.load(x + i), v128.load(y + i)));
  }
}

/** float32 to float32. */
export function floats1<Op>(out: usize, x: usize): void {
  for (let n = begin2(out, x); n != 0; n = next()) {
    const bytes = <usize>(n >> 2) << 4;
    const o = pointer(0);
    const a = pointer(1);
    vectors1<Op>(o, a, bytes);
    const rest = n & 3;
    if (rest != 0) {
      toTail(1, a + bytes, rest);
      vectors1<Op>(TAIL, TAIL + 16, 16);
      fromTail(o + bytes, rest);
    }
  }
}

/** float32, float32 to float32. */
export function floats2<Op>(out: usize, x: usize, y: usize): void {
  for (let n = begin3(out, x, y); n != 0; n = next()) {
    const bytes = <usize>(n >> 2) << 4;
    const o = pointer(0);
    const a = pointer(1);
    const b = pointer(2);
    vectors2<Op>(o, a, b, bytes);
    const rest = n & 3;
    if (rest != 0) {
      toTail(1, a + bytes, rest);
      toTail(2, b + bytes, rest);
      vectors2<Op>(TAIL, TAIL + 16, TAIL + 32, 16);
      fromTail(o + bytes, rest);
    }
  }
}

/** One operand of type T to a result of type R, with Op's `scalar`. */
export function scalars1<T, R, Op>(out: usize, x: usize): void {
  for (let n = begin2(out, x); n != 0; n = next()) {
    const o = pointer(0);
    const a = pointer(1);
    for (let i: usize = 0, end = <usize>n; i < end; i++) {
      store<R>(o + i * sizeof<R>(), op<Op>().scalar<T>(load<T>(a + i * sizeof<T>())));
    }
  }
}

/** Two operands of type T to a result of type R, with Op's `scalar`. */
export function scalars2<T, R, Op>(out: usize, x: usize, y: usize): void {
  for (let n = begin3(out, x, y); n != 0; n = next()) {
    const o = pointer(0);
    const a = pointer(1);
    const b = pointer(2);
    for (let i: usize = 0, end = <usize>n; i < end; i++) {
      store<R>(
        o + i * sizeof<R>(),
        op<Op>().scalar<T>(load<T>(a + i * sizeof<T>()), load<T>(b + i * sizeof<T>())),
      );
    }
  }
}

/** Out and x float32 or float64. */
export function float1<Op>(out: usize, x: usize): void {
  if (dtypeOf(0) == DType.float32) floats1<Op>(out, x);
  else scalars1<f64, f64, Op>(out, x);
}

/** Out, x and y float32 or float64. */
export function float2<Op>(out: usize, x: usize, y: usize): void {
  if (dtypeOf(0) == DType.float32) floats2<Op>(out, x, y);
  else scalars2<f64, f64, Op>(out, x, y);
}

/** Out and x of one dtype, any number. */
export function number1<Op>(out: usize, x: usize): void {
  switch (dtypeOf(0)) {
    case DType.float32:
      return floats1<Op>(out, x);
    case DType.float64:
      return scalars1<f64, f64, Op>(out, x);
    case DType.int64:
      return scalars1<i64, i64, Op>(out, x);
    case DType.int32:
      return scalars1<i32, i32, Op>(out, x);
    case DType.int16:
      return scalars1<i16, i16, Op>(out, x);
    case DType.int8:
      return scalars1<i8, i8, Op>(out, x);
    case DType.uint8:
      return scalars1<u8, u8, Op>(out, x);
    default:
      return scalars1<bool, bool, Op>(out, x);
  }
}

/** Out, x and y of one dtype, any number. */
export function number2<Op>(out: usize, x: usize, y: usize): void {
  switch (dtypeOf(0)) {
    case DType.float32:
      return floats2<Op>(out, x, y);
    case DType.float64:
      return scalars2<f64, f64, Op>(out, x, y);
    case DType.int64:
      return scalars2<i64, i64, Op>(out, x, y);
    case DType.int32:
      return scalars2<i32, i32, Op>(out, x, y);
    case DType.int16:
      return scalars2<i16, i16, Op>(out, x, y);
    case DType.int8:
      return scalars2<i8, i8, Op>(out, x, y);
    case DType.uint8:
      return scalars2<u8, u8, Op>(out, x, y);
    default:
      return scalars2<bool, bool, Op>(out, x, y);
  }
}

/** x and y of one dtype to bool. */
export function compare<Op>(out: usize, x: usize, y: usize): void {
  switch (dtypeOf(1)) {
    case DType.float32:
      return scalars2<f32, bool, Op>(out, x, y);
    case DType.float64:
      return scalars2<f64, bool, Op>(out, x, y);
    case DType.int64:
      return scalars2<i64, bool, Op>(out, x, y);
    case DType.int32:
      return scalars2<i32, bool, Op>(out, x, y);
    case DType.int16:
      return scalars2<i16, bool, Op>(out, x, y);
    case DType.int8:
      return scalars2<i8, bool, Op>(out, x, y);
    default:
      return scalars2<u8, bool, Op>(out, x, y);
  }
}
