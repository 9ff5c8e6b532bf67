/** QR steps with two shifts, from Hessenberg form to Schur form. As native/schur.h. */
import { element, h, high, low, n, place, PRECISION, reflection, SMALLEST, turn, z } from './hessenberg';
import { at, larger, length, read, smaller, withSign, write } from './linear';

// A 2 × 2 block of the diagonal and, once standardized, its eigenvalues and the rotation that was needed.
let a: f64 = 0;
let b: f64 = 0;
let c: f64 = 0;
let d: f64 = 0;
let imaginaryPart: f64 = 0;
let cosine: f64 = 0;
let sine: f64 = 0;

/** Two shifts: real and equal, or conjugate. */
let real1: f64 = 0;
let imaginary1: f64 = 0;
let real2: f64 = 0;
let imaginary2: f64 = 0;

/** A small reflection: its factor and the last one or two elements of its vector. */
const V: usize = memory.data(3 * 8, 16);

/** The part of {@link standardize} for complex and nearly equal eigenvalues. */
function equalize(difference: f64): void {
  const sigma = b + c;
  const tau = length(sigma, difference);
  cosine = Math.sqrt(0.5 * (1.0 + Math.abs(sigma) / tau));
  sine = -((0.5 * difference) / (tau * cosine)) * withSign(1, sigma);
  const aa = a * cosine + b * sine;
  const bb = -a * sine + b * cosine;
  const cc = c * cosine + d * sine;
  const dd = -c * sine + d * cosine;
  a = aa * cosine + cc * sine;
  b = bb * cosine + dd * sine;
  c = -aa * sine + cc * cosine;
  d = -bb * sine + dd * cosine;
  const middle = 0.5 * (a + d);
  a = middle;
  d = middle;
  if (c != 0 && b == 0) {
    b = -c;
    c = 0;
    const t = cosine;
    cosine = -sine;
    sine = t;
  } else if (c != 0 && b < 0 == c < 0) {
    const rootB = Math.sqrt(Math.abs(b));
    const rootC = Math.sqrt(Math.abs(c));
    const p = withSign(rootB * rootC, c);
    const scaled = 1.0 / Math.sqrt(Math.abs(b + c));
    a = middle + p;
    d = middle - p;
    b -= c;
    c = 0;
    const c1 = rootB * scaled;
    const s1 = rootC * scaled;
    const t = cosine * c1 - sine * s1;
    sine = cosine * s1 + sine * c1;
    cosine = t;
  }
}

/** Turns a block into a triangle, where its eigenvalues are real, or to equal diagonal elements. */
function standardize(): void {
  cosine = 1;
  sine = 0;
  if (c != 0 && b == 0) {
    cosine = 0;
    sine = 1;
    const t = d;
    d = a;
    a = t;
    b = -c;
    c = 0;
  } else if (c != 0 && (a != d || b < 0 == c < 0)) {
    const difference = a - d;
    const p = 0.5 * difference;
    const most = larger(Math.abs(b), Math.abs(c));
    const least = withSign(smaller(Math.abs(b), Math.abs(c)), b < 0 == c < 0 ? 1 : -1);
    const size = larger(Math.abs(p), most);
    let root = (p / size) * p + (most / size) * least;
    if (root >= 4.0 * PRECISION) {
      root = p + withSign(Math.sqrt(size) * Math.sqrt(root), p);
      a = d + root;
      d -= (most / root) * least;
      const tau = length(c, root);
      cosine = root / tau;
      sine = c / tau;
      b -= c;
      c = 0;
    } else {
      equalize(difference);
    }
  }
  imaginaryPart = c == 0 ? 0 : Math.sqrt(Math.abs(b)) * Math.sqrt(Math.abs(c));
}

