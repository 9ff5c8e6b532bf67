/**
 * Attention without the matrix of scores: blocks of queries meet blocks of keys, the softmax is carried along (largest
 * score and sum so far), and the gradient makes its scores anew from the logarithm of each row's sum.
 */
import { clear, dotRow, exponentials, finishScores, largestScore, multiply, scaleRow, toScores } from './attention_block';
import { check, DType, dtypeOf, int, unsupported } from './descriptor';

/** Queries and keys of a block; keys are a multiple of queries, so that a causal block begins on the diagonal. */
const QUERIES: i32 = 32;
const KEYS: i32 = 256;

/** A block of scores and one of their gradients; for each of its queries the largest score so far, and a sum. */
const SCORES: usize = memory.data(32 * 256 * 8, 16);
const GRADS: usize = memory.data(32 * 256 * 8, 16);
const LARGEST: usize = memory.data(32 * 8, 16);
const SUMS: usize = memory.data(32 * 8, 16);

let batch: i32 = 0;
let heads: i32 = 0;
let rows: i32 = 0;
let columns: i32 = 0;
let keyWidth: i32 = 0;
let valueWidth: i32 = 0;
let causal: bool = false;
let scale: f64 = 0;

/** Reads the sizes of a call with k operands; false if there is nothing to do. */
function readSizes(k: i32, factor: f64): bool {
  batch = int(k, 0);
  heads = int(k, 1);
  rows = int(k, 2);
  columns = int(k, 3);
  keyWidth = int(k, 4);
  valueWidth = int(k, 5);
  causal = int(k, 6) != 0;
  scale = factor;
  if (batch < 0 || heads < 0 || rows < 0 || columns < 0 || keyWidth < 0 || valueWidth < 0) abort();
  return batch > 0 && heads > 0 && rows > 0 && columns > 0 && keyWidth > 0 && valueWidth > 0;
}

/** Whether operand i of k, if given, holds matrices of m × n at the distances that begin at int `at`. */
function fits(k: i32, i: i32, data: usize, at: i32, m: i32, n: i32): void {
  if (data == 0) return;
  const batchStep = int(k, at);
  const headStep = int(k, at + 1);
  const rowStep = int(k, at + 2);
  if (batchStep < 0 || headStep < 0 || rowStep < 0 || dtypeOf(i) != dtypeOf(0)) unsupported();
  check(k, i, <i64>(batch - 1) * batchStep + <i64>(heads - 1) * headStep + <i64>(m - 1) * rowStep + n);
}

/** Where a matrix begins. */
function matrixOf<T>(k: i32, data: usize, at: i32, index: i32): usize {
  if (data == 0) return 0;
  return data + (<usize>(index / heads) * int(k, at) + <usize>(index % heads) * int(k, at + 1)) * sizeof<T>();
}

/** Bytes from row to row. */
function stepOf<T>(k: i32, at: i32): usize {
  return <usize>int(k, at + 2) * sizeof<T>();
}

/** How many of the keys from `column` on the query `row` sees, of `count`. */
function seen(row: i32, column: i32, count: i32): i32 {
  return causal ? max(0, min(count, row + 1 - column)) : count;
}

/** Where the mask of a query's keys from `column` on begins. */
function maskAt<T>(mask: usize, step: usize, row: i32, column: i32): usize {
  return mask == 0 ? 0 : mask + <usize>row * step + <usize>column * sizeof<T>();
}

