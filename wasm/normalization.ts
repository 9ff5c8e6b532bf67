/** Layer normalization of rows, and its gradients. As native/normalization.cpp. */
import { check, DType, dtypeOf, int, unsupported } from './descriptor';
import { get, getPart, minus, plus, put, putPart, splat, sumOf, times, width } from './lanes';

// @ts-ignore: decorator
@inline
function take<T>(from: usize, count: i32): v128 {
  return count == width<T>() ? get<T>(from) : getPart<T>(from, count);
}

// @ts-ignore: decorator
@inline
function give<T>(to: usize, x: v128, count: i32): void {
  if (count == width<T>()) put<T>(to, x);
  else putPart<T>(to, x, count);
}

function forwardRow<T>(out: usize, x: usize, weight: usize, bias: usize, mean: usize, rstd: usize, n: i32, eps: f64): void {
  const step = <usize>width<T>() * sizeof<T>();
  let sum = splat<T>(<T>0);
  let at: usize = 0;
  for (let i = 0; i < n; i += width<T>(), at += step) sum = plus<T>(sum, take<T>(x + at, min(width<T>(), n - i)));
  const m = <T>(<f64>sumOf<T>(sum) / <f64>n);
  const shift = splat<T>(m);
  let squares: f64 = 0;
  let vector = splat<T>(<T>0);
  at = 0;
  let i = 0;
  for (; i + width<T>() <= n; i += width<T>(), at += step) {
    const d = minus<T>(get<T>(x + at), shift);
    vector = plus<T>(vector, times<T>(d, d));
  }
  squares = <f64>sumOf<T>(vector);
  for (; i < n; i++) {
    const d = <f64>load<T>(x + <usize>i * sizeof<T>()) - <f64>m;
    squares += d * d;
  }
  const r = <T>(1.0 / Math.sqrt(squares / <f64>n + eps));
  store<T>(mean, m);
  store<T>(rstd, r);
  const factor = splat<T>(r);
  at = 0;
  for (let i = 0; i < n; i += width<T>(), at += step) {
    const count = min(width<T>(), n - i);
    let y = times<T>(minus<T>(take<T>(x + at, count), shift), factor);
    if (weight != 0) y = times<T>(y, take<T>(weight + at, count));
    if (bias != 0) y = plus<T>(y, take<T>(bias + at, count));
    give<T>(out + at, y, count);
  }
}

// @ts-ignore: decorator
@inline
function scaled<T>(grad: usize, weight: usize, at: usize, count: i32): v128 {
  const g = take<T>(grad + at, count);
  return weight == 0 ? g : times<T>(g, take<T>(weight + at, count));
}

/** dx = rstd · (g - mean(g) - x̂ · mean(g · x̂)), g = grad · weight. */
function backwardRow<T>(out: usize, grad: usize, x: usize, weight: usize, mean: T, rstd: T, n: i32): void {
  const step = <usize>width<T>() * sizeof<T>();
  const shift = splat<T>(mean);
  const factor = splat<T>(rstd);
  let sum = splat<T>(<T>0);
  let product = splat<T>(<T>0);
  let at: usize = 0;
  for (let i = 0; i < n; i += width<T>(), at += step) {
    const count = min(width<T>(), n - i);
    const g = scaled<T>(grad, weight, at, count);
    sum = plus<T>(sum, g);
    product = plus<T>(product, times<T>(g, times<T>(minus<T>(take<T>(x + at, count), shift), factor)));
  }
  const a = splat<T>(<T>(<f64>sumOf<T>(sum) / <f64>n));
  const b = splat<T>(<T>(<f64>sumOf<T>(product) / <f64>n));
  at = 0;
  for (let i = 0; i < n; i += width<T>(), at += step) {
    const count = min(width<T>(), n - i);
    const normal = times<T>(minus<T>(take<T>(x + at, count), shift), factor);
    const g = scaled<T>(grad, weight, at, count);
    give<T>(out + at, times<T>(factor, minus<T>(minus<T>(g, a), times<T>(normal, b))), count);
  }
}

