/**
 * The functions behind the random streams, in the same operations as native/random_math.h: both backends draw the same
 * bits.
 */
import { LOG, LOG_FLOAT, POWER, SINE } from './random_tables';

/** log(u) for u = k / 2^24 in (0, 1], as glibc's logf gives it. */
// @ts-ignore: decorator
@inline
export function logOfUniform(u: f32): f32 {
  const bits = reinterpret<u32>(u);
  const offset = bits - 0x3f330000;
  const row = LOG_FLOAT + <usize>(((offset >> 19) & 15) << 4);
  const exponent = <f64>(<i32>offset >> 23);
  const z = reinterpret<f32>(bits - (offset & 0xff800000));
  const r = <f64>z * load<f64>(row) - 1.0;
  const base = load<f64>(row, 8) + exponent * 0.6931471805599453;
  const r2 = r * r;
  let y = 0.333456765744066 * r + -0.4999997485802103;
  y = -0.25089342214237154 * r2 + y;
  return <f32>(y * r2 + (base + r));
}

/** What {@link sineCosineOfUniform} and {@link sineCosinePairs} found, and the second half of an exact result. */
export let sine: f64 = 0;
export let sineLow: f64 = 0;
export let cosine: f64 = 0;
export let cosineLow: f64 = 0;
let low: f64 = 0;

/**
 * Sine and cosine of t = float(2 pi u), u = k / 2^24 in [0, 1): rounded to f32 they are what glibc's sinf and cosf give.
 */
// @ts-ignore: decorator
@inline
export function sineCosineOfUniform(t: f32): void {
  const angle = <f64>t;
  const quarter = <i32>(angle * 0.6366197723675814 + 0.5);
  const x = angle - <f64>quarter * 1.5707963267948966;
  const x2 = x * x;
  const x3 = x * x2;
  const x4 = x2 * x2;
  const c1 = 1.0 + x2 * -0.49999999725108224;
  const c2 = -0.001388676379437604 + x2 * 2.4390450703564542e-5;
  const c = c1 + x4 * 0.041666623324344516 + x4 * x2 * c2;
  const s1 = 0.008332178146138854 + x2 * -0.00019517298981385725;
  const s = x + x3 * -0.16666654943701084 + x3 * x2 * s1;
  // Odd quarters swap the two and some change sign; by bits, since a branch would be foreseen half of the time.
  const cBits = reinterpret<u64>(c);
  const sBits = reinterpret<u64>(s);
  const swap = (cBits ^ sBits) & (0 - <u64>(quarter & 1));
  sine = reinterpret<f64>(sBits ^ swap ^ (<u64>(quarter & 2) << 62));
  cosine = reinterpret<f64>(cBits ^ swap ^ (<u64>((quarter + 1) & 2) << 62));
}

/** a + b; `low` is what was rounded off. */
// @ts-ignore: decorator
@inline
function addExactly(a: f64, b: f64): f64 {
  const sum = a + b;
  const part = sum - a;
  low = a - (sum - part) + (b - part);
  return sum;
}

/** a * b; `low` is what was rounded off. */
// @ts-ignore: decorator
@inline
function multiplyExactly(a: f64, b: f64): f64 {
  const product = a * b;
  let t = a * 134217729.0;
  const a1 = t - (t - a);
  const a2 = a - a1;
  t = b * 134217729.0;
  const b1 = t - (t - b);
  const b2 = b - b1;
  low = a1 * b1 - product + a1 * b2 + a2 * b1 + a2 * b2;
  return product;
}

/** log(x) of a normal x > 0, or -inf of 0; the last bit is wrong for one argument in some thousands. */
export function accurateLog(x: f64): f64 {
  if (x <= 0.0) return -Infinity;
  const bits = reinterpret<u64>(x);
  const offset = bits - 0x3fe6000000000000;
  const row = LOG + <usize>((offset >> 46) & 63) * 24;
  const exponent = <f64>(<i64>offset >> 52);
  const mantissa = bits - (offset & 0xfff0000000000000);
  const z = reinterpret<f64>(mantissa);
  const zUpper = reinterpret<f64>(mantissa & 0xffffffff00000000);
  const inverse = load<f64>(row);
  // r = z / c - 1; both products are exact.
  const h = addExactly(zUpper * inverse - 1.0, (z - zUpper) * inverse);
  const hLow = low;
  const base = exponent * 0.6931471805598903 + load<f64>(row, 8);
  const square = multiplyExactly(h, h);
  const squareLow = low;
  const first = addExactly(base, h);
  const firstLow = low;
  const second = addExactly(first, -0.5 * square);
  const secondLow = low;
  let series: f64 = 1.0 / 11.0;
  series = series * h - 1.0 / 10.0;
  series = series * h + 1.0 / 9.0;
  series = series * h - 1.0 / 8.0;
  series = series * h + 1.0 / 7.0;
  series = series * h - 1.0 / 6.0;
  series = series * h + 1.0 / 5.0;
  series = series * h - 1.0 / 4.0;
  series = series * h + 1.0 / 3.0;
  let rest = exponent * 5.497923018708371e-14 + load<f64>(row, 16);
  rest += firstLow + secondLow - 0.5 * squareLow;
  rest += hLow - h * hLow;
  rest += h * square * series;
  return second + rest;
}

