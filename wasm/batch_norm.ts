/** Normalization of the channels of [batch, channels, inner], and its gradients. As native/batch_norm.cpp. */
import { backwardColumns, forwardColumns } from './batch_norm_columns';
import { check, DType, dtypeOf, int, unsupported } from './descriptor';
import { getPart, minus, plus, putPart, splat, sumOf, times, width } from './lanes';

let batch: i32 = 0;
let channels: i32 = 0;
let inner: i32 = 0;
let training: bool = false;

/** Reads the sizes of a call with k operands. */
function readSizes(k: i32): void {
  batch = int(k, 0);
  channels = int(k, 1);
  inner = int(k, 2);
  training = int(k, 3) != 0;
  if (batch < 0 || channels < 0 || inner < 0) abort();
}

/** Checks operand i of k: all elements, or one for each channel. */
function fits(k: i32, i: i32, data: usize, whole: bool): void {
  if (data == 0) return;
  if (dtypeOf(i) != dtypeOf(0)) unsupported();
  check(k, i, whole ? <i64>batch * channels * inner : channels);
}

/** Where the elements of a channel in a batch begin, in bytes. */
// @ts-ignore: decorator
@inline
function place<T>(b: i32, channel: i32): usize {
  return (<usize>b * channels + channel) * <usize>inner * sizeof<T>();
}

function sumOfChannel<T>(x: usize, channel: i32): f64 {
  let total: f64 = 0;
  for (let b = 0; b < batch; b++) {
    let at = x + place<T>(b, channel);
    let sum = splat<T>(<T>0);
    for (let i = 0; i < inner; i += width<T>()) {
      sum = plus<T>(sum, getPart<T>(at, inner - i));
      at += <usize>width<T>() * sizeof<T>();
    }
    total += <f64>sumOf<T>(sum);
  }
  return total;
}

/** Σ (x - mean)². */
function squaresOfChannel<T>(x: usize, channel: i32, mean: T): f64 {
  const shift = splat<T>(mean);
  let total: f64 = 0;
  for (let b = 0; b < batch; b++) {
    let at = x + place<T>(b, channel);
    let sum = splat<T>(<T>0);
    let i = 0;
    for (; i + width<T>() <= inner; i += width<T>()) {
      const d = minus<T>(getPart<T>(at, inner - i), shift);
      sum = plus<T>(sum, times<T>(d, d));
      at += <usize>width<T>() * sizeof<T>();
    }
    total += <f64>sumOf<T>(sum);
    for (; i < inner; i++) {
      const d = load<T>(at) - mean;
      total += <f64>(d * d);
      at += sizeof<T>();
    }
  }
  return total;
}

/** Σ grad · (x - mean) · rstd. */
function productOfChannel<T>(grad: usize, x: usize, channel: i32, mean: T, rstd: T): f64 {
  const shift = splat<T>(mean);
  const factor = splat<T>(rstd);
  let total: f64 = 0;
  for (let b = 0; b < batch; b++) {
    let at = place<T>(b, channel);
    let sum = splat<T>(<T>0);
    for (let i = 0; i < inner; i += width<T>()) {
      const normal = times<T>(minus<T>(getPart<T>(x + at, inner - i), shift), factor);
      sum = plus<T>(sum, times<T>(getPart<T>(grad + at, inner - i), normal));
      at += <usize>width<T>() * sizeof<T>();
    }
    total += <f64>sumOf<T>(sum);
  }
  return total;
}

function forwardChannel<T>(
  j: i32,
  out: usize,
  x: usize,
  weight: usize,
  bias: usize,
  mean: usize,
  variance: usize,
  rstd: usize,
  eps: f64,
): void {
  const own = <usize>j * sizeof<T>();
  if (training) {
    const n = <f64>batch * <f64>inner;
    store<T>(mean + own, <T>(sumOfChannel<T>(x, j) / n));
    store<T>(variance + own, <T>(squaresOfChannel<T>(x, j, load<T>(mean + own)) / n));
  }
  store<T>(rstd + own, <T>(1.0 / Math.sqrt(<f64>load<T>(variance + own) + eps)));
  const shift = splat<T>(load<T>(mean + own));
  const factor = splat<T>(load<T>(rstd + own));
  const w = splat<T>(weight == 0 ? <T>1 : load<T>(weight + own));
  const c = splat<T>(bias == 0 ? <T>0 : load<T>(bias + own));
  for (let b = 0; b < batch; b++) {
    let at = place<T>(b, j);
    for (let i = 0; i < inner; i += width<T>()) {
      const normal = times<T>(minus<T>(getPart<T>(x + at, inner - i), shift), factor);
      putPart<T>(out + at, plus<T>(times<T>(normal, w), c), inner - i);
      at += <usize>width<T>() * sizeof<T>();
    }
  }
}