function forwardMatrix<T>(index: i32, out: usize, logSums: usize, query: usize, key: usize, value: usize, mask: usize): void {
  const o = matrixOf<T>(6, out, 7, index);
  const q = matrixOf<T>(6, query, 10, index);
  const k = matrixOf<T>(6, key, 13, index);
  const v = matrixOf<T>(6, value, 16, index);
  const m = matrixOf<T>(6, mask, 19, index);
  const oStep = stepOf<T>(6, 7);
  const qStep = stepOf<T>(6, 10);
  const kStep = stepOf<T>(6, 13);
  const vStep = stepOf<T>(6, 16);
  const mStep = stepOf<T>(6, 19);
  const sStep = <usize>KEYS * sizeof<T>();
  const logs = logSums + <usize>index * <usize>rows * sizeof<T>();
  for (let r = 0; r < rows; r += QUERIES) {
    const count = min(QUERIES, rows - r);
    const oBlock = o + <usize>r * oStep;
    for (let i: usize = 0; i < <usize>count; i++) {
      store<T>(LARGEST + i * sizeof<T>(), <T>-Infinity);
      store<T>(SUMS + i * sizeof<T>(), <T>0);
    }
    for (let c = 0; c < columns; c += KEYS) {
      const some = seen(r + count - 1, c, min(KEYS, columns - c));
      if (some == 0) break;
      multiply<T>(false, true, count, some, keyWidth, q + <usize>r * qStep, qStep, k + <usize>c * kStep, kStep, SCORES, sStep, false);
      for (let i = 0; i < count; i++) {
        const s = SCORES + <usize>i * sStep;
        const largest = LARGEST + <usize>i * sizeof<T>();
        const sum = SUMS + <usize>i * sizeof<T>();
        finishScores<T>(s, seen(r + i, c, some), some, scale, maskAt<T>(m, mStep, r + i, c));
        const before = load<T>(largest);
        const most = largestScore<T>(s, some, before);
        store<T>(largest, most);
        // A row that sees nothing yet has no largest score to take off.
        const shift: T = most == <T>-Infinity ? <T>0 : most;
        const kept: T = c == 0 ? <T>0 : <T>NativeMath.exp(<f64>(before - shift));
        store<T>(sum, <T>(load<T>(sum) * kept + exponentials<T>(s, some, shift)));
        if (c > 0) scaleRow<T>(oBlock + <usize>i * oStep, valueWidth, kept);
      }
      multiply<T>(false, false, count, valueWidth, some, SCORES, sStep, v + <usize>c * vStep, vStep, oBlock, oStep, c > 0);
    }
    for (let i = 0; i < count; i++) {
      const sum = load<T>(SUMS + <usize>i * sizeof<T>());
      scaleRow<T>(oBlock + <usize>i * oStep, valueWidth, <T>(<T>1 / sum));
      const log = <f64>load<T>(LARGEST + <usize>i * sizeof<T>()) + NativeMath.log(<f64>sum);
      store<T>(logs + <usize>(r + i) * sizeof<T>(), <T>log);
    }
  }
}

function backwardMatrix<T>(
  index: i32,
  queryGrad: usize,
  keyGrad: usize,
  valueGrad: usize,
  grad: usize,
  query: usize,
  key: usize,
  value: usize,
  mask: usize,
  out: usize,
  logSums: usize,
): void {
  const dq = matrixOf<T>(10, queryGrad, 7, index);
  const dk = matrixOf<T>(10, keyGrad, 10, index);
  const dv = matrixOf<T>(10, valueGrad, 13, index);
  const g = matrixOf<T>(10, grad, 16, index);
  const q = matrixOf<T>(10, query, 19, index);
  const k = matrixOf<T>(10, key, 22, index);
  const v = matrixOf<T>(10, value, 25, index);
  const m = matrixOf<T>(10, mask, 28, index);
  const o = matrixOf<T>(10, out, 31, index);
  const dqStep = stepOf<T>(10, 7);
  const dkStep = stepOf<T>(10, 10);
  const dvStep = stepOf<T>(10, 13);
  const gStep = stepOf<T>(10, 16);
  const qStep = stepOf<T>(10, 19);
  const kStep = stepOf<T>(10, 22);
  const vStep = stepOf<T>(10, 25);
  const mStep = stepOf<T>(10, 28);
  const oStep = stepOf<T>(10, 31);
  const sStep = <usize>KEYS * sizeof<T>();
  const logs = logSums + <usize>index * <usize>rows * sizeof<T>();
  clear<T>(dk, columns, dkStep, keyWidth);
  clear<T>(dv, columns, dvStep, valueWidth);
  for (let r = 0; r < rows; r += QUERIES) {
    const count = min(QUERIES, rows - r);
    const qBlock = q + <usize>r * qStep;
    const gBlock = g + <usize>r * gStep;
    for (let i = 0; i < count; i++) {
      const mean = dotRow<T>(gBlock + <usize>i * gStep, o + <usize>(r + i) * oStep, valueWidth);
      store<T>(SUMS + <usize>i * sizeof<T>(), mean);
    }
    for (let c = 0; c < columns; c += KEYS) {
      const some = seen(r + count - 1, c, min(KEYS, columns - c));
      if (some == 0) break;
      const kBlock = k + <usize>c * kStep;
      multiply<T>(false, true, count, some, keyWidth, qBlock, qStep, kBlock, kStep, SCORES, sStep, false);
      multiply<T>(false, true, count, some, valueWidth, gBlock, gStep, v + <usize>c * vStep, vStep, GRADS, sStep, false);
      for (let i = 0; i < count; i++) {
        const s = SCORES + <usize>i * sStep;
        finishScores<T>(s, seen(r + i, c, some), some, scale, maskAt<T>(m, mStep, r + i, c));
        exponentials<T>(s, some, load<T>(logs + <usize>(r + i) * sizeof<T>()));
        toScores<T>(GRADS + <usize>i * sStep, s, some, load<T>(SUMS + <usize>i * sizeof<T>()), scale);
      }
      multiply<T>(true, false, some, valueWidth, count, SCORES, sStep, gBlock, gStep, dv + <usize>c * dvStep, dvStep, true);
      multiply<T>(true, false, some, keyWidth, count, GRADS, sStep, qBlock, qStep, dk + <usize>c * dkStep, dkStep, true);
      multiply<T>(false, false, count, keyWidth, some, GRADS, sStep, kBlock, kStep, dq + <usize>r * dqStep, dqStep, c > 0);
    }
  }
}

