/** Normalization of groups of channels. As native/group_norm.cpp. */
import { check, DType, dtypeOf, int, unsupported } from './descriptor';
import { getPart, minus, plus, putPart, splat, sumOf, times, width } from './lanes';

let rows: i32 = 0;
let groups: i32 = 0;
/** Channels of a group. */
let many: i32 = 0;
let inner: i32 = 0;

/** Elements that are added as T. */
const BLOCK: i32 = 4096;

function readSizes(k: i32): void {
  rows = int(k, 0);
  groups = int(k, 1);
  many = int(k, 2);
  inner = int(k, 3);
  if (rows < 0 || groups < 1 || many < 0 || inner < 0) abort();
}

/** Checks that operand i of k, if given, has n elements. */
function fits(k: i32, i: i32, data: usize, n: i64): void {
  if (data == 0) return;
  if (dtypeOf(i) != dtypeOf(0)) unsupported();
  check(k, i, n);
}

/** A vector of a row's weights from channel c on: one a lane where channels are one element, else one for all. */
// @ts-ignore: decorator
@inline
function spread<T>(weights: usize, c: i32, otherwise: T): v128 {
  if (weights == 0) return splat<T>(otherwise);
  const at = weights + <usize>c * sizeof<T>();
  return inner == 1 ? getPart<T>(at, many - c) : splat<T>(load<T>(at));
}

function sumRun<T>(x: usize, n: i32): f64 {
  let total: f64 = 0;
  for (let i = 0; i < n; ) {
    const end = min(i + BLOCK, n);
    let sum = splat<T>(<T>0);
    for (; i < end; i += width<T>()) sum = plus<T>(sum, getPart<T>(x + <usize>i * sizeof<T>(), n - i));
    total += <f64>sumOf<T>(sum);
  }
  return total;
}

/** Σ (x - mean)². */
function sumSquares<T>(x: usize, n: i32, mean: T): f64 {
  const shift = splat<T>(mean);
  let total: f64 = 0;
  let i = 0;
  while (i + width<T>() <= n) {
    const end = min(i + BLOCK, n);
    let sum = splat<T>(<T>0);
    for (; i + width<T>() <= end; i += width<T>()) {
      const d = minus<T>(getPart<T>(x + <usize>i * sizeof<T>(), n - i), shift);
      sum = plus<T>(sum, times<T>(d, d));
    }
    total += <f64>sumOf<T>(sum);
  }
  for (; i < n; i++) {
    const d = load<T>(x + <usize>i * sizeof<T>()) - mean;
    total += <f64>(d * d);
  }
  return total;
}

/** Σ grad · (x - mean) · rstd. */
function sumProducts<T>(grad: usize, x: usize, n: i32, mean: T, rstd: T): f64 {
  const shift = splat<T>(mean);
  const factor = splat<T>(rstd);
  let total: f64 = 0;
  for (let i = 0; i < n; ) {
    const end = min(i + BLOCK, n);
    let sum = splat<T>(<T>0);
    for (; i < end; i += width<T>()) {
      const at = <usize>i * sizeof<T>();
      const normal = times<T>(minus<T>(getPart<T>(x + at, n - i), shift), factor);
      sum = plus<T>(sum, times<T>(getPart<T>(grad + at, n - i), normal));
    }
    total += <f64>sumOf<T>(sum);
  }
  return total;
}

function forwardRow<T>(out: usize, x: usize, weight: usize, bias: usize, mean: usize, rstd: usize, eps: f64): void {
  const n = many * inner;
  const m = <T>(sumRun<T>(x, n) / <f64>n);
  const r = <T>(1.0 / Math.sqrt(sumSquares<T>(x, n, m) / <f64>n + eps));
  store<T>(mean, m);
  store<T>(rstd, r);
  const shift = splat<T>(m);
  const factor = splat<T>(r);
  const run = inner == 1 ? many : inner;
  for (let c = 0; c < (inner == 1 ? 1 : many); c++) {
    let w = spread<T>(weight, c, <T>1);
    let b = spread<T>(bias, c, <T>0);
    for (let i = 0; i < run; i += width<T>()) {
      if (inner == 1) {
        w = spread<T>(weight, i, <T>1);
        b = spread<T>(bias, i, <T>0);
      }
      const at = (<usize>c * <usize>inner + <usize>i) * sizeof<T>();
      const normal = times<T>(minus<T>(getPart<T>(x + at, run - i), shift), factor);
      putPart<T>(out + at, plus<T>(times<T>(normal, w), b), run - i);
    }
  }
}

