/**
 * Elementary functions of four float32, within 1 ULP where not said otherwise, with NaN, infinities, ±0 and subnormals
 * as C has them. The polynomials are minimax fits over the reduced ranges. How constants are written, and which
 * instructions are not used, is told in vector.ts.
 */
import {
  INFINITE,
  I_ONE,
  I_ZERO,
  NOT_A_NUMBER,
  ONE,
  TWO,
  ZERO,
  all,
  magnitude,
  multiplyAdd,
  negative,
  pick,
  withSign,
} from './vector';

/** Adding it to a float32 below 2²² rounds to a whole number, which then stands in the low bits. */
const ROUNDER: usize = memory.data<f32>([12582912]);
const EXPONENT_OF_ONE: usize = memory.data<i32>([127]);
const EXPONENT_OF_ZERO: usize = memory.data<i32>([-127]);

/** 2ᵏ for whole k from -126 to 127. */
// @ts-ignore: decorator
@inline
function power2(k: v128): v128 {
  return i32x4.shl(i32x4.add(k, all(EXPONENT_OF_ONE)), 23);
}

/** y · 2ᵏ for k from -252 to 254, in two steps, so that a subnormal result is rounded once. */
// @ts-ignore: decorator
@inline
function scale(y: v128, k: v128): v128 {
  const half = i32x4.shr_s(k, 1);
  return f32x4.mul(f32x4.mul(y, power2(half)), power2(i32x4.sub(k, half)));
}

const LOG2_E: usize = memory.data<f32>([1.4426950408889634]);
/** ln 2 in two parts, the first with so few digits that its multiples are exact. */
const MINUS_LN2_HIGH: usize = memory.data<f32>([-0.693359375]);
const MINUS_LN2_LOW: usize = memory.data<f32>([2.1219444005e-4]);
const LN2: usize = memory.data<f32>([0.6931471805599453]);
/** Beyond these eˣ is 0 or infinite. */
const EXP_LOWEST: usize = memory.data<f32>([-104]);
const EXP_HIGHEST: usize = memory.data<f32>([89]);
const EXP2_LOWEST: usize = memory.data<f32>([-151]);
const EXP2_HIGHEST: usize = memory.data<f32>([129]);
/** Below this eˣ - 1 is -1. */
const EXPM1_LOWEST: usize = memory.data<f32>([-20]);
const EXP_0: usize = memory.data<f32>([0.5000000095832872]);
const EXP_1: usize = memory.data<f32>([0.166665181691095]);
const EXP_2: usize = memory.data<f32>([0.041666203713783045]);
const EXP_3: usize = memory.data<f32>([0.008368969951748243]);
const EXP_4: usize = memory.data<f32>([0.0013950630643541038]);

/** eʳ - 1 for |r| ≤ ½ ln 2. */
// @ts-ignore: decorator
@inline
function expm1Reduced(r: v128): v128 {
  const square = f32x4.mul(r, r);
  const low = multiplyAdd(all(EXP_1), r, all(EXP_0));
  const high = multiplyAdd(multiplyAdd(all(EXP_4), r, all(EXP_3)), r, all(EXP_2));
  return multiplyAdd(multiplyAdd(high, square, low), square, r);
}

/** eˣ: x = k ln 2 + r. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const bounded = f32x4.pmin(f32x4.pmax(x, all(EXP_LOWEST)), all(EXP_HIGHEST));
  const rounded = multiplyAdd(bounded, all(LOG2_E), all(ROUNDER));
  const whole = f32x4.sub(rounded, all(ROUNDER));
  const r = multiplyAdd(whole, all(MINUS_LN2_LOW), multiplyAdd(whole, all(MINUS_LN2_HIGH), bounded));
  return scale(f32x4.add(expm1Reduced(r), all(ONE)), i32x4.sub(rounded, all(ROUNDER)));
}

/** 2ˣ. */
// @ts-ignore: decorator
@inline
export function exp2(x: v128): v128 {
  const bounded = f32x4.pmin(f32x4.pmax(x, all(EXP2_LOWEST)), all(EXP2_HIGHEST));
  const rounded = f32x4.add(bounded, all(ROUNDER));
  const r = f32x4.mul(f32x4.sub(bounded, f32x4.sub(rounded, all(ROUNDER))), all(LN2));
  return scale(f32x4.add(expm1Reduced(r), all(ONE)), i32x4.sub(rounded, all(ROUNDER)));
}

