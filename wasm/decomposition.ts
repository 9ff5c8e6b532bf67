/** Decompositions of matrices, in float64: LU, Cholesky, QR, triangular solves. As native/decomposition.cpp. */
import { check, DType, dtypeOf, int, unsupported } from './descriptor';
import { addScaled, at, dot, read, reflect, scale, swapRows, write } from './linear';

/** a = P · L · U in place; the first zero pivot's place (1-based) or 0. */
function luOne(a: usize, pivots: usize, m: i32, n: i32): i32 {
  let info = 0;
  const steps = min(m, n);
  for (let k = 0; k < steps; k++) {
    let pivot = k;
    for (let i = k + 1; i < m; i++) {
      if (Math.abs(read(a, i * n + k)) > Math.abs(read(a, pivot * n + k))) pivot = i;
    }
    store<i32>(pivots + (<usize>k << 2), pivot + 1);
    if (read(a, pivot * n + k) == 0) {
      if (info == 0) info = k + 1;
      continue;
    }
    if (pivot != k) swapRows(at(a, k * n), at(a, pivot * n), n);
    const diagonal = read(a, k * n + k);
    for (let i = k + 1; i < m; i++) {
      const factor = read(a, i * n + k) / diagonal;
      write(a, i * n + k, factor);
      if (factor != 0) addScaled(at(a, i * n + k + 1), at(a, k * n + k + 1), -factor, n - k - 1);
    }
  }
  return info;
}

/** a = L · Lᵀ, L in the lower part, zeros above; the first minor that is not positive (1-based) or 0. */
function choleskyOne(a: usize, n: i32): i32 {
  for (let i = 0; i < n; i++) {
    const row = at(a, i * n);
    for (let j = 0; j < i; j++) {
      const other = at(a, j * n);
      write(row, j, (read(row, j) - dot(row, other, j)) / read(other, j));
    }
    const square = read(row, i) - dot(row, row, i);
    if (!(square > 0)) return i + 1;
    write(row, i, Math.sqrt(square));
    for (let j = i + 1; j < n; j++) write(row, j, 0);
  }
  return 0;
}

function triangularOne(b: usize, a: usize, m: i32, n: i32, upper: bool, transposed: bool, unit: bool): void {
  const backward = upper != transposed;
  for (let step = 0; step < m; step++) {
    const i = backward ? m - 1 - step : step;
    const row = at(b, i * n);
    const begin = backward ? i + 1 : 0;
    const end = backward ? m : i;
    for (let j = begin; j < end; j++) {
      const factor = read(a, transposed ? j * m + i : i * m + j);
      if (factor != 0) addScaled(row, at(b, j * n), -factor, n);
    }
    if (!unit) scale(row, 1.0 / read(a, i * m + i), n);
  }
}

function qrOne(a: usize, tau: usize, work: usize, m: i32, n: i32): void {
  const steps = min(m, n);
  for (let k = 0; k < steps; k++) {
    let square: f64 = 0;
    for (let i = k + 1; i < m; i++) {
      const value = read(a, i * n + k);
      square += value * value;
    }
    const alpha = read(a, k * n + k);
    if (square == 0) {
      write(tau, k, 0);
      continue;
    }
    const norm = Math.sqrt(alpha * alpha + square);
    const beta = alpha >= 0 ? -norm : norm;
    const factor = (beta - alpha) / beta;
    write(tau, k, factor);
    for (let i = k + 1; i < m; i++) write(a, i * n + k, read(a, i * n + k) / (alpha - beta));
    write(a, k * n + k, 1);
    reflect(at(a, k), n, factor, at(a, k + 1), work, k, m, n - k - 1, n);
    write(a, k * n + k, beta);
  }
}

function householderOne(a: usize, tau: usize, work: usize, m: i32, n: i32, k: i32): void {
  for (let j = k; j < n; j++) {
    for (let i = 0; i < m; i++) write(a, i * n + j, i == j ? 1 : 0);
  }
  for (let step = k - 1; step >= 0; step--) {
    const factor = read(tau, step);
    write(a, step * n + step, 1);
    reflect(at(a, step), n, factor, at(a, step + 1), work, step, m, n - step - 1, n);
    for (let i = step + 1; i < m; i++) write(a, i * n + step, read(a, i * n + step) * -factor);
    write(a, step * n + step, 1 - factor);
    for (let i = 0; i < step; i++) write(a, i * n + step, 0);
  }
}

/** Aborts on an operand that is not float64 or has fewer than `count` elements. */
function doubles(k: i32, operand: i32, count: i64): void {
  if (dtypeOf(operand) != DType.float64) unsupported();
  check(k, operand, count);
}

/** Aborts on an operand that is not int32. */
function words(operand: i32): void {
  if (dtypeOf(operand) != DType.int32) unsupported();
}

export function luFactor(a: usize, pivots: usize, info: usize): void {
  const batch = int(3, 0);
  const m = int(3, 1);
  const n = int(3, 2);
  const steps = min(m, n);
  doubles(3, 0, <i64>batch * m * n);
  words(1);
  words(2);
  check(3, 1, <i64>batch * steps);
  check(3, 2, batch);
  for (let b = 0; b < batch; b++) {
    store<i32>(info + (<usize>b << 2), luOne(at(a, b * m * n), pivots + (<usize>(b * steps) << 2), m, n));
  }
}

export function choleskyFactor(a: usize, info: usize): void {
  const batch = int(2, 0);
  const n = int(2, 1);
  doubles(2, 0, <i64>batch * n * n);
  words(1);
  check(2, 1, batch);
  for (let b = 0; b < batch; b++) store<i32>(info + (<usize>b << 2), choleskyOne(at(a, b * n * n), n));
}

export function triangularSolve(b: usize, a: usize): void {
  const batch = int(2, 0);
  const m = int(2, 1);
  const n = int(2, 2);
  doubles(2, 0, <i64>batch * m * n);
  doubles(2, 1, <i64>batch * m * m);
  const upper = int(2, 3) != 0;
  const transposed = int(2, 4) != 0;
  const unit = int(2, 5) != 0;
  for (let i = 0; i < batch; i++) triangularOne(at(b, i * m * n), at(a, i * m * m), m, n, upper, transposed, unit);
}

export function qrFactor(a: usize, tau: usize, work: usize): void {
  const batch = int(3, 0);
  const m = int(3, 1);
  const n = int(3, 2);
  const steps = min(m, n);
  doubles(3, 0, <i64>batch * m * n);
  doubles(3, 1, <i64>batch * steps);
  doubles(3, 2, n);
  for (let b = 0; b < batch; b++) qrOne(at(a, b * m * n), at(tau, b * steps), work, m, n);
}

export function householderProduct(a: usize, tau: usize, work: usize): void {
  const batch = int(3, 0);
  const m = int(3, 1);
  const n = int(3, 2);
  const k = int(3, 3);
  if (n > m || k > n) abort();
  doubles(3, 0, <i64>batch * m * n);
  doubles(3, 1, <i64>batch * k);
  doubles(3, 2, n);
  for (let b = 0; b < batch; b++) householderOne(at(a, b * m * n), at(tau, b * k), work, m, n, k);
}
