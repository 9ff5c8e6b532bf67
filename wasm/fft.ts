/**
 * The discrete Fourier transform of rows of complex64, computed in float64: radix 2, and Bluestein's convolution for
 * lengths that are no power of two. As native/fft.cpp.
 */
import { check, DType, dtypeOf, int, unsupported } from './descriptor';
import { read, write } from './linear';

function swapPlaces(a: usize, i: i32, j: i32): void {
  const x = v128.load(a + (<usize>i << 4));
  v128.store(a + (<usize>i << 4), v128.load(a + (<usize>j << 4)));
  v128.store(a + (<usize>j << 4), x);
}

/** In place, a: m complex numbers, m a power of two; roots: exp(-2πik/m) for k < m / 2. */
function transform(a: usize, roots: usize, m: i32): void {
  for (let i = 1, j = 0; i < m; i++) {
    let bit = m >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) swapPlaces(a, i, j);
  }
  for (let length = 2; length <= m; length <<= 1) {
    const half = length >> 1;
    const step = m / length;
    for (let begin = 0; begin < m; begin += length) {
      const low = a + (<usize>begin << 4);
      const high = low + (<usize>half << 4);
      for (let k = 0; k < half; k++) {
        const wr = read(roots, 2 * k * step);
        const wi = read(roots, 2 * k * step + 1);
        const hr = read(high, 2 * k);
        const hi = read(high, 2 * k + 1);
        const tr = hr * wr - hi * wi;
        const ti = hr * wi + hi * wr;
        const lr = read(low, 2 * k);
        const li = read(low, 2 * k + 1);
        write(low, 2 * k, lr + tr);
        write(low, 2 * k + 1, li + ti);
        write(high, 2 * k, lr - tr);
        write(high, 2 * k + 1, li - ti);
      }
    }
  }
}

/** a = a · b, complex. */
function multiply(a: usize, b: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const ar = read(a, 2 * i);
    const ai = read(a, 2 * i + 1);
    const br = read(b, 2 * i);
    const bi = read(b, 2 * i + 1);
    write(a, 2 * i, ar * br - ai * bi);
    write(a, 2 * i + 1, ar * bi + ai * br);
  }
}

function swapParts(a: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const t = read(a, 2 * i);
    write(a, 2 * i, read(a, 2 * i + 1));
    write(a, 2 * i + 1, t);
  }
}

/** What the transform of real numbers has exactly, and rounding spoils: out[n - k] is the conjugate of out[k]. */
function mirror(out: usize, n: i32): void {
  store<f32>(out, 0, 4);
  if (n % 2 == 0) store<f32>(out + (<usize>n << 2), 0, 4);
  for (let k = 1; 2 * k < n; k++) {
    const low = out + (<usize>k << 3);
    const high = out + (<usize>(n - k) << 3);
    store<f32>(high, load<f32>(low));
    store<f32>(high, -load<f32>(low, 4), 4);
  }
}

/** The transform of the conjugated chirp, which every row is convolved with; chirp: exp(-πik²/n) for k < n. */
function chirpTransform(b: usize, chirp: usize, roots: usize, n: i32, m: i32): void {
  memory.fill(b, 0, <usize>m << 4);
  for (let k = 0; k < n; k++) {
    const re = read(chirp, 2 * k);
    const im = -read(chirp, 2 * k + 1);
    write(b, 2 * k, re);
    write(b, 2 * k + 1, im);
    const mirror = k == 0 ? 0 : m - k;
    write(b, 2 * mirror, re);
    write(b, 2 * mirror + 1, im);
  }
  transform(b, roots, m);
}

export function fft(out: usize, x: usize, table: usize, work: usize, scale: f64): void {
  const batch = int(4, 0);
  const n = int(4, 1);
  const m = int(4, 2);
  const inverse = int(4, 3) != 0;
  const direct = m == n;
  if (dtypeOf(0) != DType.complex64 || dtypeOf(1) != DType.complex64) unsupported();
  if (dtypeOf(2) != DType.float64 || dtypeOf(3) != DType.float64) unsupported();
  if (n < 1 || m < 1 || (m & (m - 1)) != 0 || (!direct && m < 2 * n - 1)) abort();
  check(4, 0, <i64>batch * n);
  check(4, 1, <i64>batch * n);
  check(4, 2, direct ? m : m + 2 * n);
  check(4, 3, direct ? 2 * m : 4 * m);
  const chirp = table + (<usize>m << 3);
  const b = work + (<usize>m << 4);
  if (!direct) chirpTransform(b, chirp, table, n, m);
  // An inverse transform is a forward one with real and imaginary parts exchanged before and after.
  const re: usize = inverse ? 4 : 0;
  const im: usize = 4 - re;
  for (let row = 0; row < batch; row++, x += <usize>n << 3, out += <usize>n << 3) {
    let real = true;
    for (let i = 0; i < n; i++) {
      const from = x + (<usize>i << 3);
      real = real && load<f32>(from + 4) == 0;
      write(work, 2 * i, <f64>load<f32>(from + re));
      write(work, 2 * i + 1, <f64>load<f32>(from + im));
    }
    let factor = scale;
    if (direct) {
      transform(work, table, m);
    } else {
      multiply(work, chirp, n);
      memory.fill(work + (<usize>n << 4), 0, <usize>(m - n) << 4);
      transform(work, table, m);
      multiply(work, b, m);
      swapParts(work, m);
      transform(work, table, m);
      swapParts(work, n);
      multiply(work, chirp, n);
      factor = scale / <f64>m;
    }
    for (let i = 0; i < n; i++) {
      const to = out + (<usize>i << 3);
      store<f32>(to + re, <f32>(read(work, 2 * i) * factor));
      store<f32>(to + im, <f32>(read(work, 2 * i + 1) * factor));
    }
    if (real) mirror(out, n);
  }
}
