/**
 * Softmax and log-softmax along the middle one of three dimensions, and their gradients. Where the inner dimension is
 * 1, a row is done in vectors along itself; else neighbouring columns are done side by side.
 */
import { check, DType, dtypeOf, int, unsupported } from './descriptor';
import {
  expOf,
  get,
  getPart,
  lane,
  larger,
  largestOf,
  minus,
  over,
  plus,
  put,
  putPart,
  splat,
  sumOf,
  times,
  width,
} from './lanes';

// @ts-ignore: decorator
@inline
function logOf<T>(x: T): T {
  return <T>NativeMath.log(<f64>x);
}

function rowMax<T>(x: usize, n: i32): T {
  const step = <usize>width<T>() * sizeof<T>();
  let most = splat<T>(load<T>(x));
  let i = 0;
  for (; i + width<T>() <= n; i += width<T>()) {
    most = larger<T>(most, get<T>(x));
    x += step;
  }
  let result = largestOf<T>(most);
  for (; i < n; i++) {
    const value = load<T>(x);
    if (value > result) result = value;
    x += sizeof<T>();
  }
  return result;
}

/** out = e^(x - shift), where out is not 0; returns the sum of these. */
function rowExp<T>(out: usize, x: usize, shift: T, n: i32): T {
  const step = <usize>width<T>() * sizeof<T>();
  const s = splat<T>(shift);
  let total = splat<T>(<T>0);
  let i = 0;
  for (; i + width<T>() <= n; i += width<T>()) {
    const y = expOf<T>(minus<T>(get<T>(x), s));
    if (out != 0) {
      put<T>(out, y);
      out += step;
    }
    total = plus<T>(total, y);
    x += step;
  }
  let sum = sumOf<T>(total);
  if (i < n) {
    const y = expOf<T>(minus<T>(getPart<T>(x, n - i), s));
    if (out != 0) putPart<T>(out, y, n - i);
    for (let j = 0; j < n - i; j++) sum += lane<T>(y, j);
  }
  return sum;
}

function softmaxRow<T>(out: usize, x: usize, n: i32, logarithm: bool): void {
  const step = <usize>width<T>() * sizeof<T>();
  const most = rowMax<T>(x, n);
  if (logarithm) {
    const m = splat<T>(most);
    const rest = splat<T>(logOf<T>(rowExp<T>(0, x, most, n)));
    for (let i = 0; i < n; i += width<T>()) {
      putPart<T>(out, minus<T>(minus<T>(getPart<T>(x, n - i), m), rest), n - i);
      out += step;
      x += step;
    }
  } else {
    const factor = splat<T>(<T>1 / rowExp<T>(out, x, most, n));
    for (let i = 0; i < n; i += width<T>()) {
      putPart<T>(out, times<T>(getPart<T>(out, n - i), factor), n - i);
      out += step;
    }
  }
}

function gradientRow<T>(out: usize, grad: usize, y: usize, n: i32, logarithm: bool): void {
  const step = <usize>width<T>() * sizeof<T>();
  let total = splat<T>(<T>0);
  let g = grad;
  let v = y;
  for (let i = 0; i < n; i += width<T>()) {
    const value = getPart<T>(g, n - i);
    total = plus<T>(total, logarithm ? value : times<T>(value, getPart<T>(v, n - i)));
    g += step;
    v += step;
  }
  const sum = splat<T>(sumOf<T>(total));
  for (let i = 0; i < n; i += width<T>()) {
    putPart<T>(out, gradient<T>(getPart<T>(grad, n - i), getPart<T>(y, n - i), sum, logarithm), n - i);
    out += step;
    grad += step;
    y += step;
  }
}

// @ts-ignore: decorator
@inline
function gradient<T>(grad: v128, y: v128, sum: v128, logarithm: bool): v128 {
  return logarithm ? minus<T>(grad, times<T>(expOf<T>(y), sum)) : times<T>(y, minus<T>(grad, sum));
}

/** `count` (at most width) neighbouring columns, a column's elements `step` bytes apart. */
function softmaxColumns<T>(out: usize, x: usize, n: i32, step: usize, count: i32, logarithm: bool): void {
  const end = x + <usize>n * step;
  let most = getPart<T>(x, count);
  for (let at = x; at < end; at += step) most = larger<T>(most, getPart<T>(at, count));
  let total = splat<T>(<T>0);
  let to = out;
  for (let at = x; at < end; at += step) {
    const y = expOf<T>(minus<T>(getPart<T>(at, count), most));
    if (!logarithm) putPart<T>(to, y, count);
    total = plus<T>(total, y);
    to += step;
  }
  to = out;
  if (logarithm) {
    const rest = logLanes<T>(total);
    for (let at = x; at < end; at += step) {
      putPart<T>(to, minus<T>(minus<T>(getPart<T>(at, count), most), rest), count);
      to += step;
    }
  } else {
    for (const last = out + <usize>n * step; to < last; to += step) {
      putPart<T>(to, over<T>(getPart<T>(to, count), total), count);
    }
  }
}

