/**
 * Reductions. x is [outer, n, inner], out [outer, inner].
 *
 * Floats are added in blocks, and the blocks' sums pairwise, so that the error grows with the logarithm of the count.
 */
import { check, DType, dtypeOf, int, unsupported } from './descriptor';

/** Elements of a row, and rows of a column, that are added plainly. */
const ROW_BLOCK: i32 = 1024;
const COLUMN_BLOCK: i32 = 64;
/** Columns added side by side, and the bytes they take. */
const COLUMNS: i32 = 32;
const TILE_BYTES: usize = 128;

/** Level i holds the sums of 2ⁱ blocks; what comes in is in the first tile, before the levels. */
const PARTIAL: usize = memory.data(33 * 128, 16);
const LEVELS: usize = PARTIAL + TILE_BYTES;

/** Takes in the sums of one more block, of which there were `count`: a tile of float32. */
function push(count: i32, bytes: usize): void {
  let level = LEVELS;
  for (; count & 1; count >>= 1) {
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(PARTIAL + i, f32x4.add(v128.load(level + i), v128.load(PARTIAL + i)));
    }
    level += TILE_BYTES;
  }
  for (let i: usize = 0; i < bytes; i += 16) v128.store(level + i, v128.load(PARTIAL + i));
}

/** The sums of all `count` blocks, to the first tile. */
function total(count: i32, bytes: usize): void {
  let level = LEVELS;
  for (; !(count & 1); count >>= 1) level += TILE_BYTES;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(PARTIAL + i, v128.load(level + i));
  for (count >>= 1; count != 0; count >>= 1) {
    level += TILE_BYTES;
    if (!(count & 1)) continue;
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(PARTIAL + i, f32x4.add(v128.load(level + i), v128.load(PARTIAL + i)));
    }
  }
}

function rowBlock(x: usize, n: i32): f32 {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  const end = x + (<usize>n << 2);
  const wide = x + (<usize>(n >> 4) << 6);
  const quads = x + (<usize>(n >> 2) << 4);
  while (x < wide) {
    a = f32x4.add(a, v128.load(x));
    b = f32x4.add(b, v128.load(x, 16));
    c = f32x4.add(c, v128.load(x, 32));
    d = f32x4.add(d, v128.load(x, 48));
    x += 64;
  }
  for (; x < quads; x += 16) a = f32x4.add(a, v128.load(x));
  const sums = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  let rest: f32 = 0;
  for (; x < end; x += 4) rest += load<f32>(x);
  const low = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 2);
  const high = f32x4.extract_lane(sums, 1) + f32x4.extract_lane(sums, 3);
  return low + high + rest;
}

function rowSum(x: usize, n: i32): f32 {
  if (n <= ROW_BLOCK) return rowBlock(x, n);
  let count = 0;
  for (; n > 0; n -= ROW_BLOCK) {
    store<f32>(PARTIAL, rowBlock(x, min(n, ROW_BLOCK)));
    push(count++, 4);
    x += <usize>ROW_BLOCK << 2;
  }
  total(count, 4);
  return load<f32>(PARTIAL);
}

/** The sums of 32 columns over `rows` rows that are `step` bytes apart. */
function columnsBlock(x: usize, step: usize, rows: i32): void {
  let c0 = v128.load(x);
  let c1 = v128.load(x, 16);
  let c2 = v128.load(x, 32);
  let c3 = v128.load(x, 48);
  let c4 = v128.load(x, 64);
  let c5 = v128.load(x, 80);
  let c6 = v128.load(x, 96);
  let c7 = v128.load(x, 112);
  while (rows > 1) {
    x += step;
    c0 = f32x4.add(c0, v128.load(x));
    c1 = f32x4.add(c1, v128.load(x, 16));
    c2 = f32x4.add(c2, v128.load(x, 32));
    c3 = f32x4.add(c3, v128.load(x, 48));
    c4 = f32x4.add(c4, v128.load(x, 64));
    c5 = f32x4.add(c5, v128.load(x, 80));
    c6 = f32x4.add(c6, v128.load(x, 96));
    c7 = f32x4.add(c7, v128.load(x, 112));
    rows--;
  }
  v128.store(PARTIAL, c0);
  v128.store(PARTIAL, c1, 16);
  v128.store(PARTIAL, c2, 32);
  v128.store(PARTIAL, c3, 48);
  v128.store(PARTIAL, c4, 64);
  v128.store(PARTIAL, c5, 80);
  v128.store(PARTIAL, c6, 96);
  v128.store(PARTIAL, c7, 112);
}