/** eˣ - 1 = (eʳ - 1 + (1 - 2⁻ᵏ)) 2ᵏ; within 2 ULP. */
// @ts-ignore: decorator
@inline
export function expm1(x: v128): v128 {
  const bounded = f32x4.pmin(f32x4.pmax(x, all(EXPM1_LOWEST)), all(EXP_HIGHEST));
  const rounded = multiplyAdd(bounded, all(LOG2_E), all(ROUNDER));
  const whole = f32x4.sub(rounded, all(ROUNDER));
  const r = multiplyAdd(whole, all(MINUS_LN2_LOW), multiplyAdd(whole, all(MINUS_LN2_HIGH), bounded));
  const k = i32x4.sub(rounded, all(ROUNDER));
  const rest = expm1Reduced(r);
  const inverse = power2(i32x4.max_s(i32x4.sub(all(I_ZERO), k), all(EXPONENT_OF_ZERO)));
  const y = scale(f32x4.add(rest, f32x4.sub(all(ONE), inverse)), k);
  // k = 0: the sum would lose the sign of -0
  return pick(f32x4.eq(whole, all(ZERO)), pick(f32x4.eq(x, all(ZERO)), x, rest), y);
}

/** 1 / (1 + e⁻ˣ); within 2 ULP. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  return f32x4.div(all(ONE), f32x4.add(all(ONE), exp(negative(x))));
}

/** From here on tanh is ±1. */
const TANH_HIGHEST: usize = memory.data<f32>([10]);
const TANH_FROM: usize = memory.data<f32>([0.5]);
const TANH_0: usize = memory.data<f32>([-0.3333332704940657]);
const TANH_1: usize = memory.data<f32>([0.13332970737263938]);
const TANH_2: usize = memory.data<f32>([-0.05389997157198332]);
const TANH_3: usize = memory.data<f32>([0.02130170333328664]);
const TANH_4: usize = memory.data<f32>([-0.006653572282721133]);

/** x + x³ p(x²) up to ½, then 1 - 2 / (e²ˣ + 1); within 2 ULP. */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const a = f32x4.pmin(magnitude(x), all(TANH_HIGHEST));
  const square = f32x4.mul(a, a);
  let p = multiplyAdd(all(TANH_4), square, all(TANH_3));
  p = multiplyAdd(p, square, all(TANH_2));
  p = multiplyAdd(p, square, all(TANH_1));
  p = multiplyAdd(p, square, all(TANH_0));
  const near = multiplyAdd(f32x4.mul(p, square), a, a);
  const far = f32x4.sub(all(ONE), f32x4.div(all(TWO), f32x4.add(exp(f32x4.add(a, a)), all(ONE))));
  return withSign(pick(f32x4.lt(a, all(TANH_FROM)), near, far), x);
}

const SMALLEST_NORMAL: usize = memory.data<u32>([0x00800000]);
const TWO_23: usize = memory.data<f32>([8388608]);
const TWENTY_THREE: usize = memory.data<f32>([23]);
/** The bits of √½: mantissas are taken from there to √2. */
const ROOT_HALF: usize = memory.data<u32>([0x3f3504f3]);
const EXPONENT: usize = memory.data<u32>([0xff800000]);
const LN2_HIGH: usize = memory.data<f32>([0.693359375]);
const LN2_LOW: usize = memory.data<f32>([-2.1219444005e-4]);
const MINUS_HALF: usize = memory.data<f32>([-0.5]);
const LOG_0: usize = memory.data<f32>([0.33333312597092807]);
const LOG_1: usize = memory.data<f32>([-0.2500000978515312]);
const LOG_2: usize = memory.data<f32>([0.20002119539530086]);
const LOG_3: usize = memory.data<f32>([-0.16667985761899098]);
const LOG_4: usize = memory.data<f32>([0.14219521487895193]);
const LOG_5: usize = memory.data<f32>([-0.12405753348120745]);
const LOG_6: usize = memory.data<f32>([0.11888589245240108]);
const LOG_7: usize = memory.data<f32>([-0.11674819003291187]);
const LOG_8: usize = memory.data<f32>([0.06744587231908876]);

