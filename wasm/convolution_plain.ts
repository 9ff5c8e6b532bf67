/** Convolutions of any dtype, one tap of a plane at a time; nearly all of float32 go other ways. */
import {
  c,
  Field,
  first,
  geometry,
  groups,
  inputs,
  last,
  n,
  o,
  outputs,
  outVolume,
  taps,
  volume,
} from './convolution_geometry';

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

export function forward<T>(y: usize, x: usize, weight: usize, bias: usize): void {
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

export function backwardInput<T>(gradX: usize, grad: usize, weight: usize): void {
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

export function backwardWeight<T>(gradW: usize, x: usize, grad: usize): void {
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

