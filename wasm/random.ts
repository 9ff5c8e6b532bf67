/** The random streams: PyTorch's CPU generator, bit for bit what native/random.cpp draws. */
import { DType, check, dtypeOf, int, lengthOf, unsupported } from './descriptor';
import {
  available,
  draw,
  draw4,
  draw53,
  draw64,
  fillUniform,
  finish,
  normal,
  start,
  uniform,
  uniformFloat,
  wholeAs,
} from './random_engine';
import {
  accurateLog,
  cosine,
  logOfUniform,
  sine,
  sineCosineOfUniform,
  sineCosinePairs,
} from './random_math';

export function randomUniform(out: usize, state: usize, from: f64, to: f64): void {
  start(2, state);
  const n = lengthOf(2, 0);
  if (dtypeOf(0) == DType.float32) {
    fillUniform(out, n, <f32>from, <f32>to - <f32>from);
  } else if (dtypeOf(0) == DType.float64) {
    const range = to - from;
    for (let i = 0; i < n; i++, out += 8) store<f64>(out, uniform() * range + from);
  } else {
    unsupported();
  }
  finish();
}

const BOX: i32 = 16;

/** Box-Muller: eight uniforms give radii, the other eight angles. */
function boxMullerFloat(p: usize, mean: f32, std: f32): void {
  for (let end = p + 32; p < end; p += 4) {
    const radius = Mathf.sqrt(-2.0 * logOfUniform(1.0 - load<f32>(p)));
    // Not inside the cast, where the literal would become an f32.
    const angle: f64 = 6.283185307179586 * <f64>load<f32>(p, 32);
    sineCosineOfUniform(<f32>angle);
    store<f32>(p, radius * <f32>cosine * std + mean);
    store<f32>(p, radius * <f32>sine * std + mean, 32);
  }
}

function boxMuller(p: usize, mean: f64, std: f64): void {
  for (let end = p + 64; p < end; p += 8) {
    const radius = Math.sqrt(-2.0 * accurateLog(1.0 - load<f64>(p)));
    sineCosinePairs(6.283185307179586 * load<f64>(p, 64));
    store<f64>(p, radius * cosine * std + mean);
    store<f64>(p, radius * sine * std + mean, 64);
  }
}

/** The block form of normal_: whole blocks of 16; where n is not a multiple, the last 16 are drawn afresh. */
function normalBlocks<T>(out: usize, n: i32, mean: f64, std: f64): void {
  for (let done = 0; done < n; done += BOX) {
    // The rest that is no block is drawn, and drawn again with the last block.
    const count = min(BOX, n - done);
    normalBlock<T>(out + <usize>done * sizeof<T>(), count, mean, std);
  }
  if (n % BOX != 0) normalBlock<T>(out + <usize>(n - BOX) * sizeof<T>(), BOX, mean, std);
}

// @ts-ignore: decorator
@inline
function normalBlock<T>(at: usize, count: i32, mean: f64, std: f64): void {
  if (sizeof<T>() == 4) {
    fillUniform(at, count, 0.0, 1.0);
    if (count == BOX) boxMullerFloat(at, <f32>mean, <f32>std);
  } else {
    for (let i = 0; i < count; i++) store<f64>(at + (<usize>i << 3), uniform());
    if (count == BOX) boxMuller(at, mean, std);
  }
}

export function randomNormal(out: usize, state: usize, mean: f64, std: f64): void {
  start(2, state);
  const n = lengthOf(2, 0);
  const serial = int(2, 0) != 0;
  const dtype = dtypeOf(0);
  if (dtype != DType.float32 && dtype != DType.float64) unsupported();
  if (n >= BOX && !serial) {
    if (dtype == DType.float32) normalBlocks<f32>(out, n, mean, std);
    else normalBlocks<f64>(out, n, mean, std);
  } else if (dtype == DType.float32) {
    for (let i = 0; i < n; i++, out += 4) store<f32>(out, <f32>(normal() * std + mean));
  } else {
    for (let i = 0; i < n; i++, out += 8) store<f64>(out, normal() * std + mean);
  }
  finish();
}

/** A 32-bit half of a 64-bit scalar. */
function half(value: f64): u64 {
  if (!(value >= -4294967296.0 && value <= 4294967295.0)) abort();
  return <u64>(<u32>(<i64>value));
}

function integers<T>(out: usize, n: i32, range: u64, base: u64): void {
  if (range == 0 || range > 0xffffffff) {
    for (let i = 0; i < n; i++, out += sizeof<T>()) {
      const bits = draw64();
      store<T>(out, <T>(<i64>((range == 0 ? bits : bits % range) + base)));
    }
  } else {
    const narrow = <u32>range;
    for (let i = 0; i < n; i++, out += sizeof<T>()) store<T>(out, <T>(<i64>(<u64>(draw() % narrow) + base)));
  }
}