function backwardRow<T>(
  out: usize,
  products: usize,
  sums: usize,
  grad: usize,
  x: usize,
  weight: usize,
  m: T,
  r: T,
): void {
  let sum: f64 = 0;
  let product: f64 = 0;
  for (let c = 0; c < many; c++) {
    const from = <usize>c * <usize>inner * sizeof<T>();
    const own = <usize>c * sizeof<T>();
    const one = sumRun<T>(grad + from, inner);
    const other = sumProducts<T>(grad + from, x + from, inner, m, r);
    store<T>(sums + own, <T>one);
    store<T>(products + own, <T>other);
    const w = weight == 0 ? 1 : <f64>load<T>(weight + own);
    sum += w * one;
    product += w * other;
  }
  const n = <f64>many * <f64>inner;
  const shift = splat<T>(m);
  const factor = splat<T>(r);
  const a = splat<T>(<T>(sum / n));
  const b = splat<T>(<T>(product / n));
  const run = inner == 1 ? many : inner;
  for (let c = 0; c < (inner == 1 ? 1 : many); c++) {
    let w = spread<T>(weight, c, <T>1);
    for (let i = 0; i < run; i += width<T>()) {
      if (inner == 1) w = spread<T>(weight, i, <T>1);
      const at = (<usize>c * <usize>inner + <usize>i) * sizeof<T>();
      const normal = times<T>(minus<T>(getPart<T>(x + at, run - i), shift), factor);
      const g = minus<T>(minus<T>(times<T>(getPart<T>(grad + at, run - i), w), a), times<T>(normal, b));
      putPart<T>(out + at, times<T>(factor, g), run - i);
    }
  }
}

function forward<T>(out: usize, x: usize, weight: usize, bias: usize, mean: usize, rstd: usize, eps: f64): void {
  const row = <usize>many * <usize>inner * sizeof<T>();
  for (let r = 0; r < rows; r++) {
    const first = <usize>(r % groups) * <usize>many * sizeof<T>();
    const own = <usize>r * sizeof<T>();
    forwardRow<T>(
      out + <usize>r * row,
      x + <usize>r * row,
      weight == 0 ? 0 : weight + first,
      bias == 0 ? 0 : bias + first,
      mean + own,
      rstd + own,
      eps,
    );
  }
}

function backward<T>(
  out: usize,
  products: usize,
  sums: usize,
  grad: usize,
  x: usize,
  weight: usize,
  mean: usize,
  rstd: usize,
): void {
  const row = <usize>many * <usize>inner * sizeof<T>();
  for (let r = 0; r < rows; r++) {
    const at = <usize>r * row;
    const channels = <usize>r * <usize>many * sizeof<T>();
    const first = <usize>(r % groups) * <usize>many * sizeof<T>();
    const own = <usize>r * sizeof<T>();
    backwardRow<T>(
      out + at,
      products + channels,
      sums + channels,
      grad + at,
      x + at,
      weight == 0 ? 0 : weight + first,
      load<T>(mean + own),
      load<T>(rstd + own),
    );
  }
}

export function groupNorm(
  out: usize,
  x: usize,
  weight: usize,
  bias: usize,
  mean: usize,
  rstd: usize,
  eps: f64,
): void {
  readSizes(6);
  const all = <i64>rows * many * inner;
  const channels = <i64>groups * many;
  fits(6, 0, out, all);
  fits(6, 1, x, all);
  fits(6, 2, weight, channels);
  fits(6, 3, bias, channels);
  fits(6, 4, mean, rows);
  fits(6, 5, rstd, rows);
  const dtype = dtypeOf(0);
  if (dtype == DType.float32) forward<f32>(out, x, weight, bias, mean, rstd, eps);
  else if (dtype == DType.float64) forward<f64>(out, x, weight, bias, mean, rstd, eps);
  else unsupported();
}

export function groupNormBackward(
  out: usize,
  products: usize,
  sums: usize,
  grad: usize,
  x: usize,
  weight: usize,
  mean: usize,
  rstd: usize,
): void {
  readSizes(8);
  const all = <i64>rows * many * inner;
  fits(8, 0, out, all);
  fits(8, 1, products, <i64>rows * many);
  fits(8, 2, sums, <i64>rows * many);
  fits(8, 3, grad, all);
  fits(8, 4, x, all);
  fits(8, 5, weight, <i64>groups * many);
  fits(8, 6, mean, rows);
  fits(8, 7, rstd, rows);
  const dtype = dtypeOf(0);
  if (dtype == DType.float32) backward<f32>(out, products, sums, grad, x, weight, mean, rstd);
  else if (dtype == DType.float64) backward<f64>(out, products, sums, grad, x, weight, mean, rstd);
  else unsupported();
}
