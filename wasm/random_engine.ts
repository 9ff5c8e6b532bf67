/**
 * The generator: mt19937 over a state that the caller stages in (src/random/state.ts has the layout). One at a time:
 * `start` takes a state, `finish` writes the position back.
 */
import { DType, check, dtypeOf, unsupported } from './descriptor';
import { accurateLog, cosine, sine, sineCosinePairs } from './random_math';

const STATE_WORDS = 640;
const TWISTER: i32 = 624;
const LEFT: usize = 624 * 4;
const NEXT: usize = 625 * 4;
const NORMAL_VALID: usize = 628 * 4;
const NORMAL: usize = 630 * 4;

let words: usize = 0;
let position: i32 = 0;
let began: i32 = 0;
let refilled = false;

/** Takes the state, operand 1 of a kernel of k operands. */
export function start(k: i32, state: usize): void {
  if (dtypeOf(1) != DType.int32) unsupported();
  check(k, 1, STATE_WORDS);
  words = state;
  const left = load<i32>(state, LEFT);
  position = left >= 1 && left <= TWISTER ? TWISTER + 1 - left : TWISTER;
  began = position;
  refilled = false;
}

export function finish(): void {
  if (position == began && !refilled) return;
  store<i32>(words, TWISTER + 1 - position, LEFT);
  store<i32>(words, position, NEXT);
}

// @ts-ignore: decorator
@inline
function twist(at: usize, far: usize): void {
  const y = v128.or(
    v128.and(v128.load(at), i32x4.splat(0x80000000)),
    v128.and(v128.load(at, 4), i32x4.splat(0x7fffffff)),
  );
  const odd = i32x4.neg(v128.and(y, i32x4.splat(1)));
  const mask = v128.and(odd, i32x4.splat(0x9908b0df));
  v128.store(at, v128.xor(v128.xor(v128.load(far), i32x4.shr_u(y, 1)), mask));
}

// @ts-ignore: decorator
@inline
function twistOne(at: usize, following: usize, far: usize): void {
  const y = (load<u32>(at) & 0x80000000) | (load<u32>(following) & 0x7fffffff);
  store<u32>(at, load<u32>(far) ^ (y >> 1) ^ ((0 - (y & 1)) & 0x9908b0df));
}

function refill(): void {
  const s = words;
  let at = s;
  for (let i = 0; i < 56; i++, at += 16) twist(at, at + 397 * 4);
  for (let i = 224; i < 227; i++, at += 4) twistOne(at, at + 4, at + 397 * 4);
  for (let i = 0; i < 99; i++, at += 16) twist(at, at - 227 * 4);
  twistOne(at, s, s + 396 * 4);
  position = 0;
  refilled = true;
}

// @ts-ignore: decorator
@inline
function temper(y: u32): u32 {
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >> 18);
}

// @ts-ignore: decorator
@inline
function temper4(y: v128): v128 {
  y = v128.xor(y, i32x4.shr_u(y, 11));
  y = v128.xor(y, v128.and(i32x4.shl(y, 7), i32x4.splat(0x9d2c5680)));
  y = v128.xor(y, v128.and(i32x4.shl(y, 15), i32x4.splat(0xefc60000)));
  return v128.xor(y, i32x4.shr_u(y, 18));
}

/** How many words the current block still has. */
// @ts-ignore: decorator
@inline
export function available(): i32 {
  return TWISTER - position;
}

/** The next four words, of a block that has them. */
// @ts-ignore: decorator
@inline
export function draw4(): v128 {
  const y = v128.load(words + (<usize>position << 2));
  position += 4;
  return temper4(y);
}

/** 32 random bits. */
// @ts-ignore: decorator
@inline
export function draw(): u32 {
  if (position == TWISTER) refill();
  const y = load<u32>(words + (<usize>position << 2));
  position++;
  return temper(y);
}

/** 64 random bits, the high word first. */
// @ts-ignore: decorator
@inline
export function draw64(): u64 {
  const high = <u64>draw();
  return (high << 32) | <u64>draw();
}

/** The whole number of 53 bits behind {@link uniform}. */
// @ts-ignore: decorator
@inline
export function draw53(): u64 {
  return draw64() & 0x1fffffffffffff;
}

/** Uniform in [0, 1), 53 bits. */
// @ts-ignore: decorator
@inline
export function uniform(): f64 {
  return <f64>(<i64>draw53()) * 1.1102230246251565e-16;
}

/** Uniform in [0, 1), 24 bits. */
// @ts-ignore: decorator
@inline
export function uniformFloat(): f32 {
  return <f32>(<i32>(draw() & 0xffffff)) * 5.9604644775390625e-8;
}

/** n floats from + u · range, four at a time inside a block of the state. */
export function fillUniform(out: usize, n: i32, from: f32, range: f32): void {
  while (n > 0) {
    if (position == TWISTER) refill();
    const count = min(n, TWISTER - position);
    const vectors = count >> 2;
    let at = words + (<usize>position << 2);
    for (let i = 0; i < vectors; i++) {
      let y = temper4(v128.load(at));
      y = f32x4.convert_i32x4_s(v128.and(y, i32x4.splat(0xffffff)));
      y = f32x4.mul(f32x4.mul(y, f32x4.splat(5.9604644775390625e-8)), f32x4.splat(range));
      v128.store(out, f32x4.add(y, f32x4.splat(from)));
      at += 16;
      out += 16;
    }
    position += vectors << 2;
    for (let i = vectors << 2; i < count; i++) {
      store<f32>(out, uniformFloat() * range + from);
      out += 4;
    }
    n -= count;
  }
}

/** A standard normal number; they come in pairs, the second waits in the state. */
export function normal(): f64 {
  const state = words;
  if (load<i32>(state, NORMAL_VALID) != 0) {
    store<i32>(state, 0, NORMAL_VALID);
    const value = load<f64>(state, NORMAL);
    store<f64>(state, 0, NORMAL);
    return value;
  }
  const u1 = uniform();
  const u2 = uniform();
  // log1p(-u2): 1 - u2 is exact.
  const radius = Math.sqrt(-2.0 * accurateLog(1.0 - u2));
  sineCosinePairs(6.283185307179586 * u1);
  store<f64>(state, radius * sine, NORMAL);
  store<i32>(state, 1, NORMAL_VALID);
  return radius * cosine;
}

/** A whole f64 as an element: what lies beyond i64 is clamped, the rest wraps. */
// @ts-ignore: decorator
@inline
export function wholeAs<T>(value: f64): T {
  if (isFloat<T>()) return <T>value;
  if (!(value < 9223372036854775807.0)) return <T>i64.MAX_VALUE;
  if (value < -9223372036854775808.0) return <T>i64.MIN_VALUE;
  return <T>(<i64>value);
}