/** The same of `width` columns, fewer than 32. */
function narrowBlock(x: usize, step: usize, rows: i32, width: usize): void {
  let j: usize = 0;
  for (; j + 16 <= width; j += 16) {
    let sums = v128.load(x + j);
    for (let i = 1, row = x + j + step; i < rows; i++, row += step) sums = f32x4.add(sums, v128.load(row));
    v128.store(PARTIAL + j, sums);
  }
  for (; j < width; j += 4) {
    let sum = load<f32>(x + j);
    for (let i = 1, row = x + j + step; i < rows; i++, row += step) sum += load<f32>(row);
    store<f32>(PARTIAL + j, sum);
  }
}

function floatSums(out: usize, x: usize, outer: i32, n: i32, inner: i32): void {
  if (n == 0) {
    memory.fill(out, 0, (<usize>outer * <usize>inner) << 2);
    return;
  }
  const step = <usize>inner << 2;
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      store<f32>(out, rowSum(x, n));
      out += 4;
    } else {
      for (let j = 0; j < inner; j += COLUMNS) {
        const bytes = <usize>min(COLUMNS, inner - j) << 2;
        let row = x + (<usize>j << 2);
        let count = 0;
        for (let i = 0; i < n; i += COLUMN_BLOCK) {
          const rows = min(COLUMN_BLOCK, n - i);
          if (bytes == TILE_BYTES) columnsBlock(row, step, rows);
          else narrowBlock(row, step, rows, bytes);
          if (n > COLUMN_BLOCK) push(count++, bytes);
          row += <usize>COLUMN_BLOCK * step;
        }
        if (n > COLUMN_BLOCK) total(count, bytes);
        memory.copy(out, PARTIAL, bytes);
        out += bytes;
      }
    }
    x += <usize>n * step;
  }
}

/** The sum of n elements that are `step` bytes apart: by halves, of floats; an integer's needs no care. */
function sumOf<T>(x: usize, n: i32, step: usize): T {
  if (isInteger<T>() || n <= COLUMN_BLOCK) {
    let sum: T = 0;
    for (; n > 0; n--) {
      sum += load<T>(x);
      x += step;
    }
    return sum;
  }
  const half = n >> 1;
  return <T>(sumOf<T>(x, half, step) + sumOf<T>(x + <usize>half * step, n - half, step));
}

function sums<T>(out: usize, x: usize, outer: i32, n: i32, inner: i32): void {
  const step = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      store<T>(out, sumOf<T>(x + <usize>i * sizeof<T>(), n, step));
      out += sizeof<T>();
    }
    x += <usize>n * step;
  }
}

/** Integers of fewer bits, and bools, as i64. */
function wholeSums<T>(out: usize, x: usize, outer: i32, n: i32, inner: i32): void {
  const step = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let sum: i64 = 0;
      let at = x + <usize>i * sizeof<T>();
      for (let j = 0; j < n; j++, at += step) sum += <i64>load<T>(at);
      store<i64>(out, sum);
      out += 8;
    }
    x += <usize>n * step;
  }
}

function narrowSums(out: usize, x: usize, outer: i32, n: i32, inner: i32): void {
  switch (dtypeOf(1)) {
    case DType.int32:
      return wholeSums<i32>(out, x, outer, n, inner);
    case DType.int16:
      return wholeSums<i16>(out, x, outer, n, inner);
    case DType.int8:
      return wholeSums<i8>(out, x, outer, n, inner);
    case DType.uint8:
    case DType.bool:
      return wholeSums<u8>(out, x, outer, n, inner);
    default:
      unsupported();
  }
}

export function sum(out: usize, x: usize): void {
  const outer = int(2, 0);
  const n = int(2, 1);
  const inner = int(2, 2);
  if (outer <= 0 || inner <= 0 || n < 0) return;
  check(2, 0, <i64>outer * inner);
  check(2, 1, <i64>outer * n * inner);
  if (dtypeOf(0) == DType.int64 && dtypeOf(1) != DType.int64) return narrowSums(out, x, outer, n, inner);
  if (dtypeOf(0) != dtypeOf(1)) unsupported();
  switch (dtypeOf(0)) {
    case DType.float32:
      return floatSums(out, x, outer, n, inner);
    case DType.float64:
      return sums<f64>(out, x, outer, n, inner);
    case DType.int64:
      return sums<i64>(out, x, outer, n, inner);
    case DType.int32:
      return sums<i32>(out, x, outer, n, inner);
    default:
      unsupported();
  }
}
