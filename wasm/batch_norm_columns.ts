/** batch_norm.ts where a channel is one element wide: vectors run across the channels, which are columns. */
import { getPart, minus, plus, putPart, splat, times, width } from './lanes';

/** What a vector of columns comes to, in float64. */
const TOTAL: usize = memory.data(32, 16);

function clear(): void {
  v128.store(TOTAL, i64x2.splat(0));
  v128.store(TOTAL, i64x2.splat(0), 16);
}

function addPart<T>(sum: v128): void {
  if (sizeof<T>() == 8) {
    store<f64>(TOTAL, load<f64>(TOTAL) + f64x2.extract_lane(sum, 0));
    return;
  }
  const high = v128.shuffle<f32>(sum, sum, 2, 3, 2, 3);
  v128.store(TOTAL, f64x2.add(v128.load(TOTAL), f64x2.promote_low_f32x4(sum)));
  v128.store(TOTAL, f64x2.add(v128.load(TOTAL, 16), f64x2.promote_low_f32x4(high)), 16);
}

/** Stores count totals over n. */
function storeTotals<T>(to: usize, count: i32, n: f64): void {
  for (let i = 0; i < count; i++) store<T>(to + <usize>i * sizeof<T>(), <T>(load<f64>(TOTAL + (<usize>i << 3)) / n));
}

/** The totals over n as a vector. */
function totals<T>(n: f64): v128 {
  if (sizeof<T>() == 8) return f64x2.splat(load<f64>(TOTAL) / n);
  const over = f64x2.splat(n);
  const low = f32x4.demote_f64x2_zero(f64x2.div(v128.load(TOTAL), over));
  const high = f32x4.demote_f64x2_zero(f64x2.div(v128.load(TOTAL, 16), over));
  return v128.shuffle<f32>(low, high, 0, 1, 4, 5);
}

/** Σ (x − shift), or its square, over rows; 16 of them are added as T. */
function sumColumns<T>(x: usize, shift: v128, squared: bool, rows: i32, step: usize, count: i32): void {
  clear();
  for (let row = 0; row < rows; ) {
    const end = min(row + 16, rows);
    let sum = splat<T>(<T>0);
    for (; row < end; row++, x += step) {
      const d = minus<T>(getPart<T>(x, count), shift);
      sum = plus<T>(sum, squared ? times<T>(d, d) : d);
    }
    addPart<T>(sum);
  }
}

/** Σ grad · (x − shift) · factor over rows. */
function sumProducts<T>(grad: usize, x: usize, shift: v128, factor: v128, rows: i32, step: usize, count: i32): void {
  clear();
  for (let row = 0; row < rows; ) {
    const end = min(row + 16, rows);
    let sum = splat<T>(<T>0);
    for (; row < end; row++, x += step, grad += step) {
      const normal = times<T>(minus<T>(getPart<T>(x, count), shift), factor);
      sum = plus<T>(sum, times<T>(getPart<T>(grad, count), normal));
    }
    addPart<T>(sum);
  }
}

export function forwardColumns<T>(
  batch: i32,
  channels: i32,
  training: bool,
  out: usize,
  x: usize,
  weight: usize,
  bias: usize,
  mean: usize,
  variance: usize,
  rstd: usize,
  eps: f64,
): void {
  const step = <usize>channels * sizeof<T>();
  for (let j = 0; j < channels; j += width<T>()) {
    const own = <usize>j * sizeof<T>();
    const count = min(width<T>(), channels - j);
    if (training) {
      sumColumns<T>(x + own, splat<T>(<T>0), false, batch, step, count);
      storeTotals<T>(mean + own, count, <f64>batch);
      sumColumns<T>(x + own, getPart<T>(mean + own, count), true, batch, step, count);
      storeTotals<T>(variance + own, count, <f64>batch);
    }
    for (let i = 0; i < count; i++) {
      const at = own + <usize>i * sizeof<T>();
      store<T>(rstd + at, <T>(1.0 / Math.sqrt(<f64>load<T>(variance + at) + eps)));
    }
    const shift = getPart<T>(mean + own, count);
    const factor = getPart<T>(rstd + own, count);
    const w = weight == 0 ? splat<T>(<T>1) : getPart<T>(weight + own, count);
    const c = bias == 0 ? splat<T>(<T>0) : getPart<T>(bias + own, count);
    for (let b = 0, at = own; b < batch; b++, at += step) {
      const normal = times<T>(minus<T>(getPart<T>(x + at, count), shift), factor);
      putPart<T>(out + at, plus<T>(times<T>(normal, w), c), count);
    }
  }
}

export function backwardColumns<T>(
  batch: i32,
  channels: i32,
  training: bool,
  out: usize,
  weightGrad: usize,
  biasGrad: usize,
  grad: usize,
  x: usize,
  weight: usize,
  mean: usize,
  rstd: usize,
): void {
  const step = <usize>channels * sizeof<T>();
  const zero = splat<T>(<T>0);
  for (let j = 0; j < channels; j += width<T>()) {
    const own = <usize>j * sizeof<T>();
    const count = min(width<T>(), channels - j);
    const shift = getPart<T>(mean + own, count);
    const factor = getPart<T>(rstd + own, count);
    sumColumns<T>(grad + own, zero, false, batch, step, count);
    storeTotals<T>(biasGrad + own, count, 1);
    const a = training ? totals<T>(<f64>batch) : zero;
    sumProducts<T>(grad + own, x + own, shift, factor, batch, step, count);
    storeTotals<T>(weightGrad + own, count, 1);
    const c = training ? totals<T>(<f64>batch) : zero;
    const scale = weight == 0 ? factor : times<T>(factor, getPart<T>(weight + own, count));
    for (let b = 0, at = own; b < batch; b++, at += step) {
      const normal = times<T>(minus<T>(getPart<T>(x + at, count), shift), factor);
      const g = minus<T>(minus<T>(getPart<T>(grad + at, count), a), times<T>(normal, c));
      putPart<T>(out + at, times<T>(scale, g), count);
    }
  }
}