export function attention(
  out: usize,
  logSums: usize,
  query: usize,
  key: usize,
  value: usize,
  mask: usize,
  factor: f64,
): void {
  if (!readSizes(6, factor)) return;
  fits(6, 0, out, 7, rows, valueWidth);
  check(6, 1, <i64>batch * heads * rows);
  fits(6, 2, query, 10, rows, keyWidth);
  fits(6, 3, key, 13, columns, keyWidth);
  fits(6, 4, value, 16, columns, valueWidth);
  fits(6, 5, mask, 19, rows, columns);
  const dtype = dtypeOf(0);
  if (dtypeOf(1) != dtype) unsupported();
  for (let i = 0; i < batch * heads; i++) {
    if (dtype == DType.float32) forwardMatrix<f32>(i, out, logSums, query, key, value, mask);
    else if (dtype == DType.float64) forwardMatrix<f64>(i, out, logSums, query, key, value, mask);
    else unsupported();
  }
}

export function attentionBackward(
  queryGrad: usize,
  keyGrad: usize,
  valueGrad: usize,
  grad: usize,
  query: usize,
  key: usize,
  value: usize,
  mask: usize,
  out: usize,
  logSums: usize,
  factor: f64,
): void {
  if (!readSizes(10, factor)) return;
  fits(10, 0, queryGrad, 7, rows, keyWidth);
  fits(10, 1, keyGrad, 10, columns, keyWidth);
  fits(10, 2, valueGrad, 13, columns, valueWidth);
  fits(10, 3, grad, 16, rows, valueWidth);
  fits(10, 4, query, 19, rows, keyWidth);
  fits(10, 5, key, 22, columns, keyWidth);
  fits(10, 6, value, 25, columns, valueWidth);
  fits(10, 7, mask, 28, rows, columns);
  fits(10, 8, out, 31, rows, valueWidth);
  check(10, 9, <i64>batch * heads * rows);
  const dtype = dtypeOf(0);
  if (dtypeOf(9) != dtype) unsupported();
  for (let i = 0; i < batch * heads; i++) {
    if (dtype == DType.float32) {
      backwardMatrix<f32>(i, queryGrad, keyGrad, valueGrad, grad, query, key, value, mask, out, logSums);
    } else if (dtype == DType.float64) {
      backwardMatrix<f64>(i, queryGrad, keyGrad, valueGrad, grad, query, key, value, mask, out, logSums);
    } else {
      unsupported();
    }
  }
}
