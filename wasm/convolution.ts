/** Convolutions: forward, and the gradients of the input (also the transposed convolution) and of the weight. */
import { check, DType, dtypeOf, int } from './descriptor';

/** x [n, c, size], weight [o, c / groups, kernel], y [n, o, out]; y[p] looks at x[p · stride - pad + k · dilation]. */
let n: i32 = 0;
let c: i32 = 0;
let o: i32 = 0;
let groups: i32 = 0;
/** Input channels, and outputs, of a group. */
let inputs: i32 = 0;
let outputs: i32 = 0;
let volume: i32 = 0;
let outVolume: i32 = 0;
let taps: i32 = 0;
/** Sizes, kernel, out, stride, pad, dilation: three words each. */
const GEOMETRY: usize = memory.data(18 * 4, 16);

// @ts-ignore: decorator
@inline
function geometry(field: i32, d: i32): i32 {
  return load<i32>(GEOMETRY + (<usize>(3 * field + d) << 2));
}

const enum Field {
  size,
  kernel,
  out,
  stride,
  pad,
  dilation,
}

function begin(operands: i32): void {
  n = int(operands, 0);
  c = int(operands, 1);
  o = int(operands, 2);
  groups = int(operands, 3);
  if (n < 0 || c < 0 || o < 0 || groups <= 0 || c % groups != 0 || o % groups != 0) abort();
  for (let i = 0; i < 18; i++) store<i32>(GEOMETRY + (<usize>i << 2), int(operands, 4 + i));
  for (let d = 0; d < 3; d++) {
    if (geometry(Field.size, d) < 0 || geometry(Field.out, d) < 0 || geometry(Field.kernel, d) <= 0) abort();
    if (geometry(Field.stride, d) <= 0 || geometry(Field.dilation, d) <= 0) abort();
  }
  inputs = c / groups;
  outputs = o / groups;
  volume = product(Field.size);
  outVolume = product(Field.out);
  taps = product(Field.kernel);
}

function product(field: i32): i32 {
  const all = <i64>geometry(field, 0) * geometry(field, 1) * geometry(field, 2);
  if (all > <i64>i32.MAX_VALUE) abort();
  return <i32>all;
}

/** The first output along d whose tap k lies inside. */
function first(d: i32, k: i32): i32 {
  const start = geometry(Field.pad, d) - k * geometry(Field.dilation, d);
  const stride = geometry(Field.stride, d);
  return start > 0 ? (start + stride - 1) / stride : 0;
}

/** One past the last output along d whose tap k lies inside. */
function last(d: i32, k: i32): i32 {
  const end = geometry(Field.size, d) - 1 + geometry(Field.pad, d) - k * geometry(Field.dilation, d);
  return end < 0 ? 0 : min(end / geometry(Field.stride, d) + 1, geometry(Field.out, d));
}

/** What a walk does with a row: gathers into the output, scatters into the input, or multiplies the two. */
const enum Walk {
  gather,
  scatter,
  dot,
}

/** y[p] += factor · x[p · stride] for a plane of y and one of x and one tap; or the other way; or their product. */
function plane<T>(y: usize, x: usize, tap: i32, factor: T, walk: Walk): f64 {
  const kw = tap % geometry(Field.kernel, 2);
  const kh = (tap / geometry(Field.kernel, 2)) % geometry(Field.kernel, 1);
  const kd = tap / geometry(Field.kernel, 2) / geometry(Field.kernel, 1);
  const begin2 = first(2, kw);
  const count = last(2, kw) - begin2;
  if (count <= 0) return 0;
  const step = <usize>geometry(Field.stride, 2) * sizeof<T>();
  let sum: f64 = 0;
  for (let d = first(0, kd), endD = last(0, kd); d < endD; d++) {
    const inD = d * geometry(Field.stride, 0) - geometry(Field.pad, 0) + kd * geometry(Field.dilation, 0);
    for (let h = first(1, kh), endH = last(1, kh); h < endH; h++) {
      const inH = h * geometry(Field.stride, 1) - geometry(Field.pad, 1) + kh * geometry(Field.dilation, 1);
      const inW = begin2 * geometry(Field.stride, 2) - geometry(Field.pad, 2) + kw * geometry(Field.dilation, 2);
      let from = x + <usize>((inD * geometry(Field.size, 1) + inH) * geometry(Field.size, 2) + inW) * sizeof<T>();
      let to = y + <usize>((d * geometry(Field.out, 1) + h) * geometry(Field.out, 2) + begin2) * sizeof<T>();
      const end = to + <usize>count * sizeof<T>();
      if (walk == Walk.gather) {
        while (to < end) {
          store<T>(to, load<T>(to) + factor * load<T>(from));
          to += sizeof<T>();
          from += step;
        }
      } else if (walk == Walk.scatter) {
        while (to < end) {
          store<T>(from, load<T>(from) + factor * load<T>(to));
          to += sizeof<T>();
          from += step;
        }
      } else {
        while (to < end) {
          sum += <f64>load<T>(to) * <f64>load<T>(from);
          to += sizeof<T>();
          from += step;
        }
      }
    }
  }
  return sum;
}

