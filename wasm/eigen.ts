/** Eigenvalues and eigenvectors of general matrices, in float64. As native/eigen.cpp. */
import { check, DType, dtypeOf, int, Problem, report, unsupported } from './descriptor';
import { balance, begin, element, high, low, n, place, PRECISION, SMALLEST, toHessenberg, turn, z } from './hessenberg';
import { addScaled, at, dot, larger, length, read, scale, swapRows, withSign, write } from './linear';
import { toSchur } from './schur';

/** The quotient of {@link divide}. */
let quotientRe: f64 = 0;
let quotientIm: f64 = 0;

/** Complex division without overflow on the way. */
function divide(re: f64, im: f64, byRe: f64, byIm: f64): void {
  if (Math.abs(byRe) >= Math.abs(byIm)) {
    const ratio = byIm / byRe;
    const scaled = byRe + byIm * ratio;
    quotientRe = (re + im * ratio) / scaled;
    quotientIm = (im - re * ratio) / scaled;
  } else {
    const ratio = byRe / byIm;
    const scaled = byRe * ratio + byIm;
    quotientRe = (re * ratio + im) / scaled;
    quotientIm = (im * ratio - re) / scaled;
  }
}

/** Keeps elements first … last of a solution far from overflow. */
function hold(re: usize, im: usize, first: i32, last: i32): void {
  let most: f64 = 0;
  for (let i = first; i <= last; i++) most = larger(most, larger(Math.abs(read(re, i)), Math.abs(read(im, i))));
  if (most < 1e140) return;
  scale(at(re, first), 1.0 / most, last - first + 1);
  scale(at(im, first), 1.0 / most, last - first + 1);
}

/** Solves (T - w) · x = 0 upwards from row k, x being known from k + 1 to last. A pivot is at least `least`. */
function substitute(re: usize, im: usize, wRe: f64, wIm: f64, k: i32, last: i32, least: f64): void {
  const isReal = wIm == 0;
  while (k >= 0) {
    const count = last - k;
    const row = place(k, k + 1);
    const rightRe = -dot(row, at(re, k + 1), count);
    const rightIm = isReal ? 0 : -dot(row, at(im, k + 1), count);
    const sRe = element(k, k) - wRe;
    const sIm = 0 - wIm;
    if (k == 0 || element(k, k - 1) == 0) {
      if (Math.abs(sRe) + Math.abs(sIm) < least) divide(rightRe, rightIm, least, 0);
      else divide(rightRe, rightIm, sRe, sIm);
      write(re, k, quotientRe);
      write(im, k, quotientIm);
      hold(re, im, k, last);
      k--;
      continue;
    }
    const above = place(k - 1, k + 1);
    const upperRe = -dot(above, at(re, k + 1), count);
    const upperIm = isReal ? 0 : -dot(above, at(im, k + 1), count);
    const pRe = element(k - 1, k - 1) - wRe;
    const q = element(k - 1, k);
    const r = element(k, k - 1);
    let determinantRe = pRe * sRe - sIm * sIm - q * r;
    let determinantIm = pRe * sIm + sIm * sRe;
    if (Math.abs(determinantRe) + Math.abs(determinantIm) < least * least) {
      determinantRe = least * least;
      determinantIm = 0;
    }
    divide(sRe * upperRe - sIm * upperIm - q * rightRe, sRe * upperIm + sIm * upperRe - q * rightIm, determinantRe, determinantIm);
    write(re, k - 1, quotientRe);
    write(im, k - 1, quotientIm);
    divide(pRe * rightRe - sIm * rightIm - r * upperRe, pRe * rightIm + sIm * rightRe - r * upperIm, determinantRe, determinantIm);
    write(re, k, quotientRe);
    write(im, k, quotientIm);
    hold(re, im, k - 1, last);
    k -= 2;
  }
}

/** Z · x, undoing the balancing: into v. */
function transformBack(xRe: usize, xIm: usize, last: i32, isReal: bool, scales: usize, vRe: usize, vIm: usize): void {
  for (let i = 0; i < n; i++) {
    write(vRe, i, 0);
    write(vIm, i, 0);
  }
  for (let k = 0; k <= last; k++) {
    addScaled(vRe, at(z, k * n), read(xRe, k), n);
    if (!isReal) addScaled(vIm, at(z, k * n), read(xIm, k), n);
  }
  for (let i = low; i <= high; i++) {
    write(vRe, i, read(vRe, i) * read(scales, i));
    write(vIm, i, read(vIm, i) * read(scales, i));
  }
  for (let step = 0; step < n; step++) {
    const i = step < low ? low - 1 - step : step;
    if (i >= low && i <= high) continue;
    const other = <i32>read(scales, i);
    swapRows(at(vRe, i), at(vRe, other), 1);
    swapRows(at(vIm, i), at(vIm, other), 1);
  }
}

