/** Balancing and the reduction to Hessenberg form. As native/hessenberg.h. */
import { addScaled, at, dot, larger, read, reflect, scale, smaller, swapRows, withSign, write } from './linear';

export const PRECISION: f64 = 2.220446049250313e-16;
export const SMALLEST: f64 = 2.2250738585072014e-308;

/** The matrix under way to its Schur form: h = Zᵀ · A · Z, with Z's columns as rows of z (or 0). */
export let h: usize = 0;
export let z: usize = 0;
export let n: i32 = 0;
/** The rows and columns that are not triangular already. */
export let low: i32 = 0;
export let high: i32 = 0;

export function begin(matrix: usize, transformation: usize, size: i32): void {
  h = matrix;
  z = transformation;
  n = size;
  low = 0;
  high = size - 1;
}

// @ts-ignore: decorator
@inline
export function place(i: i32, j: i32): usize {
  return at(h, i * n + j);
}

// @ts-ignore: decorator
@inline
export function element(i: i32, j: i32): f64 {
  return load<f64>(place(i, j));
}

/** (x, y) becomes (c · x + s · y, c · y - s · x), element by element. */
export function turn(x: usize, y: usize, step: i32, count: i32, c: f64, s: f64): void {
  for (let i = 0; i < count; i++) {
    const a = read(x, i * step);
    const b = read(y, i * step);
    write(x, i * step, c * a + s * b);
    write(y, i * step, c * b - s * a);
  }
}

/**
 * The reflection I - tau · (1, v) · (1, v)ᵀ that makes (alpha, x) a multiple of the first unit vector: x becomes v, what
 * stands at `alpha` that multiple.
 */
export function reflection(alpha: usize, x: usize, count: i32): f64 {
  let square: f64 = 0;
  for (let i = 0; i < count; i++) square += read(x, i) * read(x, i);
  if (square == 0) return 0;
  const first = load<f64>(alpha);
  const beta = -withSign(Math.sqrt(first * first + square), first);
  const factor = 1.0 / (first - beta);
  for (let i = 0; i < count; i++) write(x, i, read(x, i) * factor);
  store<f64>(alpha, beta);
  return (beta - first) / beta;
}

/** Exchanges rows and columns i and j of what is not triangular yet. */
function exchange(i: i32, j: i32): void {
  if (i == j) return;
  for (let k = 0; k <= high; k++) swapRows(place(k, i), place(k, j), 1);
  swapRows(place(i, low), place(j, low), n - low);
}

/** Whether row (or column) i has nothing beside its diagonal between low and high. */
function isolated(i: i32, column: bool): bool {
  for (let k = low; k <= high; k++) {
    if (k != i && (column ? element(k, i) : element(i, k)) != 0) return false;
  }
  return true;
}

/** One round of scaling rows and columns by powers of 2 to like norms. Whether something changed. */
function scaleOnce(scales: usize): bool {
  const least = SMALLEST / PRECISION;
  const largest = 1.0 / least;
  let changed = false;
  for (let i = low; i <= high; i++) {
    let c: f64 = 0;
    let r: f64 = 0;
    let most: f64 = 0;
    let mostRow: f64 = 0;
    for (let k = low; k <= high; k++) {
      c += element(k, i) * element(k, i);
      r += element(i, k) * element(i, k);
    }
    for (let k = 0; k <= high; k++) most = larger(most, Math.abs(element(k, i)));
    for (let k = low; k < n; k++) mostRow = larger(mostRow, Math.abs(element(i, k)));
    c = Math.sqrt(c);
    r = Math.sqrt(r);
    if (!(c > 0 && r > 0) || c > largest || r > largest) continue;
    const sum = c + r;
    let f: f64 = 1;
    let g = r / 2.0;
    while (c < g && larger(larger(f, c), most) < largest / 2.0 && smaller(smaller(r, g), mostRow) > least * 2.0) {
      f *= 2.0;
      c *= 2.0;
      most *= 2.0;
      r /= 2.0;
      g /= 2.0;
      mostRow /= 2.0;
    }
    g = c / 2.0;
    while (g >= r && larger(r, mostRow) < largest / 2.0 && smaller(smaller(f, c), smaller(g, most)) > least * 2.0) {
      f /= 2.0;
      c /= 2.0;
      g /= 2.0;
      most /= 2.0;
      r *= 2.0;
      mostRow *= 2.0;
    }
    if (c + r >= 0.95 * sum) continue;
    const before = read(scales, i);
    if (f < 1 && before < 1 && f * before <= least) continue;
    if (f > 1 && before > 1 && before >= largest / f) continue;
    write(scales, i, before * f);
    changed = true;
    scale(place(i, low), 1.0 / f, n - low);
    for (let k = 0; k <= high; k++) store<f64>(place(k, i), element(k, i) * f);
  }
  return changed;
}

/** Moves isolated eigenvalues to the ends and scales the rest; scales: the factors, and the rows exchanged. */
export function balance(scales: usize): void {
  let found = true;
  while (found) {
    found = false;
    for (let i = high; i >= 0 && high >= 0; i--) {
      if (i > high || !isolated(i, false)) continue;
      write(scales, high, <f64>i);
      exchange(i, high);
      high--;
      found = high >= 0;
    }
  }
  found = high >= 0;
  while (found) {
    found = false;
    for (let j = low; j <= high; j++) {
      if (!isolated(j, true)) continue;
      write(scales, low, <f64>j);
      exchange(j, low);
      low++;
      found = true;
    }
  }
  for (let i = low; i <= high; i++) write(scales, i, 1);
  while (scaleOnce(scales)) continue;
}

/** Householder's reduction to Hessenberg form. v, work: n each; taus: n. */
export function toHessenberg(taus: usize, v: usize, work: usize): void {
  for (let i = low; i < high; i++) {
    const count = high - i;
    for (let k = 0; k < count; k++) write(v, k, element(i + 1 + k, i));
    const tau = reflection(v, at(v, 1), count - 1);
    const first = read(v, 0);
    write(taus, i, tau);
    write(v, 0, 1);
    if (tau != 0) {
      for (let r = 0; r <= high; r++) {
        const row = place(r, i + 1);
        addScaled(row, v, -tau * dot(row, v, count), count);
      }
      reflect(v, 1, tau, place(i + 1, i + 1), work, 0, count, n - i - 1, n);
    }
    store<f64>(place(i + 1, i), first);
    for (let k = 1; k < count; k++) store<f64>(place(i + 1 + k, i), read(v, k));
  }
  if (z == 0) return;
  for (let i = 0; i < n * n; i++) write(z, i, i % (n + 1) == 0 ? 1 : 0);
  for (let i = high - 1; i >= low; i--) {
    const count = high - i;
    const tau = read(taus, i);
    write(v, 0, 1);
    for (let k = 1; k < count; k++) write(v, k, element(i + 1 + k, i));
    for (let r = i + 1; r <= high; r++) {
      const row = at(z, r * n + i + 1);
      addScaled(row, v, -tau * dot(row, v, count), count);
    }
  }
}