function forward<T>(out: usize, x: usize, weight: usize, bias: usize, mean: usize, rstd: usize, rows: i32, n: i32, eps: f64): void {
  const row = <usize>n * sizeof<T>();
  for (let i = 0; i < rows; i++) {
    forwardRow<T>(out, x, weight, bias, mean, rstd, n, eps);
    out += row;
    x += row;
    mean += sizeof<T>();
    rstd += sizeof<T>();
  }
}

function backward<T>(out: usize, grad: usize, x: usize, weight: usize, mean: usize, rstd: usize, rows: i32, n: i32): void {
  const row = <usize>n * sizeof<T>();
  for (let i = 0; i < rows; i++) {
    backwardRow<T>(out, grad, x, weight, load<T>(mean), load<T>(rstd), n);
    out += row;
    grad += row;
    x += row;
    mean += sizeof<T>();
    rstd += sizeof<T>();
  }
}

function parameters<T>(weight: usize, bias: usize, grad: usize, x: usize, mean: usize, rstd: usize, rows: i32, n: i32): void {
  const row = <usize>n * sizeof<T>();
  const step = <usize>width<T>() * sizeof<T>();
  let at: usize = 0;
  for (let j = 0; j < n; j += width<T>(), at += step) {
    const count = min(width<T>(), n - j);
    let w = splat<T>(<T>0);
    let b = splat<T>(<T>0);
    for (let i = 0; i < rows; i++) {
      const place = <usize>i * row + at;
      const g = take<T>(grad + place, count);
      const m = splat<T>(load<T>(mean + <usize>i * sizeof<T>()));
      const r = splat<T>(load<T>(rstd + <usize>i * sizeof<T>()));
      w = plus<T>(w, times<T>(g, times<T>(minus<T>(take<T>(x + place, count), m), r)));
      b = plus<T>(b, g);
    }
    give<T>(weight + at, w, count);
    give<T>(bias + at, b, count);
  }
}

export function layerNorm(out: usize, x: usize, weight: usize, bias: usize, mean: usize, rstd: usize, eps: f64): void {
  const rows = int(6, 0);
  const n = int(6, 1);
  check(6, 0, <i64>rows * n);
  check(6, 1, <i64>rows * n);
  if (weight != 0) check(6, 2, n);
  if (bias != 0) check(6, 3, n);
  check(6, 4, rows);
  check(6, 5, rows);
  const dtype = dtypeOf(0);
  if (dtype == DType.float32) forward<f32>(out, x, weight, bias, mean, rstd, rows, n, eps);
  else if (dtype == DType.float64) forward<f64>(out, x, weight, bias, mean, rstd, rows, n, eps);
  else unsupported();
}

export function layerNormBackward(out: usize, grad: usize, x: usize, weight: usize, mean: usize, rstd: usize): void {
  const rows = int(6, 0);
  const n = int(6, 1);
  for (let i = 0; i < 3; i++) check(6, i, <i64>rows * n);
  if (weight != 0) check(6, 3, n);
  check(6, 4, rows);
  check(6, 5, rows);
  const dtype = dtypeOf(0);
  if (dtype == DType.float32) backward<f32>(out, grad, x, weight, mean, rstd, rows, n);
  else if (dtype == DType.float64) backward<f64>(out, grad, x, weight, mean, rstd, rows, n);
  else unsupported();
}

export function layerNormParameters(weight: usize, bias: usize, grad: usize, x: usize, mean: usize, rstd: usize): void {
  const rows = int(6, 0);
  const n = int(6, 1);
  check(6, 0, n);
  check(6, 1, n);
  check(6, 2, <i64>rows * n);
  check(6, 3, <i64>rows * n);
  check(6, 4, rows);
  check(6, 5, rows);
  const dtype = dtypeOf(0);
  if (dtype == DType.float32) parameters<f32>(weight, bias, grad, x, mean, rstd, rows, n);
  else if (dtype == DType.float64) parameters<f64>(weight, bias, grad, x, mean, rstd, rows, n);
  else unsupported();
}
