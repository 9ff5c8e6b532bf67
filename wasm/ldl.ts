/** Symmetric indefinite matrices, in float64: Bunch and Kaufman's factors, and solving with them. As native/ldl.cpp. */
import { check, DType, dtypeOf, int, Problem, report, unsupported } from './descriptor';
import { addScaled, at, read, scale, swapRows, write } from './linear';

/** (1 + √17) / 8 */
const ALPHA: f64 = 0.6403882032022076;

/** The matrix, its columns as rows; only the lower triangle counts. */
let a: usize = 0;
let n: i32 = 0;

// @ts-ignore: decorator
@inline
function place(i: i32, j: i32): usize {
  return at(a, j * n + i);
}

// @ts-ignore: decorator
@inline
function element(i: i32, j: i32): f64 {
  return load<f64>(place(i, j));
}

/** Where the largest of count numbers is, `step` apart. */
function largest(x: usize, step: i32, count: i32): i32 {
  let best = 0;
  for (let i = 1; i < count; i++) {
    if (Math.abs(read(x, i * step)) > Math.abs(read(x, best * step))) best = i;
  }
  return best;
}

/** Exchanges rows and columns i < j of what is left from column i on. */
function exchange(i: i32, j: i32): void {
  swapRows(place(j + 1, i), place(j + 1, j), n - j - 1);
  for (let k = i + 1; k < j; k++) swapRows(place(k, i), place(j, k), 1);
  swapRows(place(i, i), place(j, j), 1);
}

/** The row to exchange with (times 2), plus 1 for a pivot of two rows. */
function choose(k: i32): i32 {
  const diagonal = Math.abs(element(k, k));
  if (k + 1 >= n) return 2 * k;
  const row = k + 1 + largest(place(k + 1, k), 1, n - k - 1);
  const most = Math.abs(element(row, k));
  if (diagonal >= ALPHA * most) return 2 * k;
  let mostOfRow = Math.abs(element(row, k + largest(place(row, k), n, row - k)));
  if (row + 1 < n) {
    const below = Math.abs(element(row + 1 + largest(place(row + 1, row), 1, n - row - 1), row));
    if (below > mostOfRow) mostOfRow = below;
  }
  if (diagonal >= ALPHA * most * (most / mostOfRow)) return 2 * k;
  return 2 * row + (Math.abs(element(row, row)) >= ALPHA * mostOfRow ? 0 : 1);
}

/** Step k with a pivot of one row. Whether the pivot is not 0. */
function single(k: i32): bool {
  const column = at(a, k * n);
  const diagonal = read(column, k);
  if (diagonal == 0) return false;
  const inverse = 1.0 / diagonal;
  for (let j = k + 1; j < n; j++) addScaled(place(j, j), at(column, j), -inverse * read(column, j), n - j);
  scale(at(column, k + 1), inverse, n - k - 1);
  return true;
}

/** Step k with a pivot of two rows. */
function double(k: i32): void {
  const column = at(a, k * n);
  const next = at(a, (k + 1) * n);
  const off = read(column, k + 1);
  const d11 = read(next, k + 1) / off;
  const d22 = read(column, k) / off;
  const factor = 1.0 / (d11 * d22 - 1.0) / off;
  for (let j = k + 2; j < n; j++) {
    const x = factor * (d11 * read(column, j) - read(next, j));
    const y = factor * (d22 * read(next, j) - read(column, j));
    addScaled(place(j, j), at(column, j), -x, n - j);
    addScaled(place(j, j), at(next, j), -y, n - j);
    write(column, j, x);
    write(next, j, y);
  }
}

// @ts-ignore: decorator
@inline
function pivotAt(pivots: usize, k: i32): i32 {
  return load<i32>(pivots + (<usize>k << 2));
}

// @ts-ignore: decorator
@inline
function setPivot(pivots: usize, k: i32, value: i32): void {
  store<i32>(pivots + (<usize>k << 2), value);
}

function factorOne(pivots: usize): i32 {
  let info = 0;
  for (let k = 0; k < n; ) {
    const choice = choose(k);
    const other = choice >> 1;
    if ((choice & 1) == 0) {
      setPivot(pivots, k, other + 1);
      if (other != k) exchange(k, other);
      if (!single(k) && info == 0) info = k + 1;
      k++;
    } else {
      setPivot(pivots, k, -(other + 1));
      setPivot(pivots, k + 1, -(other + 1));
      if (other != k + 1) {
        exchange(k + 1, other);
        swapRows(place(k + 1, k), place(other, k), 1);
      }
      double(k);
      k += 2;
    }
  }
  for (let j = 1; j < n; j++) {
    for (let i = 0; i < j; i++) store<f64>(place(i, j), 0);
  }
  return info;
}

