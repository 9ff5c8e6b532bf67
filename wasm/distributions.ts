/** The random streams' further distributions, bit for bit what native/distributions.cpp draws. */
import { DType, Problem, check, dtypeOf, int, lengthOf, report, unsupported } from './descriptor';
import { finish, normal, start, uniform, wholeAs } from './random_engine';
import { accurateExp, accurateLog, accurateTangent } from './random_math';

/** Stores a number in out's float type; returns where the next one goes. */
// @ts-ignore: decorator
@inline
function put(out: usize, single: bool, value: f64): usize {
  if (single) {
    store<f32>(out, <f32>value);
    return out + 4;
  }
  store<f64>(out, value);
  return out + 8;
}

/** Whether out is float32; no other dtype than that and float64 is taken. */
function isSingle(): bool {
  if (dtypeOf(0) == DType.float32) return true;
  if (dtypeOf(0) != DType.float64) unsupported();
  return false;
}

export function randomExponential(out: usize, state: usize, rate: f64): void {
  start(2, state);
  const n = lengthOf(2, 0);
  const single = isSingle();
  const factor = -1.0 / rate;
  for (let i = 0; i < n; i++) out = put(out, single, factor * accurateLog(1.0 - uniform()));
  finish();
}

export function randomCauchy(out: usize, state: usize, median: f64, sigma: f64): void {
  start(2, state);
  const n = lengthOf(2, 0);
  const single = isSingle();
  for (let i = 0; i < n; i++) {
    out = put(out, single, median + sigma * accurateTangent(3.141592653589793 * (uniform() - 0.5)));
  }
  finish();
}

export function randomLogNormal(out: usize, state: usize, mean: f64, std: f64): void {
  start(2, state);
  const n = lengthOf(2, 0);
  const single = isSingle();
  for (let i = 0; i < n; i++) out = put(out, single, accurateExp(normal() * std + mean));
  finish();
}

function geometrics<T>(out: usize, n: i32, divisor: f64): void {
  for (let i = 0; i < n; i++, out += sizeof<T>()) {
    store<T>(out, wholeAs<T>(Math.ceil(accurateLog(uniform()) / divisor)));
  }
}

export function randomGeometric(out: usize, state: usize, probability: f64): void {
  start(2, state);
  const n = lengthOf(2, 0);
  const divisor = accurateLog(1.0 - probability);
  switch (dtypeOf(0)) {
    case DType.float32:
      geometrics<f32>(out, n, divisor);
      break;
    case DType.float64:
      geometrics<f64>(out, n, divisor);
      break;
    case DType.int64:
      geometrics<i64>(out, n, divisor);
      break;
    case DType.int32:
      geometrics<i32>(out, n, divisor);
      break;
    case DType.int16:
      geometrics<i16>(out, n, divisor);
      break;
    case DType.int8:
    case DType.uint8:
    case DType.bool:
      geometrics<u8>(out, n, divisor);
      break;
    default:
      unsupported();
  }
  finish();
}

/** log(k!) of a whole k ≥ 0: a product up to 15!, then Stirling's series. */
function logFactorial(k: f64): f64 {
  if (k < 16.0) {
    let product: f64 = 1.0;
    for (let i: f64 = 2.0; i <= k; i += 1.0) product *= i;
    return accurateLog(product);
  }
  const x = k + 1.0;
  const r = 1.0 / x;
  const r2 = r * r;
  const series = r * (1.0 / 12.0 - r2 * (1.0 / 360.0 - r2 * (1.0 / 1260.0 - r2 * (1.0 / 1680.0))));
  return (x - 0.5) * accurateLog(x) - x + 0.9189385332046728 + series;
}

