/**
 * Cross entropy of logits and negative log-likelihood of log-probabilities, for class indices. x is
 * [outer, classes, inner]; target and the unreduced losses are [outer, inner].
 */
import { check, DType, dtypeOf, int, Problem, report, unsupported } from './descriptor';
import { expOf, get, getPart, lane, larger, minus, plus, putPart, splat, sumOf, times, width } from './lanes';

const enum Reduction {
  none,
  mean,
  sum,
}

// The geometry of the running call.
let outer: i32 = 0;
let classes: i32 = 0;
let inner: i32 = 0;
let reduction: i32 = 0;
let ignored: f64 = 0;
let targets: usize = 0;
let weights: usize = 0;

function begin(operands: i32, target: usize, weight: usize, ignoreIndex: f64): i32 {
  outer = int(operands, 0);
  classes = int(operands, 1);
  inner = int(operands, 2);
  reduction = int(operands, 3);
  ignored = ignoreIndex;
  targets = target;
  weights = weight;
  if (outer < 0 || classes < 0 || inner < 0) abort();
  return outer * inner;
}

/** The class of row r; -1 where it is to be ignored; -2, reported, where there is no such class. */
function classOf(r: i32): i32 {
  const c = load<i64>(targets + (<usize>r << 3));
  if (<f64>c == ignored) return -1;
  if (c >= 0 && c < <i64>classes) return <i32>c;
  report(Problem.badIndex, c, classes);
  return -2;
}

function weightOf<T>(c: i32): f64 {
  if (c < 0) return 0;
  return weights != 0 ? <f64>load<T>(weights + <usize>c * sizeof<T>()) : 1;
}

/** The address of class c of row r. */
function at<T>(x: usize, r: i32, c: i32): usize {
  return x + <usize>((r / inner) * classes + c) * <usize>inner * sizeof<T>() + <usize>(r % inner) * sizeof<T>();
}

/** The loss of row r: from logits where largest is given, else from log-probabilities. */
function lossOf<T>(x: usize, largest: usize, r: i32): f64 {
  const c = classOf(r);
  if (c < 0) return 0;
  const value = load<T>(at<T>(x, r, c));
  if (largest == 0) return weightOf<T>(c) * -(<f64>value);
  const row = largest + <usize>r * sizeof<T>();
  const logSum = load<T>(row + <usize>(outer * inner) * sizeof<T>());
  return weightOf<T>(c) * <f64>(load<T>(row) - value + logSum);
}

/** The sum of losses (or of weights) of rows [begin, end), halves added. */
function sumLosses<T>(x: usize, largest: usize, begin: i32, end: i32, ofWeights: bool): f64 {
  if (end - begin <= 256) {
    let sum: f64 = 0;
    for (let r = begin; r < end; r++) sum += ofWeights ? weightOf<T>(classOf(r)) : lossOf<T>(x, largest, r);
    return sum;
  }
  const middle = begin + ((end - begin) >> 1);
  return sumLosses<T>(x, largest, begin, middle, ofWeights) + sumLosses<T>(x, largest, middle, end, ofWeights);
}

function reduce<T>(out: usize, total: usize, x: usize, largest: usize): void {
  const rows = outer * inner;
  const weight = sumLosses<T>(x, largest, 0, rows, true);
  store<T>(total, <T>weight);
  if (reduction == Reduction.none) {
    for (let r = 0; r < rows; r++) store<T>(out + <usize>r * sizeof<T>(), <T>lossOf<T>(x, largest, r));
  } else {
    const sum = sumLosses<T>(x, largest, 0, rows, false);
    store<T>(out, <T>(reduction == Reduction.mean ? sum / weight : sum));
  }
}