/** ln x + low, low being small beside ln x (or 0): x = 2ᵉ (1 + f). */
// @ts-ignore: decorator
@inline
function logPlus(x: v128, low: v128): v128 {
  const small = f32x4.lt(x, all(SMALLEST_NORMAL));
  const bits = pick(small, f32x4.mul(x, all(TWO_23)), x);
  const above = i32x4.sub(bits, all(ROOT_HALF));
  const f = f32x4.sub(i32x4.sub(bits, v128.and(above, all(EXPONENT))), all(ONE));
  const e = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(above, 23)), v128.and(small, all(TWENTY_THREE)));
  const square = f32x4.mul(f, f);
  const a = multiplyAdd(all(LOG_1), f, all(LOG_0));
  const b = multiplyAdd(all(LOG_3), f, all(LOG_2));
  const c = multiplyAdd(all(LOG_5), f, all(LOG_4));
  const d = multiplyAdd(multiplyAdd(all(LOG_8), f, all(LOG_7)), f, all(LOG_6));
  const p = multiplyAdd(multiplyAdd(multiplyAdd(d, square, c), square, b), square, a);
  const rest = multiplyAdd(e, all(LN2_LOW), f32x4.add(f32x4.mul(p, f32x4.mul(f, square)), low));
  const y = f32x4.add(multiplyAdd(square, all(MINUS_HALF), rest), f);
  const result = multiplyAdd(e, all(LN2_HIGH), y);
  const ordinary = v128.and(f32x4.gt(x, all(ZERO)), f32x4.lt(x, all(INFINITE)));
  const zero = f32x4.eq(x, all(ZERO));
  const infinite = f32x4.eq(x, all(INFINITE));
  const special = pick(zero, negative(all(INFINITE)), pick(infinite, x, all(NOT_A_NUMBER)));
  return pick(ordinary, result, special);
}

/** ln x. */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  return logPlus(x, all(ZERO));
}

/** ln (1 + x): what the sum u = 1 + x loses comes back as its first-order term (x - (u - 1)) / u; within 2 ULP. */
// @ts-ignore: decorator
@inline
export function log1p(x: v128): v128 {
  const u = f32x4.add(x, all(ONE));
  const large = f32x4.gt(x, all(ONE));
  // the smaller one of the two is subtracted last, so that the difference is exact
  const lost = f32x4.sub(pick(large, all(ONE), x), f32x4.sub(u, pick(large, x, all(ONE))));
  const correction = v128.and(f32x4.div(lost, u), f32x4.lt(magnitude(x), all(INFINITE)));
  const y = logPlus(u, correction);
  return pick(f32x4.eq(u, all(ONE)), x, y);
}

const ERF_FROM: usize = memory.data<f32>([0.85]);
/** From here on erf is ±1. */
const ERF_HIGHEST: usize = memory.data<f32>([4]);
const ERF_0: usize = memory.data<f32>([0.12837916695878696]);
const ERF_1: usize = memory.data<f32>([-0.37612637027227713]);
const ERF_2: usize = memory.data<f32>([0.11283749616946567]);
const ERF_3: usize = memory.data<f32>([-0.026862626738462764]);
const ERF_4: usize = memory.data<f32>([0.0052096820486991074]);
const ERF_5: usize = memory.data<f32>([-0.0008248977132644664]);
const ERF_6: usize = memory.data<f32>([8.857768478942943e-05]);
const ERFC_0: usize = memory.data<f32>([-0.00011470289068131408]);
const ERFC_1: usize = memory.data<f32>([-1.1280154465067866]);
const ERFC_2: usize = memory.data<f32>([-0.6366016593782646]);
const ERFC_3: usize = memory.data<f32>([-0.10444803520159229]);
const ERFC_4: usize = memory.data<f32>([0.022478977027253433]);
const ERFC_5: usize = memory.data<f32>([-0.003107179771069335]);
const ERFC_6: usize = memory.data<f32>([0.00020252743476623092]);

