/** Eigenvalues of symmetric matrices and singular values, in float64. As native/spectral.cpp. */
import { check, DType, dtypeOf, int, Problem, report, unsupported } from './descriptor';
import { addScaled, at, dot, length, read, reflect, scale, swapRows, write } from './linear';

const EPSILON: f64 = 2.220446049250313e-16;

/** (x, y) becomes (c · x - s · y, s · x + c · y), row by row. */
function rotate(x: usize, y: usize, c: f64, s: f64, n: i32): void {
  const cc = f64x2.splat(c);
  const ss = f64x2.splat(s);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const a = v128.load(at(x, i));
    const b = v128.load(at(y, i));
    v128.store(at(x, i), f64x2.sub(f64x2.mul(cc, a), f64x2.mul(ss, b)));
    v128.store(at(y, i), f64x2.add(f64x2.mul(ss, a), f64x2.mul(cc, b)));
  }
  if (i < n) {
    const a = read(x, i);
    const b = read(y, i);
    write(x, i, c * a - s * b);
    write(y, i, s * a + c * b);
  }
}

/** Householder's reduction to diagonal d and off-diagonal e. a becomes the rows of Qᵀ. work: 2 n. */
function tridiagonalize(a: usize, d: usize, e: usize, work: usize, n: i32): void {
  const p = work;
  const taus = at(work, n);
  for (let k = 0; k + 1 < n; k++) {
    const v = at(a, k * n);
    write(d, k, read(v, k));
    const alpha = read(v, k + 1);
    let square: f64 = 0;
    for (let j = k + 2; j < n; j++) square += read(v, j) * read(v, j);
    if (square == 0) {
      write(e, k, alpha);
      write(taus, k, 0);
      continue;
    }
    const norm = Math.sqrt(alpha * alpha + square);
    const beta = alpha >= 0 ? -norm : norm;
    const tau = (beta - alpha) / beta;
    const inverse = 1.0 / (alpha - beta);
    for (let j = k + 2; j < n; j++) write(v, j, read(v, j) * inverse);
    write(v, k + 1, 1);
    const from = k + 1;
    const width = n - from;
    for (let i = from; i < n; i++) write(p, i, tau * dot(at(a, i * n + from), at(v, from), width));
    addScaled(at(p, from), at(v, from), -0.5 * tau * dot(at(p, from), at(v, from), width), width);
    for (let i = from; i < n; i++) {
      addScaled(at(a, i * n + from), at(p, from), -read(v, i), width);
      addScaled(at(a, i * n + from), at(v, from), -read(p, i), width);
    }
    write(e, k, beta);
    write(taus, k, tau);
  }
  write(d, n - 1, read(a, n * n - 1));
  // Q = H₀ · H₁ ⋯, gathered from the last reflection back; rows k + 1 … hold what is done.
  write(a, n * n - 1, 1);
  for (let k = n - 2; k >= 0; k--) {
    const row = at(a, k * n);
    reflect(row, 1, read(taus, k), at(a, k + 1), p, k + 1, n, n - k - 1, n);
    for (let j = k + 1; j < n; j++) write(row, j, 0);
    write(row, k, 1);
    for (let i = k + 1; i < n; i++) write(a, i * n + k, 0);
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const t = read(a, i * n + j);
      write(a, i * n + j, read(a, j * n + i));
      write(a, j * n + i, t);
    }
  }
}

/** Implicit QL on a tridiagonal matrix; z's rows are rotated along. False where it does not converge. */
function diagonalize(z: usize, d: usize, e: usize, n: i32): bool {
  for (let low = 0; low < n; low++) {
    for (let rounds = 0; ; rounds++) {
      let high = low;
      while (high + 1 < n && Math.abs(read(e, high)) > EPSILON * (Math.abs(read(d, high)) + Math.abs(read(d, high + 1)))) {
        high++;
      }
      if (high == low) break;
      if (rounds == 60) return false;
      let g = (read(d, low + 1) - read(d, low)) / (2.0 * read(e, low));
      let r = Math.sqrt(g * g + 1.0);
      g = read(d, high) - read(d, low) + read(e, low) / (g + (g >= 0 ? r : -r));
      let s: f64 = 1;
      let c: f64 = 1;
      let shift: f64 = 0;
      let i = high - 1;
      for (; i >= low; i--) {
        const f = s * read(e, i);
        const b = c * read(e, i);
        r = length(f, g);
        write(e, i + 1, r);
        if (r == 0) {
          write(d, i + 1, read(d, i + 1) - shift);
          write(e, high, 0);
          break;
        }
        s = f / r;
        c = g / r;
        g = read(d, i + 1) - shift;
        r = (read(d, i) - g) * s + 2.0 * c * b;
        shift = s * r;
        write(d, i + 1, g + shift);
        g = c * r - b;
        rotate(at(z, i * n), at(z, (i + 1) * n), c, s, n);
      }
      if (i >= low) continue;
      write(d, low, read(d, low) - shift);
      write(e, low, g);
      write(e, high, 0);
    }
  }
  return true;
}