/** Where the lowest part of rows first … last that does not fall apart begins. */
function splitPoint(first: i32, last: i32): i32 {
  const tiny = SMALLEST * (<f64>(high - low + 1) / PRECISION);
  let k = last;
  for (; k > first; k--) {
    const below = Math.abs(element(k, k - 1));
    if (below <= tiny) break;
    let around = Math.abs(element(k - 1, k - 1)) + Math.abs(element(k, k));
    if (around == 0) {
      if (k - 2 >= low) around += Math.abs(element(k - 1, k - 2));
      if (k + 1 <= high) around += Math.abs(element(k + 1, k));
    }
    if (below > PRECISION * around) continue;
    const above = Math.abs(element(k - 1, k));
    const gap = Math.abs(element(k - 1, k - 1) - element(k, k));
    const corner = Math.abs(element(k, k));
    const ab = larger(below, above);
    const ba = smaller(below, above);
    const aa = larger(corner, gap);
    const bb = smaller(corner, gap);
    const s = aa + ab;
    if (ba * (ab / s) <= larger(tiny, PRECISION * (bb * (aa / s)))) break;
  }
  return k;
}

/** From the lowest 2 × 2 block; every tenth round something else, in case of a cycle. */
function findShifts(first: i32, last: i32, rounds: i32): void {
  let h11 = element(last - 1, last - 1);
  let h12 = element(last - 1, last);
  let h21 = element(last, last - 1);
  let h22 = element(last, last);
  if (rounds % 10 == 0) {
    const bottom = rounds % 20 == 0;
    const s = bottom
      ? Math.abs(element(last, last - 1)) + Math.abs(element(last - 1, last - 2))
      : Math.abs(element(first + 1, first)) + Math.abs(element(first + 2, first + 1));
    h11 = 0.75 * s + (bottom ? element(last, last) : element(first, first));
    h12 = -0.4375 * s;
    h21 = s;
    h22 = h11;
  }
  real1 = real2 = imaginary1 = imaginary2 = 0;
  const s = Math.abs(h11) + Math.abs(h12) + Math.abs(h21) + Math.abs(h22);
  if (s == 0) return;
  h11 /= s;
  h12 /= s;
  h21 /= s;
  h22 /= s;
  const middle = (h11 + h22) / 2.0;
  const determinant = (h11 - middle) * (h22 - middle) - h12 * h21;
  const root = Math.sqrt(Math.abs(determinant));
  if (determinant >= 0) {
    real1 = real2 = middle * s;
    imaginary1 = root * s;
    imaginary2 = -root * s;
    return;
  }
  const one = middle + root;
  const other = middle - root;
  real1 = real2 = (Math.abs(one - h22) <= Math.abs(other - h22) ? one : other) * s;
}

/** x -= sum · t, for the two or three rows (elements `step` apart; w 0: two) of the small reflection. */
function reflectRows(x: usize, y: usize, w: usize, step: i32, count: i32): void {
  const t1 = read(V, 0);
  const v1 = read(V, 1);
  const v2 = read(V, 2);
  const t2 = t1 * v1;
  const t3 = t1 * v2;
  const bytes = <usize>step << 3;
  const end = x + <usize>count * bytes;
  for (; x < end; x += bytes) {
    let sum = load<f64>(x) + v1 * load<f64>(y);
    if (w != 0) {
      sum += v2 * load<f64>(w);
      store<f64>(w, load<f64>(w) - sum * t3);
      w += bytes;
    }
    store<f64>(x, load<f64>(x) - sum * t1);
    store<f64>(y, load<f64>(y) - sum * t2);
    y += bytes;
  }
}

/** The row that a double step begins in, and its first reflection's vector. */
function startOf(first: i32, last: i32): i32 {
  let start = last - 2;
  while (true) {
    const diagonal = element(start, start);
    let s = Math.abs(diagonal - real2) + Math.abs(imaginary2) + Math.abs(element(start + 1, start));
    const below = element(start + 1, start) / s;
    let v0 =
      below * element(start, start + 1) + (diagonal - real1) * ((diagonal - real2) / s) - imaginary1 * (imaginary2 / s);
    let v1 = below * (diagonal + element(start + 1, start + 1) - real1 - real2);
    let v2 = below * element(start + 2, start + 1);
    s = Math.abs(v0) + Math.abs(v1) + Math.abs(v2);
    v0 /= s;
    v1 /= s;
    v2 /= s;
    write(V, 0, v0);
    write(V, 1, v1);
    write(V, 2, v2);
    if (start == first) break;
    const around =
      Math.abs(element(start - 1, start - 1)) + Math.abs(diagonal) + Math.abs(element(start + 1, start + 1));
    if (Math.abs(element(start, start - 1)) * (Math.abs(v1) + Math.abs(v2)) <= PRECISION * Math.abs(v0) * around) break;
    start--;
  }
  return start;
}

