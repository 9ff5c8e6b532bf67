/**
 * The loops under elementwise kernels. An operation is a class without fields, given as a type argument, so that its
 * methods are compiled into the loop (a call through a function value is eight times slower):
 *
 *     class Add {
 *       vector(x: v128, y: v128): v128 { return f32x4.add(x, y); }  // four float32
 *       scalar<T>(x: T, y: T): T { return <T>(x + y); }             // one element of any other dtype
 *     }
 *
 * Where an operation has `vector`, float32 goes through it alone, the last one to three elements too, so that every
 * element is computed alike; where it has none, through `scalar<f32>`. `complex` works on the two halves of one
 * complex64, `mask` gives four comparisons as bits.
 */
import { begin2, begin3, begin4, next, pointer } from './iterator';

/** Where the last one to three float32 of a loop are widened to a vector. */
const TAIL: usize = memory.data(4 * 16, 16);

/** The operation of class Op. */
// @ts-ignore: decorator
@inline
export function op<Op>(): Op {
  return changetype<Op>(0);
}

/** Copies the first count (1 to 3) floats at `from` to a vector of the tail. */
function toTail(operand: i32, from: usize, count: i32): void {
  const to = TAIL + (<usize>operand << 4);
  store<f32>(to, load<f32>(from));
  if (count > 1) store<f32>(to, load<f32>(from, 4), 4);
  if (count > 2) store<f32>(to, load<f32>(from, 8), 8);
}

function fromTail(to: usize, count: i32): void {
  store<f32>(to, load<f32>(TAIL));
  if (count > 1) store<f32>(to, load<f32>(TAIL, 4), 4);
  if (count > 2) store<f32>(to, load<f32>(TAIL, 8), 8);
}

/** Two vectors a round: the steps of one fill the waiting times of the other. */
function vectors1<Op>(out: usize, x: usize, bytes: usize): void {
  const end = out + (bytes & ~31);
  while (out < end) {
    const first = op<Op>().vector(v128.load(x));
    const second = op<Op>().vector(v128.load(x, 16));
    v128.store(out, first);
    v128.store(out, second, 16);
    out += 32;
    x += 32;
  }
  if (bytes & 16) v128.store(out, op<Op>().vector(v128.load(x)));
}

function vectors2<Op>(out: usize, x: usize, y: usize, bytes: usize): void {
  const end = out + (bytes & ~31);
  while (out < end) {
    const first = op<Op>().vector(v128.load(x), v128.load(y));
    const second = op<Op>().vector(v128.load(x, 16), v128.load(y, 16));
    v128.store(out, first);
    v128.store(out, second, 16);
    out += 32;
    x += 32;
    y += 32;
  }
  if (bytes & 16) v128.store(out, op<Op>().vector(v128.load(x), v128.load(y)));
}

function vectors3<Op>(out: usize, x: usize, y: usize, z: usize, bytes: usize): void {
  const end = out + bytes;
  while (out < end) {
    v128.store(out, op<Op>().vector(v128.load(x), v128.load(y), v128.load(z)));
    out += 16;
    x += 16;
    y += 16;
    z += 16;
  }
}