/** Solves with a block of two of D. */
function solvePair(k: i32, x: usize, y: usize, m: i32): void {
  const off = element(k + 1, k);
  const upper = element(k, k) / off;
  const lower = element(k + 1, k + 1) / off;
  const denominator = upper * lower - 1.0;
  for (let j = 0; j < m; j++) {
    const first = read(x, j) / off;
    const second = read(y, j) / off;
    write(x, j, (lower * first - second) / denominator);
    write(y, j, (upper * second - first) / denominator);
  }
}

/** Solves for the rows of b [n, m]. The pivots are within 1 … n, and two of a block alike. */
function solveOne(pivots: usize, b: usize, m: i32): void {
  for (let k = 0; k < n; ) {
    const pair = pivotAt(pivots, k) < 0;
    const other = (pair ? -pivotAt(pivots, k) : pivotAt(pivots, k)) - 1;
    const last = pair ? k + 1 : k;
    if (other != last) swapRows(at(b, last * m), at(b, other * m), m);
    for (let i = last + 1; i < n; i++) {
      addScaled(at(b, i * m), at(b, k * m), -element(i, k), m);
      if (pair) addScaled(at(b, i * m), at(b, last * m), -element(i, last), m);
    }
    if (pair) {
      solvePair(k, at(b, k * m), at(b, last * m), m);
    } else {
      const diagonal = element(k, k);
      for (let j = 0; j < m; j++) write(b, k * m + j, read(b, k * m + j) / diagonal);
    }
    k = last + 1;
  }
  for (let last = n - 1; last >= 0; ) {
    const pair = pivotAt(pivots, last) < 0;
    const other = (pair ? -pivotAt(pivots, last) : pivotAt(pivots, last)) - 1;
    const k = pair ? last - 1 : last;
    for (let i = last + 1; i < n; i++) {
      addScaled(at(b, k * m), at(b, i * m), -element(i, k), m);
      if (pair) addScaled(at(b, last * m), at(b, i * m), -element(i, last), m);
    }
    if (other != last) swapRows(at(b, last * m), at(b, other * m), m);
    last = k - 1;
  }
}

/** Whether every pivot is a row, and negative ones come in equal pairs. The first bad one, or -1. */
function badPivot(pivots: usize): i32 {
  for (let k = 0; k < n; k++) {
    const pivot = pivotAt(pivots, k);
    const row = pivot < 0 ? -<i64>pivot : <i64>pivot;
    if (row < 1 || row > n) return k;
    if (pivot > 0) continue;
    if (k + 1 >= n || pivotAt(pivots, k + 1) != pivot) return k;
    k++;
  }
  return -1;
}

export function ldlFactor(matrix: usize, pivots: usize, info: usize): void {
  const batch = int(3, 0);
  n = int(3, 1);
  if (dtypeOf(0) != DType.float64 || dtypeOf(1) != DType.int32 || dtypeOf(2) != DType.int32) unsupported();
  check(3, 0, <i64>batch * n * n);
  check(3, 1, <i64>batch * n);
  check(3, 2, batch);
  for (let b = 0; b < batch; b++) {
    a = at(matrix, b * n * n);
    store<i32>(info + (<usize>b << 2), factorOne(pivots + (<usize>(b * n) << 2)));
  }
}

export function ldlSolve(b: usize, matrix: usize, pivots: usize): void {
  const batch = int(3, 0);
  n = int(3, 1);
  const m = int(3, 2);
  if (dtypeOf(0) != DType.float64 || dtypeOf(1) != DType.float64 || dtypeOf(2) != DType.int32) unsupported();
  check(3, 0, <i64>batch * n * m);
  check(3, 1, <i64>batch * n * n);
  check(3, 2, <i64>batch * n);
  for (let i = 0; i < batch; i++) {
    const own = pivots + (<usize>(i * n) << 2);
    const bad = badPivot(own);
    if (bad >= 0) return report(Problem.badIndex, pivotAt(own, bad), n);
    a = at(matrix, i * n * n);
    solveOne(own, at(b, i * n * m), m);
  }
}