/** One QR step with two shifts on rows first … last; rows and columns `from` … `to` take part. */
function doubleStep(first: i32, last: i32, from: i32, to: i32): void {
  const start = startOf(first, last);
  for (let k = start; k < last; k++) {
    const three = k + 2 <= last;
    if (k > start) {
      write(V, 0, element(k, k - 1));
      write(V, 1, element(k + 1, k - 1));
      if (three) write(V, 2, element(k + 2, k - 1));
    }
    const tau = reflection(V, at(V, 1), three ? 2 : 1);
    if (k > start) {
      store<f64>(place(k, k - 1), read(V, 0));
      store<f64>(place(k + 1, k - 1), 0);
      if (three) store<f64>(place(k + 2, k - 1), 0);
    } else if (start > first) {
      // Not just the sign turned: the last two may be so small that nothing is done.
      store<f64>(place(k, k - 1), element(k, k - 1) * (1.0 - tau));
    }
    write(V, 0, tau);
    reflectRows(place(k, k), place(k + 1, k), three ? place(k + 2, k) : 0, 1, to - k + 1);
    const end = min(k + 3, last) + 1;
    const column = place(from, k);
    reflectRows(column, at(column, 1), three ? at(column, 2) : 0, n, end - from);
    if (z != 0) reflectRows(at(z, k * n), at(z, (k + 1) * n), three ? at(z, (k + 2) * n) : 0, 1, n);
  }
}

/** The lowest block, rows k and k + 1, is done: its eigenvalues, and the rotation of what is beside it. */
function finishPair(k: i32, real: usize, imaginary: usize): void {
  a = element(k, k);
  b = element(k, k + 1);
  c = element(k + 1, k);
  d = element(k + 1, k + 1);
  standardize();
  store<f64>(place(k, k), a);
  store<f64>(place(k, k + 1), b);
  store<f64>(place(k + 1, k), c);
  store<f64>(place(k + 1, k + 1), d);
  write(real, k, a);
  write(real, k + 1, d);
  write(imaginary, k, imaginaryPart);
  write(imaginary, k + 1, -imaginaryPart);
  if (z == 0) return;
  turn(place(k, k + 2), place(k + 1, k + 2), 1, n - k - 2, cosine, sine);
  turn(at(h, k), at(h, k + 1), n, k, cosine, sine);
  turn(at(z, k * n), at(z, (k + 1) * n), 1, n, cosine, sine);
}

/** The Schur form of a Hessenberg matrix, or only its eigenvalues. False: it does not converge. */
export function toSchur(real: usize, imaginary: usize): bool {
  for (let i = 0; i < n; i++) {
    if (i >= low && i <= high) continue;
    write(real, i, element(i, i));
    write(imaginary, i, 0);
  }
  for (let i = low; i <= high; i++) {
    for (let j = low; j + 1 < i; j++) store<f64>(place(i, j), 0);
  }
  const most = 30 * max(10, high - low + 1);
  let last = high;
  while (last >= low) {
    let first = low;
    let rounds = 0;
    for (;;) {
      first = splitPoint(first, last);
      if (first > low) store<f64>(place(first, first - 1), 0);
      if (first >= last - 1) break;
      rounds++;
      if (rounds > most) return false;
      findShifts(first, last, rounds);
      doubleStep(first, last, z != 0 ? 0 : first, z != 0 ? n - 1 : last);
    }
    if (first == last) {
      write(real, last, element(last, last));
      write(imaginary, last, 0);
    } else {
      finishPair(first, real, imaginary);
    }
    last = first - 1;
  }
  return true;
}