/** The largest element of `count` neighbouring columns and log Σ e^(x - largest). */
function logSumExpColumns<T>(x: usize, largest: usize, logSum: usize, count: i32): void {
  const step = <usize>inner * sizeof<T>();
  const end = x + <usize>classes * step;
  let most = getPart<T>(x, count);
  for (let p = x; p < end; p += step) most = larger<T>(most, getPart<T>(p, count));
  // all -∞, or an ∞: no NaN from the shift
  if (sizeof<T>() == 4) most = v128.and(most, f32x4.eq(f32x4.sub(most, most), f32x4.splat(0)));
  else most = v128.and(most, f64x2.eq(f64x2.sub(most, most), f64x2.splat(0)));
  let total = splat<T>(<T>0);
  for (let p = x; p < end; p += step) total = plus<T>(total, expOf<T>(minus<T>(getPart<T>(p, count), most)));
  putPart<T>(largest, most, count);
  for (let j = 0; j < count; j++) {
    store<T>(logSum + <usize>j * sizeof<T>(), <T>NativeMath.log(<f64>lane<T>(total, j)));
  }
}

function logSumExpRow<T>(x: usize, largest: usize, logSum: usize): void {
  const n = classes;
  let most = load<T>(x);
  for (let i = 1; i < n; i++) {
    const value = load<T>(x + <usize>i * sizeof<T>());
    if (value > most) most = value;
  }
  if (!(most - most == <T>0)) most = <T>0;
  const shift = splat<T>(most);
  let total = splat<T>(<T>0);
  let i = 0;
  for (; i + width<T>() <= n; i += width<T>()) {
    total = plus<T>(total, expOf<T>(minus<T>(get<T>(x + <usize>i * sizeof<T>()), shift)));
  }
  let sum = sumOf<T>(total);
  if (i < n) {
    const rest = expOf<T>(minus<T>(getPart<T>(x + <usize>i * sizeof<T>(), n - i), shift));
    for (let j = 0; j < n - i; j++) sum += lane<T>(rest, j);
  }
  store<T>(largest, most);
  store<T>(logSum, <T>NativeMath.log(<f64>sum));
}

function crossEntropyAs<T>(out: usize, largest: usize, total: usize, x: usize): void {
  const rows = <usize>(outer * inner) * sizeof<T>();
  for (let o = 0; o < outer && classes > 0; o++) {
    const from = x + <usize>(o * classes) * <usize>inner * sizeof<T>();
    const to = largest + <usize>(o * inner) * sizeof<T>();
    if (inner == 1) logSumExpRow<T>(from, to, to + rows);
    else {
      for (let j = 0; j < inner; j += width<T>()) {
        const column = <usize>j * sizeof<T>();
        logSumExpColumns<T>(from + column, to + column, to + rows + column, min(inner - j, width<T>()));
      }
    }
  }
  reduce<T>(out, total, x, largest);
}

/** What a row's loss has to be multiplied with on the way back. */
function factorOf<T>(grad: usize, total: usize, r: i32, c: i32): T {
  let g = load<T>(reduction == Reduction.none ? grad + <usize>r * sizeof<T>() : grad);
  if (reduction == Reduction.mean) g /= load<T>(total);
  return weights != 0 ? g * <T>weightOf<T>(c) : g;
}

function crossEntropyBackwardAs<T>(out: usize, grad: usize, x: usize, largest: usize, total: usize): void {
  const rows = outer * inner;
  const step = <usize>inner * sizeof<T>();
  for (let r = 0; r < rows; r++) {
    const c = classOf(r);
    const from = at<T>(x, r, 0);
    const to = at<T>(out, r, 0);
    if (c < 0) {
      for (let i = 0; i < classes; i++) store<T>(to + <usize>i * step, <T>0);
      continue;
    }
    const f = factorOf<T>(grad, total, r, c);
    const most = load<T>(largest + <usize>r * sizeof<T>());
    const rest = load<T>(largest + <usize>(rows + r) * sizeof<T>());
    if (inner == 1) {
      for (let i = 0; i < classes; i += width<T>()) {
        const p = <usize>i * sizeof<T>();
        const y = minus<T>(minus<T>(getPart<T>(from + p, classes - i), splat<T>(most)), splat<T>(rest));
        putPart<T>(to + p, times<T>(expOf<T>(y), splat<T>(f)), classes - i);
      }
    } else {
      for (let i = 0; i < classes; i++) {
        const p = <usize>i * step;
        const y = expOf<T>(splat<T>(load<T>(from + p) - most - rest));
        store<T>(to + p, lane<T>(y, 0) * f);
      }
    }
    const p = to + <usize>c * step;
    store<T>(p, load<T>(p) - f);
  }
}

