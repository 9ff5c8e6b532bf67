/** What the blocks of attention are made with: products of strided matrices and rows of scores. */
import { expOf, get, getPart, larger, largestOf, minus, plus, put, putPart, splat, sumOf, times, width } from './lanes';
import { sgemmSteps } from './sgemm';

/** c (m, n) = or += a · b with rows at any distances, each maybe stored transposed. */
export function multiply<T>(
  transA: bool,
  transB: bool,
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
  accumulate: bool,
): void {
  if (sizeof<T>() == 4) {
    sgemmSteps(c, cStep, a, aStep, b, bStep, 0, m, n, k, transA, transB, accumulate);
    return;
  }
  const aRow = transA ? sizeof<T>() : aStep;
  const aColumn = transA ? aStep : sizeof<T>();
  const bRow = transB ? sizeof<T>() : bStep;
  const bColumn = transB ? bStep : sizeof<T>();
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let x = a + <usize>i * aRow;
      let y = b + <usize>j * bColumn;
      const to = c + <usize>i * cStep + <usize>j * sizeof<T>();
      let total: T = accumulate ? load<T>(to) : <T>0;
      for (let p = 0; p < k; p++) {
        total = <T>(total + load<T>(x) * load<T>(y));
        x += aColumn;
        y += bRow;
      }
      store<T>(to, total);
    }
  }
}

/** A row of scores scaled, masked and, beyond the keys it sees, -inf as far as whole vectors go. */
export function finishScores<T>(s: usize, sees: i32, count: i32, scale: f64, mask: usize): void {
  const step = <usize>width<T>() * sizeof<T>();
  const factor = splat<T>(<T>scale);
  let at: usize = 0;
  for (let j = 0; j < sees; j += width<T>(), at += step) {
    let x = times<T>(get<T>(s + at), factor);
    if (mask != 0) x = plus<T>(x, getPart<T>(mask + at, sees - j));
    put<T>(s + at, x);
  }
  const whole = (count + width<T>() - 1) / width<T>() * width<T>();
  for (let j = sees; j < whole; j++) store<T>(s + <usize>j * sizeof<T>(), <T>-Infinity);
}

/** s = e^(s - shift) over whole vectors; returns the sum. */
export function exponentials<T>(s: usize, count: i32, shift: T): T {
  const step = <usize>width<T>() * sizeof<T>();
  const by = splat<T>(shift);
  let sum = splat<T>(<T>0);
  for (let j = 0; j < count; j += width<T>()) {
    const p = expOf<T>(minus<T>(get<T>(s), by));
    put<T>(s, p);
    sum = plus<T>(sum, p);
    s += step;
  }
  return sumOf<T>(sum);
}

export function largestScore<T>(s: usize, count: i32, most: T): T {
  const step = <usize>width<T>() * sizeof<T>();
  let largest = splat<T>(most);
  for (let j = 0; j < count; j += width<T>()) {
    largest = larger<T>(get<T>(s), largest);
    s += step;
  }
  return largestOf<T>(largest);
}

export function scaleRow<T>(x: usize, n: i32, factor: T): void {
  const step = <usize>width<T>() * sizeof<T>();
  const by = splat<T>(factor);
  for (let j = 0; j < n; j += width<T>()) {
    putPart<T>(x, times<T>(getPart<T>(x, n - j), by), n - j);
    x += step;
  }
}

export function dotRow<T>(x: usize, y: usize, n: i32): T {
  const step = <usize>width<T>() * sizeof<T>();
  let sum = splat<T>(<T>0);
  for (let j = 0; j < n; j += width<T>()) {
    sum = plus<T>(sum, times<T>(getPart<T>(x, n - j), getPart<T>(y, n - j)));
    x += step;
    y += step;
  }
  return sumOf<T>(sum);
}

/** The gradient of the scores from that of the weights p, in place. */
export function toScores<T>(g: usize, p: usize, count: i32, mean: T, scale: f64): void {
  const step = <usize>width<T>() * sizeof<T>();
  const by = splat<T>(<T>scale);
  const less = splat<T>(mean);
  for (let j = 0; j < count; j += width<T>()) {
    put<T>(g, times<T>(times<T>(get<T>(p), minus<T>(get<T>(g), less)), by));
    g += step;
    p += step;
  }
}

export function clear<T>(x: usize, m: i32, step: usize, n: i32): void {
  for (let i = 0; i < m; i++) memory.fill(x + <usize>i * step, 0, <usize>n * sizeof<T>());
}