/** Sine and cosine of an angle in [0, 2 pi], each in two parts: `sine`, `sineLow`, `cosine`, `cosineLow`. */
export function sineCosinePairs(angle: f64): void {
  const step = <i32>(angle * 20.371832715762604 + 0.5);
  const count = <f64>step;
  const y = addExactly(angle - count * 0.049087385212338575, -(count * 1.9448038037175816e-15));
  const yLow = low - count * 1.10048745786975e-28;
  const row = <usize>((step & 31) << 4);
  const s = load<f64>(SINE + row);
  const sLow = load<f64>(SINE + row, 8);
  const c = load<f64>(SINE + 512 - row);
  const cLow = load<f64>(SINE + 512 - row, 8);
  const y2 = y * y;
  // sin y - y and cos y - 1
  let sineRest: f64 = 1.0 / 362880.0;
  sineRest = sineRest * y2 - 1.0 / 5040.0;
  sineRest = sineRest * y2 + 1.0 / 120.0;
  sineRest = sineRest * y2 - 1.0 / 6.0;
  sineRest = sineRest * y2 * y;
  let cosineRest: f64 = 1.0 / 40320.0;
  cosineRest = cosineRest * y2 - 1.0 / 720.0;
  cosineRest = cosineRest * y2 + 1.0 / 24.0;
  cosineRest = cosineRest * y2 - 0.5;
  cosineRest = cosineRest * y2;
  const cy = multiplyExactly(c, y);
  const cyLow = low;
  const sum = addExactly(s, cy);
  const sumLow = low;
  const p = addExactly(sum, cyLow + sumLow + sLow + cLow * y + c * yLow + s * cosineRest + c * sineRest);
  const pLow = low;
  const sy = multiplyExactly(s, y);
  const syLow = low;
  const difference = addExactly(c, -sy);
  const differenceLow = low;
  const q = addExactly(
    difference,
    differenceLow - syLow + cLow - sLow * y - s * yLow + c * cosineRest - s * sineRest,
  );
  const qLow = low;
  const quarter = step >> 5;
  const odd = (quarter & 1) != 0;
  const sineSign: f64 = (quarter & 2) != 0 ? -1.0 : 1.0;
  const cosineSign: f64 = ((quarter + 1) & 2) != 0 ? -1.0 : 1.0;
  sine = sineSign * (odd ? q : p);
  sineLow = sineSign * (odd ? qLow : pLow);
  cosine = cosineSign * (odd ? p : q);
  cosineLow = cosineSign * (odd ? pLow : qLow);
}

/** tan(x) of an x in [-pi/2, pi/2]. */
export function accurateTangent(x: f64): f64 {
  sineCosinePairs(x < 0.0 ? -x : x);
  const quotient = sine / cosine;
  const back = multiplyExactly(quotient, cosine);
  const result = quotient + (sine - back - low + sineLow - quotient * cosineLow) / cosine;
  return x < 0.0 ? -result : result;
}

/** exp(x); NaN gives NaN. */
export function accurateExp(x: f64): f64 {
  if (!(x < 709.79)) return x != x ? x : Infinity;
  if (x < -745.2) return 0.0;
  const scaled = x * 46.16624130844683;
  const step = <i32>(scaled < 0.0 ? scaled - 0.5 : scaled + 0.5);
  const high = x - <f64>step * 0.021660849392446835;
  const r = high - <f64>step * 5.145609244655338e-14;
  const rLow = high - r - <f64>step * 5.145609244655338e-14;
  let series: f64 = 1.0 / 5040.0;
  series = series * r + 1.0 / 720.0;
  series = series * r + 1.0 / 120.0;
  series = series * r + 1.0 / 24.0;
  series = series * r + 1.0 / 6.0;
  series = series * r + 0.5;
  const rest = r + (rLow + series * r * r);
  const row = POWER + <usize>((step & 31) << 4);
  const value = load<f64>(row) + (load<f64>(row, 8) + load<f64>(row) * rest);
  // Two factors, so that neither leaves the normal numbers.
  const exponent = step >> 5;
  const half = exponent >> 1;
  const factor = reinterpret<f64>(<u64>(1023 + half) << 52);
  const second = reinterpret<f64>(<u64>(1023 + exponent - half) << 52);
  return value * factor * second;
}