function forward<T>(y: usize, x: usize, weight: usize, bias: usize): void {
  const bytes = <usize>outVolume * sizeof<T>();
  for (let i = 0; i < n; i++) {
    for (let oc = 0; oc < o; oc++) {
      const value: T = bias != 0 ? load<T>(bias + <usize>oc * sizeof<T>()) : <T>0;
      for (let p: usize = 0; p < bytes; p += sizeof<T>()) store<T>(y + p, value);
      for (let ci = 0; ci < inputs; ci++) {
        const from = x + <usize>((i * c + (oc / outputs) * inputs + ci) * volume) * sizeof<T>();
        const w = weight + <usize>((oc * inputs + ci) * taps) * sizeof<T>();
        for (let tap = 0; tap < taps; tap++) {
          plane<T>(y, from, tap, load<T>(w + <usize>tap * sizeof<T>()), Walk.gather);
        }
      }
      y += bytes;
    }
  }
}

function backwardInput<T>(gradX: usize, grad: usize, weight: usize): void {
  const bytes = <usize>volume * sizeof<T>();
  for (let i = 0; i < n; i++) {
    for (let ic = 0; ic < c; ic++) {
      memory.fill(gradX, 0, bytes);
      const group = ic / inputs;
      for (let oc = group * outputs; oc < (group + 1) * outputs; oc++) {
        const from = grad + <usize>((i * o + oc) * outVolume) * sizeof<T>();
        const w = weight + <usize>((oc * inputs + (ic % inputs)) * taps) * sizeof<T>();
        for (let tap = 0; tap < taps; tap++) {
          plane<T>(from, gradX, tap, load<T>(w + <usize>tap * sizeof<T>()), Walk.scatter);
        }
      }
      gradX += bytes;
    }
  }
}

function backwardWeight<T>(gradW: usize, x: usize, grad: usize): void {
  for (let oc = 0; oc < o; oc++) {
    for (let ci = 0; ci < inputs; ci++) {
      for (let tap = 0; tap < taps; tap++) {
        let sum: f64 = 0;
        for (let i = 0; i < n; i++) {
          const from = x + <usize>((i * c + (oc / outputs) * inputs + ci) * volume) * sizeof<T>();
          const to = grad + <usize>((i * o + oc) * outVolume) * sizeof<T>();
          sum += plane<T>(to, from, tap, <T>0, Walk.dot);
        }
        store<T>(gradW, <T>sum);
        gradW += sizeof<T>();
      }
    }
  }
}

export function convolution(out: usize, x: usize, weight: usize, bias: usize): void {
  begin(4);
  check(4, 0, <i64>n * o * outVolume);
  check(4, 1, <i64>n * c * volume);
  check(4, 2, <i64>o * inputs * taps);
  if (bias != 0) check(4, 3, o);
  switch (dtypeOf(0)) {
    case DType.float32:
      return forward<f32>(out, x, weight, bias);
    case DType.float64:
      return forward<f64>(out, x, weight, bias);
    case DType.int64:
      return forward<i64>(out, x, weight, bias);
    default:
      return forward<i32>(out, x, weight, bias);
  }
}

export function convolutionBackwardInput(out: usize, grad: usize, weight: usize): void {
  begin(3);
  check(3, 0, <i64>n * c * volume);
  check(3, 1, <i64>n * o * outVolume);
  check(3, 2, <i64>o * inputs * taps);
  switch (dtypeOf(0)) {
    case DType.float32:
      return backwardInput<f32>(out, grad, weight);
    case DType.float64:
      return backwardInput<f64>(out, grad, weight);
    case DType.int64:
      return backwardInput<i64>(out, grad, weight);
    default:
      return backwardInput<i32>(out, grad, weight);
  }
}

export function convolutionBackwardWeight(out: usize, x: usize, grad: usize): void {
  begin(3);
  check(3, 0, <i64>o * inputs * taps);
  check(3, 1, <i64>n * c * volume);
  check(3, 2, <i64>n * o * outVolume);
  if (dtypeOf(0) == DType.float32) backwardWeight<f32>(out, x, grad);
  else backwardWeight<f64>(out, x, grad);
}