export function randomInteger(
  out: usize,
  state: usize,
  rangeHigh: f64,
  rangeLow: f64,
  baseHigh: f64,
  baseLow: f64,
): void {
  start(2, state);
  const n = lengthOf(2, 0);
  const range = (half(rangeHigh) << 32) | half(rangeLow);
  const base = (half(baseHigh) << 32) | half(baseLow);
  switch (dtypeOf(0)) {
    case DType.float32:
      integers<f32>(out, n, range, base);
      break;
    case DType.float64:
      integers<f64>(out, n, range, base);
      break;
    case DType.int64:
      integers<i64>(out, n, range, base);
      break;
    case DType.int32:
      integers<i32>(out, n, range, base);
      break;
    case DType.int16:
      integers<i16>(out, n, range, base);
      break;
    case DType.int8:
    case DType.uint8:
    case DType.bool:
      integers<u8>(out, n, range, base);
      break;
    default:
      unsupported();
  }
  finish();
}

function permutation<T>(out: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<T>(out + <usize>i * sizeof<T>(), <T>i);
  for (let i = 0; i < n - 1; i++) {
    const here = out + <usize>i * sizeof<T>();
    const there = out + <usize>(i + <i32>(draw() % <u32>(n - i))) * sizeof<T>();
    const value = load<T>(here);
    store<T>(here, load<T>(there));
    store<T>(there, value);
  }
}

export function randomPermutation(out: usize, state: usize): void {
  start(2, state);
  const n = lengthOf(2, 0);
  switch (dtypeOf(0)) {
    case DType.float32:
      permutation<f32>(out, n);
      break;
    case DType.float64:
      permutation<f64>(out, n);
      break;
    case DType.int64:
      permutation<i64>(out, n);
      break;
    case DType.int32:
      permutation<i32>(out, n);
      break;
    case DType.int16:
      permutation<i16>(out, n);
      break;
    case DType.int8:
    case DType.uint8:
    case DType.bool:
      permutation<u8>(out, n);
      break;
    default:
      unsupported();
  }
  finish();
}

/** k < limit for four k of 53 bits, each from two of the words in x and y, as a mask of 32-bit lanes. */
// @ts-ignore: decorator
@inline
function below(x: v128, y: v128, limit: v128): v128 {
  const keep = i64x2.splat(0x1fffffffffffff);
  // The high word comes first, but a little-endian 64-bit lane begins with the low one.
  const first = v128.and(v128.shuffle<i32>(x, x, 1, 0, 3, 2), keep);
  const second = v128.and(v128.shuffle<i32>(y, y, 1, 0, 3, 2), keep);
  return v128.shuffle<i32>(i64x2.lt_s(first, limit), i64x2.lt_s(second, limit), 0, 2, 4, 6);
}

/** Float32 with one probability, as dropout wants them: four at a time where the state's block has eight words left. */
function bernoulliFloats(out: usize, n: i32, limit: u64, scale: f32): void {
  const limits = i64x2.splat(limit);
  const scales = f32x4.splat(scale);
  while (n > 0) {
    for (let i = min(available() >> 3, n >> 2); i > 0; i--) {
      const x = draw4();
      const mask = below(x, draw4(), limits);
      v128.store(out, v128.and(mask, scales));
      out += 16;
      n -= 4;
    }
    for (let i = min(4, n); i > 0; i--) {
      store<f32>(out, draw53() < limit ? scale : 0.0);
      out += 4;
      n--;
    }
  }
}

function bernoullis<T>(out: usize, n: i32, probabilities: usize, probability: f64, scale: f64): void {
  const one = wholeAs<T>(scale);
  if (probabilities == 0) {
    // u < p as whole numbers: k < ceil(p 2^53).
    const scaled = Math.ceil(probability * 9007199254740992.0);
    const limit: u64 = !(scaled > 0.0) ? 0 : scaled >= 9007199254740992.0 ? 1 << 53 : <u64>scaled;
    if (isFloat<T>() && sizeof<T>() == 4) return bernoulliFloats(out, n, limit, <f32>one);
    for (let i = 0; i < n; i++, out += sizeof<T>()) store<T>(out, draw53() < limit ? one : <T>0);
  } else if (dtypeOf(2) == DType.float32) {
    // A float32 probability is met by a float32 uniform, which takes one word.
    for (let i = 0; i < n; i++, out += sizeof<T>(), probabilities += 4) {
      store<T>(out, uniformFloat() < load<f32>(probabilities) ? one : <T>0);
    }
  } else {
    for (let i = 0; i < n; i++, out += sizeof<T>(), probabilities += 8) {
      store<T>(out, uniform() < load<f64>(probabilities) ? one : <T>0);
    }
  }
}

export function randomBernoulli(out: usize, state: usize, probabilities: usize, probability: f64, scale: f64): void {
  start(3, state);
  const n = lengthOf(3, 0);
  if (probabilities != 0) {
    check(3, 2, n);
    if (dtypeOf(2) != DType.float32 && dtypeOf(2) != DType.float64) unsupported();
  }
  switch (dtypeOf(0)) {
    case DType.float32:
      bernoullis<f32>(out, n, probabilities, probability, scale);
      break;
    case DType.float64:
      bernoullis<f64>(out, n, probabilities, probability, scale);
      break;
    case DType.int64:
      bernoullis<i64>(out, n, probabilities, probability, scale);
      break;
    case DType.int32:
      bernoullis<i32>(out, n, probabilities, probability, scale);
      break;
    case DType.int16:
      bernoullis<i16>(out, n, probabilities, probability, scale);
      break;
    case DType.int8:
    case DType.uint8:
    case DType.bool:
      bernoullis<u8>(out, n, probabilities, probability, scale);
      break;
    default:
      unsupported();
  }
  finish();
}
