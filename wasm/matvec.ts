/** float32 products of a matrix and a vector. */
import { multiplyAdd } from './vector';

// @ts-ignore: decorator
@inline
function lanesSum(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

/** out[i] = rows[i] · vector, rows of length k side by side; bias is a number (shared) or one for each row. */
export function rowsDotVector(
  out: usize,
  rows: usize,
  vector: usize,
  bias: usize,
  biasStep: usize,
  m: i32,
  k: i32,
  accumulate: bool,
): void {
  const end = <usize>k << 2;
  const blocks = end & ~63;
  const quads = end & ~15;
  for (let i = 0; i < m; i++) {
    let t0 = f32x4.splat(0);
    let t1 = f32x4.splat(0);
    let t2 = f32x4.splat(0);
    let t3 = f32x4.splat(0);
    let p: usize = 0;
    while (p < blocks) {
      t0 = multiplyAdd(v128.load(rows + p), v128.load(vector + p), t0);
      t1 = multiplyAdd(v128.load(rows + p, 16), v128.load(vector + p, 16), t1);
      t2 = multiplyAdd(v128.load(rows + p, 32), v128.load(vector + p, 32), t2);
      t3 = multiplyAdd(v128.load(rows + p, 48), v128.load(vector + p, 48), t3);
      p += 64;
    }
    for (; p < quads; p += 16) t0 = multiplyAdd(v128.load(rows + p), v128.load(vector + p), t0);
    let total = lanesSum(f32x4.add(f32x4.add(t0, t1), f32x4.add(t2, t3)));
    for (; p < end; p += 4) total += load<f32>(rows + p) * load<f32>(vector + p);
    if (bias != 0) total += load<f32>(bias + <usize>i * biasStep);
    if (accumulate) total += load<f32>(out);
    store<f32>(out, total);
    out += 4;
    rows += end;
  }
}

/** out[j] = Σ vector[p] rows[p][j], rows of length n side by side; bias is a number (shared) or one for each column. */
export function vectorTimesRows(
  out: usize,
  rows: usize,
  vector: usize,
  bias: usize,
  biasStep: usize,
  n: i32,
  k: i32,
  accumulate: bool,
): void {
  const step = <usize>n << 2;
  let j: usize = 0;
  const end = step;
  for (; j + 64 <= end; j += 64) {
    let t0 = f32x4.splat(0);
    let t1 = f32x4.splat(0);
    let t2 = f32x4.splat(0);
    let t3 = f32x4.splat(0);
    let row = rows + j;
    let p = vector;
    const last = vector + (<usize>k << 2);
    while (p < last) {
      const x = v128.load32_splat(p);
      t0 = multiplyAdd(x, v128.load(row), t0);
      t1 = multiplyAdd(x, v128.load(row, 16), t1);
      t2 = multiplyAdd(x, v128.load(row, 32), t2);
      t3 = multiplyAdd(x, v128.load(row, 48), t3);
      row += step;
      p += 4;
    }
    finishVector(out + j, t0, bias, biasStep, j, accumulate);
    finishVector(out + j + 16, t1, bias, biasStep, j + 16, accumulate);
    finishVector(out + j + 32, t2, bias, biasStep, j + 32, accumulate);
    finishVector(out + j + 48, t3, bias, biasStep, j + 48, accumulate);
  }
  for (; j + 16 <= end; j += 16) {
    let t0 = f32x4.splat(0);
    let row = rows + j;
    for (let p = vector, last = vector + (<usize>k << 2); p < last; p += 4) {
      t0 = multiplyAdd(v128.load32_splat(p), v128.load(row), t0);
      row += step;
    }
    finishVector(out + j, t0, bias, biasStep, j, accumulate);
  }
  for (; j < end; j += 4) {
    let total: f32 = 0;
    let row = rows + j;
    for (let p = vector, last = vector + (<usize>k << 2); p < last; p += 4) {
      total += load<f32>(p) * load<f32>(row);
      row += step;
    }
    if (bias != 0) total += load<f32>(bias + (biasStep ? j : 0));
    if (accumulate) total += load<f32>(out + j);
    store<f32>(out + j, total);
  }
}

// @ts-ignore: decorator
@inline
function finishVector(out: usize, total: v128, bias: usize, biasStep: usize, j: usize, accumulate: bool): void {
  if (bias != 0) total = f32x4.add(total, biasStep ? v128.load(bias + j) : v128.load32_splat(bias));
  if (accumulate) total = f32x4.add(total, v128.load(out));
  v128.store(out, total);
}