function backwardChannel<T>(
  j: i32,
  out: usize,
  weightGrad: usize,
  biasGrad: usize,
  grad: usize,
  x: usize,
  weight: usize,
  mean: usize,
  rstd: usize,
): void {
  const own = <usize>j * sizeof<T>();
  const m = load<T>(mean + own);
  const r = load<T>(rstd + own);
  const n = <f64>batch * <f64>inner;
  const sum = sumOfChannel<T>(grad, j);
  const product = productOfChannel<T>(grad, x, j, m, r);
  store<T>(biasGrad + own, <T>sum);
  store<T>(weightGrad + own, <T>product);
  const shift = splat<T>(m);
  const factor = splat<T>(r);
  const scale = splat<T>(<T>(weight == 0 ? r : r * load<T>(weight + own)));
  const a = splat<T>(training ? <T>(sum / n) : <T>0);
  const c = splat<T>(training ? <T>(product / n) : <T>0);
  for (let b = 0; b < batch; b++) {
    let at = place<T>(b, j);
    for (let i = 0; i < inner; i += width<T>()) {
      const normal = times<T>(minus<T>(getPart<T>(x + at, inner - i), shift), factor);
      const g = minus<T>(minus<T>(getPart<T>(grad + at, inner - i), a), times<T>(normal, c));
      putPart<T>(out + at, times<T>(scale, g), inner - i);
      at += <usize>width<T>() * sizeof<T>();
    }
  }
}

export function batchNorm(
  out: usize,
  x: usize,
  weight: usize,
  bias: usize,
  mean: usize,
  variance: usize,
  rstd: usize,
  eps: f64,
): void {
  readSizes(7);
  fits(7, 0, out, true);
  fits(7, 1, x, true);
  fits(7, 2, weight, false);
  fits(7, 3, bias, false);
  fits(7, 4, mean, false);
  fits(7, 5, variance, false);
  fits(7, 6, rstd, false);
  const dtype = dtypeOf(0);
  if (inner == 1) {
    if (dtype == DType.float32)
      forwardColumns<f32>(batch, channels, training, out, x, weight, bias, mean, variance, rstd, eps);
    else if (dtype == DType.float64)
      forwardColumns<f64>(batch, channels, training, out, x, weight, bias, mean, variance, rstd, eps);
    else unsupported();
    return;
  }
  for (let j = 0; j < channels; j++) {
    if (dtype == DType.float32) forwardChannel<f32>(j, out, x, weight, bias, mean, variance, rstd, eps);
    else if (dtype == DType.float64) forwardChannel<f64>(j, out, x, weight, bias, mean, variance, rstd, eps);
    else unsupported();
  }
}

export function batchNormBackward(
  out: usize,
  weightGrad: usize,
  biasGrad: usize,
  grad: usize,
  x: usize,
  weight: usize,
  mean: usize,
  rstd: usize,
): void {
  readSizes(8);
  fits(8, 0, out, true);
  fits(8, 1, weightGrad, false);
  fits(8, 2, biasGrad, false);
  fits(8, 3, grad, true);
  fits(8, 4, x, true);
  fits(8, 5, weight, false);
  fits(8, 6, mean, false);
  fits(8, 7, rstd, false);
  const dtype = dtypeOf(0);
  if (inner == 1) {
    if (dtype == DType.float32)
      backwardColumns<f32>(batch, channels, training, out, weightGrad, biasGrad, grad, x, weight, mean, rstd);
    else if (dtype == DType.float64)
      backwardColumns<f64>(batch, channels, training, out, weightGrad, biasGrad, grad, x, weight, mean, rstd);
    else unsupported();
    return;
  }
  for (let j = 0; j < channels; j++) {
    if (dtype == DType.float32) backwardChannel<f32>(j, out, weightGrad, biasGrad, grad, x, weight, mean, rstd);
    else if (dtype == DType.float64) backwardChannel<f64>(j, out, weightGrad, biasGrad, grad, x, weight, mean, rstd);
    else unsupported();
  }
}