/** Length 1, and the largest element real. */
function normalize(re: usize, im: usize, isReal: bool): void {
  let most: f64 = 0;
  for (let i = 0; i < n; i++) most = larger(most, larger(Math.abs(read(re, i)), Math.abs(read(im, i))));
  if (most == 0) return;
  scale(re, 1.0 / most, n);
  scale(im, 1.0 / most, n);
  const norm = Math.sqrt(dot(re, re, n) + (isReal ? 0 : dot(im, im, n)));
  scale(re, 1.0 / norm, n);
  if (isReal) return;
  scale(im, 1.0 / norm, n);
  let best = 0;
  let bestSquare: f64 = -1;
  for (let i = 0; i < n; i++) {
    const square = read(re, i) * read(re, i) + read(im, i) * read(im, i);
    if (square <= bestSquare) continue;
    bestSquare = square;
    best = i;
  }
  const radius = withSign(length(read(re, best), read(im, best)), read(re, best));
  turn(re, im, 1, n, read(re, best) / radius, read(im, best) / radius);
  write(im, best, 0);
}

/** Writes v as column j of n × n complex numbers, or its conjugate. */
function writeColumn(out: usize, j: i32, re: usize, im: usize, sign: f64): void {
  for (let i = 0; i < n; i++) {
    write(out, 2 * (i * n + j), read(re, i));
    write(out, 2 * (i * n + j) + 1, sign * read(im, i));
  }
}

/** All eigenvectors of the Schur form, as columns of the original matrix's. work: 4 n. */
function eigenvectors(real: usize, imaginary: usize, scales: usize, out: usize, work: usize): void {
  const xRe = work;
  const xIm = at(work, n);
  const vRe = at(work, 2 * n);
  const vIm = at(work, 3 * n);
  const tiny = SMALLEST * (<f64>n / PRECISION);
  for (let j = n - 1; j >= 0; j--) {
    const wRe = read(real, j);
    const wIm = Math.abs(read(imaginary, j));
    const least = larger(PRECISION * (Math.abs(wRe) + wIm), tiny);
    for (let i = 0; i < n; i++) {
      write(xRe, i, 0);
      write(xIm, i, 0);
    }
    if (wIm == 0) {
      write(xRe, j, 1);
    } else if (Math.abs(element(j - 1, j)) >= Math.abs(element(j, j - 1))) {
      // Of a pair j - 1, j; the vector is that of the value with the positive imaginary part.
      write(xRe, j - 1, 1);
      write(xIm, j, wIm / element(j - 1, j));
    } else {
      write(xRe, j - 1, -wIm / element(j, j - 1));
      write(xIm, j, 1);
    }
    substitute(xRe, xIm, wRe, wIm, wIm == 0 ? j - 1 : j - 2, j, least);
    transformBack(xRe, xIm, j, wIm == 0, scales, vRe, vIm);
    normalize(vRe, vIm, wIm == 0);
    if (wIm == 0) {
      writeColumn(out, j, vRe, vIm, 1);
    } else {
      writeColumn(out, j - 1, vRe, vIm, 1);
      writeColumn(out, j, vRe, vIm, -1);
      j--;
    }
  }
}

export function generalEigen(a: usize, values: usize, vectors: usize, work: usize): void {
  const batch = int(4, 0);
  const size = int(4, 1);
  const square = <i64>size * size;
  const wantsVectors = vectors != 0;
  for (let i = 0; i < 4; i++) {
    if ((i != 2 || wantsVectors) && dtypeOf(i) != DType.float64) unsupported();
  }
  check(4, 0, batch * square);
  check(4, 1, 2 * <i64>batch * size);
  if (wantsVectors) check(4, 2, 2 * batch * square);
  check(4, 3, (wantsVectors ? square : 0) + 7 * <i64>size);
  const real = work;
  const imaginary = at(work, size);
  const scales = at(work, 2 * size);
  const rest = at(work, 3 * size);
  for (let b = 0; b < batch && size > 0; b++) {
    begin(at(a, b * <i32>square), wantsVectors ? at(work, 7 * size) : 0, size);
    balance(scales);
    toHessenberg(rest, at(rest, size), at(rest, 2 * size));
    if (!toSchur(real, imaginary)) return report(Problem.badValue, b, batch);
    for (let i = 0; i < size; i++) {
      write(values, 2 * (b * size + i), read(real, i));
      write(values, 2 * (b * size + i) + 1, read(imaginary, i));
    }
    if (wantsVectors) eigenvectors(real, imaginary, scales, at(vectors, 2 * b * <i32>square), rest);
  }
}