/** One float32 operand. */
export function floats1<Op>(out: usize, x: usize): void {
  if (!isDefined(op<Op>().vector)) return scalars1<f32, f32, Op>(out, x);
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

/** Two float32 operands. */
export function floats2<Op>(out: usize, x: usize, y: usize): void {
  if (!isDefined(op<Op>().vector)) return scalars2<f32, f32, Op>(out, x, y);
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

/** Three float32 operands. */
export function floats3<Op>(out: usize, x: usize, y: usize, z: usize): void {
  for (let n = begin4(out, x, y, z); n != 0; n = next()) {
    const bytes = <usize>(n >> 2) << 4;
    const o = pointer(0);
    const a = pointer(1);
    const b = pointer(2);
    const c = pointer(3);
    vectors3<Op>(o, a, b, c, bytes);
    const rest = n & 3;
    if (rest != 0) {
      toTail(1, a + bytes, rest);
      toTail(2, b + bytes, rest);
      toTail(3, c + bytes, rest);
      vectors3<Op>(TAIL, TAIL + 16, TAIL + 32, TAIL + 48, 16);
      fromTail(o + bytes, rest);
    }
  }
}

/** Sixteen comparisons as bytes of 0 and 1. */
// @ts-ignore: decorator
@inline
function storeMasks(out: usize, m0: v128, m1: v128, m2: v128, m3: v128): void {
  const low = i16x8.narrow_i32x4_s(m0, m1);
  const high = i16x8.narrow_i32x4_s(m2, m3);
  v128.store(out, v128.and(i8x16.narrow_i16x8_s(low, high), i8x16.splat(1)));
}

/** One float32 operand to bool. */
export function masks1<Op>(out: usize, x: usize): void {
  for (let n = begin2(out, x); n != 0; n = next()) {
    let o = pointer(0);
    let a = pointer(1);
    for (; n >= 16; n -= 16) {
      storeMasks(
        o,
        op<Op>().mask(v128.load(a)),
        op<Op>().mask(v128.load(a, 16)),
        op<Op>().mask(v128.load(a, 32)),
        op<Op>().mask(v128.load(a, 48)),
      );
      o += 16;
      a += 64;
    }
    for (; n > 0; n--) {
      store<bool>(o, op<Op>().scalar<f32>(load<f32>(a)));
      o += 1;
      a += 4;
    }
  }
}

/** Two float32 operands to bool. */
export function masks2<Op>(out: usize, x: usize, y: usize): void {
  for (let n = begin3(out, x, y); n != 0; n = next()) {
    let o = pointer(0);
    let a = pointer(1);
    let b = pointer(2);
    for (; n >= 16; n -= 16) {
      storeMasks(
        o,
        op<Op>().mask(v128.load(a), v128.load(b)),
        op<Op>().mask(v128.load(a, 16), v128.load(b, 16)),
        op<Op>().mask(v128.load(a, 32), v128.load(b, 32)),
        op<Op>().mask(v128.load(a, 48), v128.load(b, 48)),
      );
      o += 16;
      a += 64;
      b += 64;
    }
    for (; n > 0; n--) {
      store<bool>(o, op<Op>().scalar<f32>(load<f32>(a), load<f32>(b)));
      o += 1;
      a += 4;
      b += 4;
    }
  }
}

/** One operand of type T to a result of type R. */
export function scalars1<T, R, Op>(out: usize, x: usize): void {
  for (let n = begin2(out, x); n != 0; n = next()) {
    const o = pointer(0);
    const a = pointer(1);
    for (let i: usize = 0, end = <usize>n; i < end; i++) {
      store<R>(o + i * sizeof<R>(), op<Op>().scalar<T>(load<T>(a + i * sizeof<T>())));
    }
  }
}

/** Two operands of type T to a result of type R. */
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

/** Three operands of type T. */
export function scalars3<T, Op>(out: usize, x: usize, y: usize, z: usize): void {
  for (let n = begin4(out, x, y, z); n != 0; n = next()) {
    const o = pointer(0);
    const a = pointer(1);
    const b = pointer(2);
    const c = pointer(3);
    for (let i: usize = 0, end = <usize>n * sizeof<T>(); i < end; i += sizeof<T>()) {
      store<T>(o + i, op<Op>().scalar<T>(load<T>(a + i), load<T>(b + i), load<T>(c + i)));
    }
  }
}

export function complexes1<Op>(out: usize, x: usize): void {
  for (let n = begin2(out, x); n != 0; n = next()) {
    const o = pointer(0);
    const a = pointer(1);
    for (let i: usize = 0, end = <usize>n << 3; i < end; i += 8) {
      v128.store64_lane(o + i, op<Op>().complex(v128.load64_zero(a + i)), 0);
    }
  }
}

export function complexes2<Op>(out: usize, x: usize, y: usize): void {
  for (let n = begin3(out, x, y); n != 0; n = next()) {
    const o = pointer(0);
    const a = pointer(1);
    const b = pointer(2);
    for (let i: usize = 0, end = <usize>n << 3; i < end; i += 8) {
      v128.store64_lane(o + i, op<Op>().complex(v128.load64_zero(a + i), v128.load64_zero(b + i)), 0);
    }
  }
}

/** Comparisons of complex numbers: the first word of what `complex` gives. */
export function complexMasks1<Op>(out: usize, x: usize): void {
  for (let n = begin2(out, x); n != 0; n = next()) {
    const o = pointer(0);
    const a = pointer(1);
    for (let i: usize = 0, end = <usize>n; i < end; i++) {
      store<bool>(o + i, i32x4.extract_lane(op<Op>().complex(v128.load64_zero(a + (i << 3))), 0) != 0);
    }
  }
}

export function complexMasks2<Op>(out: usize, x: usize, y: usize): void {
  for (let n = begin3(out, x, y); n != 0; n = next()) {
    const o = pointer(0);
    const a = pointer(1);
    const b = pointer(2);
    for (let i: usize = 0, end = <usize>n; i < end; i++) {
      const mask = op<Op>().complex(v128.load64_zero(a + (i << 3)), v128.load64_zero(b + (i << 3)));
      store<bool>(o + i, i32x4.extract_lane(mask, 0) != 0);
    }
  }
}

/** One complex64 operand to float32, with Op's `fromComplex`. */
export function complexToFloat<Op>(out: usize, x: usize): void {
  for (let n = begin2(out, x); n != 0; n = next()) {
    const o = pointer(0);
    const a = pointer(1);
    for (let i: usize = 0, end = <usize>n; i < end; i++) {
      store<f32>(o + (i << 2), op<Op>().fromComplex(load<f32>(a + (i << 3)), load<f32>(a + (i << 3), 4)));
    }
  }
}