function nllBackwardAs<T>(out: usize, grad: usize, total: usize): void {
  memory.fill(out, 0, <usize>(outer * classes) * <usize>inner * sizeof<T>());
  for (let r = 0; r < outer * inner; r++) {
    const c = classOf(r);
    if (c >= 0) store<T>(at<T>(out, r, c), -factorOf<T>(grad, total, r, c));
  }
}

export function crossEntropy(
  out: usize,
  largest: usize,
  total: usize,
  x: usize,
  target: usize,
  weight: usize,
  ignoreIndex: f64,
): void {
  const rows = begin(6, target, weight, ignoreIndex);
  check(6, 0, reduction == Reduction.none ? rows : 1);
  check(6, 1, 2 * <i64>rows);
  check(6, 2, 1);
  check(6, 3, <i64>rows * classes);
  check(6, 4, rows);
  if (weight != 0) check(6, 5, classes);
  if (dtypeOf(0) == DType.float32) crossEntropyAs<f32>(out, largest, total, x);
  else if (dtypeOf(0) == DType.float64) crossEntropyAs<f64>(out, largest, total, x);
  else unsupported();
}

export function crossEntropyBackward(
  out: usize,
  grad: usize,
  x: usize,
  largest: usize,
  target: usize,
  weight: usize,
  total: usize,
  ignoreIndex: f64,
): void {
  const rows = begin(7, target, weight, ignoreIndex);
  check(7, 0, <i64>rows * classes);
  check(7, 1, reduction == Reduction.none ? rows : 1);
  check(7, 2, <i64>rows * classes);
  check(7, 3, 2 * <i64>rows);
  check(7, 4, rows);
  if (weight != 0) check(7, 5, classes);
  check(7, 6, 1);
  if (dtypeOf(0) == DType.float32) crossEntropyBackwardAs<f32>(out, grad, x, largest, total);
  else if (dtypeOf(0) == DType.float64) crossEntropyBackwardAs<f64>(out, grad, x, largest, total);
  else unsupported();
}

export function nllLoss(out: usize, total: usize, x: usize, target: usize, weight: usize, ignoreIndex: f64): void {
  const rows = begin(5, target, weight, ignoreIndex);
  check(5, 0, reduction == Reduction.none ? rows : 1);
  check(5, 1, 1);
  check(5, 2, <i64>rows * classes);
  check(5, 3, rows);
  if (weight != 0) check(5, 4, classes);
  if (dtypeOf(0) == DType.float32) reduce<f32>(out, total, x, 0);
  else if (dtypeOf(0) == DType.float64) reduce<f64>(out, total, x, 0);
  else unsupported();
}

export function nllLossBackward(
  out: usize,
  grad: usize,
  target: usize,
  weight: usize,
  total: usize,
  ignoreIndex: f64,
): void {
  const rows = begin(5, target, weight, ignoreIndex);
  check(5, 0, <i64>rows * classes);
  check(5, 1, reduction == Reduction.none ? rows : 1);
  check(5, 2, rows);
  if (weight != 0) check(5, 3, classes);
  check(5, 4, 1);
  if (dtypeOf(0) == DType.float32) nllBackwardAs<f32>(out, grad, total);
  else if (dtypeOf(0) == DType.float64) nllBackwardAs<f64>(out, grad, total);
  else unsupported();
}