/** erf x: x + x p(x²) up to 0.85, then 1 - exp q(|x|). */
// @ts-ignore: decorator
@inline
export function erf(x: v128): v128 {
  const a = f32x4.pmin(magnitude(x), all(ERF_HIGHEST));
  let q = multiplyAdd(all(ERFC_6), a, all(ERFC_5));
  q = multiplyAdd(q, a, all(ERFC_4));
  q = multiplyAdd(q, a, all(ERFC_3));
  q = multiplyAdd(q, a, all(ERFC_2));
  q = multiplyAdd(q, a, all(ERFC_1));
  q = multiplyAdd(q, a, all(ERFC_0));
  const square = f32x4.mul(x, x);
  let p = multiplyAdd(all(ERF_6), square, all(ERF_5));
  p = multiplyAdd(p, square, all(ERF_4));
  p = multiplyAdd(p, square, all(ERF_3));
  p = multiplyAdd(p, square, all(ERF_2));
  p = multiplyAdd(p, square, all(ERF_1));
  p = multiplyAdd(p, square, all(ERF_0));
  return pick(
    f32x4.lt(a, all(ERF_FROM)),
    multiplyAdd(x, p, x),
    withSign(f32x4.sub(all(ONE), exp(q)), x),
  );
}

const TWO_OVER_PI: usize = memory.data<f64>([0.6366197723675814]);
/** π / 2 in two parts, the first of 33 bits. */
const MINUS_HALF_PI_HIGH: usize = memory.data<f64>([-1.57079632673412561417]);
const MINUS_HALF_PI_LOW: usize = memory.data<f64>([-6.07710050650619224932e-11]);
const ROUNDER_64: usize = memory.data<f64>([6755399441055744]);
/** Up to here x is reduced by multiples of π / 2 that are whole in 20 bits, so their products are exact. */
const CIRCLE_HIGHEST: usize = memory.data<f32>([1000000]);
const SIN_0: usize = memory.data<f32>([-0.16666654908622133]);
const SIN_1: usize = memory.data<f32>([0.008332175846022407]);
const SIN_2: usize = memory.data<f32>([-0.0001951697745376001]);
const COS_0: usize = memory.data<f32>([0.04166664680715595]);
const COS_1: usize = memory.data<f32>([-0.0013887364484219129]);
const COS_2: usize = memory.data<f32>([2.4438090846370573e-5]);

/** Whether every |x| is within CIRCLE_HIGHEST. */
// @ts-ignore: decorator
@inline
export function withinCircles(x: v128): bool {
  return i32x4.all_true(f32x4.le(magnitude(x), all(CIRCLE_HIGHEST)));
}

/** sin (x + quarter π / 2) for |x| ≤ CIRCLE_HIGHEST: reduced in float64, by polynomials in float32. */
// @ts-ignore: decorator
@inline
export function sine(x: v128, quarter: usize): v128 {
  const rounder = v128.load64_splat(ROUNDER_64);
  const x0 = f64x2.promote_low_f32x4(x);
  const x1 = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
  const rounded0 = f64x2.add(f64x2.mul(x0, v128.load64_splat(TWO_OVER_PI)), rounder);
  const rounded1 = f64x2.add(f64x2.mul(x1, v128.load64_splat(TWO_OVER_PI)), rounder);
  const whole0 = f64x2.sub(rounded0, rounder);
  const whole1 = f64x2.sub(rounded1, rounder);
  const high = v128.load64_splat(MINUS_HALF_PI_HIGH);
  const low = v128.load64_splat(MINUS_HALF_PI_LOW);
  const r0 = f64x2.add(f64x2.add(x0, f64x2.mul(whole0, high)), f64x2.mul(whole0, low));
  const r1 = f64x2.add(f64x2.add(x1, f64x2.mul(whole1, high)), f64x2.mul(whole1, low));
  const r = v128.shuffle<f32>(f32x4.demote_f64x2_zero(r0), f32x4.demote_f64x2_zero(r1), 0, 1, 4, 5);
  const quadrant = i32x4.add(v128.shuffle<i32>(rounded0, rounded1, 0, 2, 4, 6), all(quarter));
  const square = f32x4.mul(r, r);
  const s = multiplyAdd(multiplyAdd(all(SIN_2), square, all(SIN_1)), square, all(SIN_0));
  const sin = multiplyAdd(f32x4.mul(s, square), r, r);
  const c = multiplyAdd(multiplyAdd(all(COS_2), square, all(COS_1)), square, all(COS_0));
  const cos = multiplyAdd(f32x4.mul(c, square), square, multiplyAdd(square, all(MINUS_HALF), all(ONE)));
  const odd = i32x4.eq(v128.and(quadrant, all(I_ONE)), all(I_ONE));
  const sign = i32x4.shl(i32x4.shr_u(quadrant, 1), 31);
  return v128.xor(pick(odd, cos, sin), sign);
}