/** The logarithm of each lane. */
function logLanes<T>(x: v128): v128 {
  if (sizeof<T>() == 8) return f64x2.splat(NativeMath.log(f64x2.extract_lane(x, 0)));
  let y = f32x4.splat(<f32>NativeMath.log(<f64>f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, <f32>NativeMath.log(<f64>f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, <f32>NativeMath.log(<f64>f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, <f32>NativeMath.log(<f64>f32x4.extract_lane(x, 3)));
}

function gradientColumns<T>(
  out: usize,
  grad: usize,
  y: usize,
  n: i32,
  step: usize,
  count: i32,
  logarithm: bool,
): void {
  let sum = splat<T>(<T>0);
  let g = grad;
  let v = y;
  for (let i = 0; i < n; i++) {
    const value = getPart<T>(g, count);
    sum = plus<T>(sum, logarithm ? value : times<T>(value, getPart<T>(v, count)));
    g += step;
    v += step;
  }
  for (let i = 0; i < n; i++) {
    putPart<T>(out, gradient<T>(getPart<T>(grad, count), getPart<T>(y, count), sum, logarithm), count);
    out += step;
    grad += step;
    y += step;
  }
}

function forward<T>(out: usize, x: usize, outer: i32, n: i32, inner: i32, logarithm: bool): void {
  const row = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) softmaxRow<T>(out, x, n, logarithm);
    else {
      for (let j = 0; j < inner; j += width<T>()) {
        const at = <usize>j * sizeof<T>();
        softmaxColumns<T>(out + at, x + at, n, row, min(inner - j, width<T>()), logarithm);
      }
    }
    out += <usize>n * row;
    x += <usize>n * row;
  }
}

function backward<T>(out: usize, grad: usize, y: usize, outer: i32, n: i32, inner: i32, logarithm: bool): void {
  const row = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) gradientRow<T>(out, grad, y, n, logarithm);
    else {
      for (let j = 0; j < inner; j += width<T>()) {
        const at = <usize>j * sizeof<T>();
        gradientColumns<T>(out + at, grad + at, y + at, n, row, min(inner - j, width<T>()), logarithm);
      }
    }
    out += <usize>n * row;
    grad += <usize>n * row;
    y += <usize>n * row;
  }
}

function runForward(out: usize, x: usize, logarithm: bool): void {
  const outer = int(2, 0);
  const n = int(2, 1);
  const inner = int(2, 2);
  if (outer <= 0 || n <= 0 || inner <= 0) return;
  for (let i = 0; i < 2; i++) check(2, i, <i64>outer * n * inner);
  if (dtypeOf(1) != dtypeOf(0)) unsupported();
  if (dtypeOf(0) == DType.float32) forward<f32>(out, x, outer, n, inner, logarithm);
  else if (dtypeOf(0) == DType.float64) forward<f64>(out, x, outer, n, inner, logarithm);
  else unsupported();
}

function runBackward(out: usize, grad: usize, y: usize, logarithm: bool): void {
  const outer = int(3, 0);
  const n = int(3, 1);
  const inner = int(3, 2);
  if (outer <= 0 || n <= 0 || inner <= 0) return;
  for (let i = 0; i < 3; i++) check(3, i, <i64>outer * n * inner);
  if (dtypeOf(1) != dtypeOf(0) || dtypeOf(2) != dtypeOf(0)) unsupported();
  if (dtypeOf(0) == DType.float32) backward<f32>(out, grad, y, outer, n, inner, logarithm);
  else if (dtypeOf(0) == DType.float64) backward<f64>(out, grad, y, outer, n, inner, logarithm);
  else unsupported();
}

export function softmax(out: usize, x: usize): void {
  runForward(out, x, false);
}

export function logSoftmax(out: usize, x: usize): void {
  runForward(out, x, true);
}

export function softmaxBackward(out: usize, grad: usize, y: usize): void {
  runBackward(out, grad, y, false);
}

export function logSoftmaxBackward(out: usize, grad: usize, y: usize): void {
  runBackward(out, grad, y, true);
}