/** Puts d in rising (or falling) order, and the rows of z and w (0: none) with it. */
function sortRows(d: usize, z: usize, zWidth: i32, w: usize, wWidth: i32, n: i32, falling: bool): void {
  for (let i = 0; i + 1 < n; i++) {
    let best = i;
    for (let j = i + 1; j < n; j++) {
      if (falling ? read(d, j) > read(d, best) : read(d, j) < read(d, best)) best = j;
    }
    if (best == i) continue;
    const t = read(d, i);
    write(d, i, read(d, best));
    write(d, best, t);
    swapRows(at(z, i * zWidth), at(z, best * zWidth), zWidth);
    if (w != 0) swapRows(at(w, i * wWidth), at(w, best * wWidth), wWidth);
  }
}

/** Turns the rows of x (n of length m) so that each is orthogonal to the others; v's rows turn along. */
function orthogonalize(x: usize, v: usize, m: i32, n: i32): bool {
  for (let sweep = 0; sweep < 60; sweep++) {
    let turned = false;
    for (let p = 0; p + 1 < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const a = at(x, p * m);
        const b = at(x, q * m);
        const aa = dot(a, a, m);
        const bb = dot(b, b, m);
        const ab = dot(a, b, m);
        if (ab == 0 || Math.abs(ab) <= 4.0 * EPSILON * Math.sqrt(aa) * Math.sqrt(bb)) continue;
        turned = true;
        const zeta = (bb - aa) / (2.0 * ab);
        const t = (zeta >= 0 ? 1.0 : -1.0) / (Math.abs(zeta) + Math.sqrt(1.0 + zeta * zeta));
        const c = 1.0 / Math.sqrt(1.0 + t * t);
        rotate(a, b, c, c * t, m);
        rotate(at(v, p * n), at(v, q * n), c, c * t, n);
      }
    }
    if (!turned) return true;
  }
  return false;
}

/** Makes row `i` of u a unit vector orthogonal to the rows before it. */
function completeRow(u: usize, i: i32, m: i32): void {
  const row = at(u, i * m);
  for (let axis = 0; axis < m; axis++) {
    for (let j = 0; j < m; j++) write(row, j, j == axis ? 1 : 0);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < i; k++) addScaled(row, at(u, k * m), -dot(row, at(u, k * m), m), m);
    }
    const norm = Math.sqrt(dot(row, row, m));
    if (norm * norm * <f64>m < 0.5 * <f64>(m - i)) continue;
    scale(row, 1.0 / norm, m);
    return;
  }
}

/** Aborts on an operand that is not float64 or has fewer than `count` elements. */
function doubles(k: i32, operand: i32, count: i64): void {
  if (dtypeOf(operand) != DType.float64) unsupported();
  check(k, operand, count);
}

export function symmetricEigen(a: usize, values: usize, work: usize): void {
  const batch = int(3, 0);
  const n = int(3, 1);
  doubles(3, 0, <i64>batch * n * n);
  doubles(3, 1, <i64>batch * n);
  doubles(3, 2, 3 * n);
  if (n <= 0) return;
  for (let b = 0; b < batch; b++) {
    const z = at(a, b * n * n);
    const d = at(values, b * n);
    write(work, n - 1, 0);
    tridiagonalize(z, d, work, at(work, n), n);
    if (!diagonalize(z, d, work, n)) {
      report(Problem.badValue, b, batch);
      return;
    }
    sortRows(d, z, n, 0, 0, n, false);
  }
}

export function svdFactor(x: usize, values: usize, v: usize): void {
  const batch = int(3, 0);
  const m = int(3, 1);
  const n = int(3, 2);
  const rows = int(3, 3);
  if (n < 0 || n > m || rows < n || rows > m) abort();
  doubles(3, 0, <i64>batch * rows * m);
  doubles(3, 1, <i64>batch * n);
  doubles(3, 2, <i64>batch * n * n);
  for (let b = 0; b < batch; b++, x = at(x, rows * m), values = at(values, n), v = at(v, n * n)) {
    for (let i = 0; i < n * n; i++) write(v, i, i % (n + 1) == 0 ? 1 : 0);
    if (!orthogonalize(x, v, m, n)) {
      report(Problem.badValue, b, batch);
      return;
    }
    for (let i = 0; i < n; i++) write(values, i, Math.sqrt(dot(at(x, i * m), at(x, i * m), m)));
    sortRows(values, x, m, v, n, n, true);
    const least = n > 0 ? read(values, 0) * EPSILON * <f64>m : 0;
    for (let i = 0; i < rows; i++) {
      if (i < n && read(values, i) > least) scale(at(x, i * m), 1.0 / read(values, i), m);
      else completeRow(x, i, m);
    }
  }
}