/** Knuth's product of uniforms below a rate of 10, Hörmann's transformed rejection (PTRS) from there on. */
function drawPoisson(rate: f64): f64 {
  if (!(rate > 0.0)) return 0.0;
  if (rate < 10.0) {
    const limit = accurateExp(-rate);
    let product: f64 = 1.0;
    for (let count: f64 = 0.0; ; count += 1.0) {
      product *= uniform();
      if (product <= limit) return count;
    }
  }
  const logRate = accurateLog(rate);
  const b = 0.931 + 2.53 * Math.sqrt(rate);
  const a = -0.059 + 0.02483 * b;
  const logInverseAlpha = accurateLog(1.1239 + 1.1328 / (b - 3.4));
  const accept = 0.9277 - 3.6224 / (b - 2.0);
  while (true) {
    const u = uniform() - 0.5;
    const v = uniform();
    const edge = 0.5 - (u < 0.0 ? -u : u);
    const k = Math.floor((2.0 * a / edge + b) * u + rate + 0.43);
    if (edge >= 0.07 && v <= accept) return k;
    if (k < 0.0 || (edge < 0.013 && v > edge)) continue;
    if (
      accurateLog(v) + logInverseAlpha - accurateLog(a / (edge * edge) + b) <=
      -rate + k * logRate - logFactorial(k)
    ) {
      return k;
    }
  }
}

export function randomPoisson(out: usize, state: usize, rates: usize): void {
  start(3, state);
  const n = lengthOf(3, 0);
  check(3, 2, n);
  const single = isSingle();
  if (dtypeOf(2) == DType.float32) {
    for (let i = 0; i < n; i++, rates += 4) out = put(out, single, drawPoisson(<f64>load<f32>(rates)));
  } else {
    if (dtypeOf(2) != DType.float64) unsupported();
    for (let i = 0; i < n; i++, rates += 8) out = put(out, single, drawPoisson(load<f64>(rates)));
  }
  finish();
}

/** A row's cumulative probabilities; false (and a report) where a weight is not finite and ≥ 0 or all are 0. */
function accumulate<T>(weights: usize, cumulative: usize, categories: i32): bool {
  let sum: T = <T>0;
  const end = cumulative + <usize>categories * sizeof<T>();
  for (let j = 0; j < categories; j++) {
    const at = <usize>j * sizeof<T>();
    const weight = load<T>(weights + at);
    if (!(weight >= <T>0) || weight == <T>Infinity) {
      report(Problem.badValue, j, categories);
      return false;
    }
    sum = <T>(sum + weight);
    store<T>(cumulative + at, sum);
  }
  if (!(sum > <T>0)) {
    report(Problem.badValue, 0, categories);
    return false;
  }
  for (let at = cumulative; at < end; at += sizeof<T>()) store<T>(at, <T>(load<T>(at) / sum));
  store<T>(end - sizeof<T>(), <T>1);
  return true;
}

/** With replacement: each sample is a binary search among the cumulative weights of its row. */
function multinomial<T>(out: usize, weights: usize, cumulative: usize, rows: i32, categories: i32, samples: i32): void {
  for (let row = 0; row < rows; row++) {
    if (!accumulate<T>(weights, cumulative, categories)) return;
    for (let i = 0; i < samples; i++) {
      const u = uniform();
      let left = 0;
      let right = categories;
      while (left < right) {
        const middle = left + ((right - left) >> 1);
        if (<f64>load<T>(cumulative + <usize>middle * sizeof<T>()) < u) left = middle + 1;
        else right = middle;
      }
      store<i64>(out, <i64>left);
      out += 8;
    }
    weights += <usize>categories * sizeof<T>();
  }
}

export function randomMultinomial(out: usize, state: usize, weights: usize, cumulative: usize): void {
  start(4, state);
  const rows = int(4, 0);
  const categories = int(4, 1);
  const samples = int(4, 2);
  if (rows < 0 || categories < 1 || samples < 0) abort();
  if (dtypeOf(0) != DType.int64 || dtypeOf(3) != dtypeOf(2)) unsupported();
  check(4, 0, <i64>rows * samples);
  check(4, 2, <i64>rows * categories);
  check(4, 3, categories);
  if (dtypeOf(2) == DType.float32) {
    multinomial<f32>(out, weights, cumulative, rows, categories, samples);
  } else {
    if (dtypeOf(2) != DType.float64) unsupported();
    multinomial<f64>(out, weights, cumulative, rows, categories, samples);
  }
  finish();
}
