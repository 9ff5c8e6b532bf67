/**
 * float32 matrix product. A block of A is packed in panels of four rows and one panel of eight columns of B at a time,
 * both so that the tile in registers (4 × 8) reads them in a straight line; the panel of B stays in the first-level
 * cache while the block of A passes by.
 */

const ROWS: i32 = 4;
const COLUMNS: i32 = 8;
/** Rows of A in a block, and how much of k. */
const MC: i32 = 192;
const KC: i32 = 256;

const PACKED_A: usize = memory.data(192 * 256 * 4, 64);
const PACKED_B: usize = memory.data(256 * 8 * 4, 64);
/** A tile that sticks out of the result is made here. */
const TILE: usize = memory.data(4 * 8 * 4, 16);

/** c + a · b. */
// @ts-ignore: decorator
@inline
function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

/** One row of a tile: what was computed, the bias and what is to be added to, stored. */
// @ts-ignore: decorator
@inline
function finish(c: usize, first: v128, second: v128, wide: bool, bias: usize, accumulate: bool): void {
  if (bias != 0) {
    first = f32x4.add(first, v128.load(bias));
    if (wide) second = f32x4.add(second, v128.load(bias, 16));
  }
  if (accumulate) {
    first = f32x4.add(first, v128.load(c));
    if (wide) second = f32x4.add(second, v128.load(c, 16));
  }
  v128.store(c, first);
  if (wide) v128.store(c, second, 16);
}

/**
 * rows × (wide ? 8 : 4) results from packed panels; rows and wide are constants where it is compiled in. The loop is
 * written so that the engine keeps it in registers: it slows down by a quarter when unrolled.
 */
// @ts-ignore: decorator
@inline
function tile(
  rows: i32,
  wide: bool,
  a: usize,
  b: usize,
  k: i32,
  c: usize,
  step: usize,
  bias: usize,
  accumulate: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  const end = b + (<usize>k << (wide ? 5 : 4));
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = wide ? v128.load(b, 16) : b0;
    const a0 = v128.load32_splat(a);
    c00 = multiplyAdd(a0, b0, c00);
    if (wide) c01 = multiplyAdd(a0, b1, c01);
    if (rows > 1) {
      const a1 = v128.load32_splat(a, 4);
      c10 = multiplyAdd(a1, b0, c10);
      if (wide) c11 = multiplyAdd(a1, b1, c11);
    }
    if (rows > 2) {
      const a2 = v128.load32_splat(a, 8);
      c20 = multiplyAdd(a2, b0, c20);
      if (wide) c21 = multiplyAdd(a2, b1, c21);
    }
    if (rows > 3) {
      const a3 = v128.load32_splat(a, 12);
      c30 = multiplyAdd(a3, b0, c30);
      if (wide) c31 = multiplyAdd(a3, b1, c31);
    }
    a += 16;
    b += wide ? 32 : 16;
  }
  finish(c, c00, c01, wide, bias, accumulate);
  if (rows > 1) finish(c + step, c10, c11, wide, bias, accumulate);
  if (rows > 2) finish(c + 2 * step, c20, c21, wide, bias, accumulate);
  if (rows > 3) finish(c + 3 * step, c30, c31, wide, bias, accumulate);
}

function fullTile(a: usize, b: usize, k: i32, c: usize, step: usize, bias: usize, accumulate: bool): void {
  tile(4, true, a, b, k, c, step, bias, accumulate);
}

/** A tile at an edge. */
function edgeTile(
  rows: i32,
  wide: bool,
  a: usize,
  b: usize,
  k: i32,
  c: usize,
  step: usize,
  bias: usize,
  accumulate: bool,
): void {
  if (wide) {
    if (rows == 4) tile(4, true, a, b, k, c, step, bias, accumulate);
    else if (rows == 3) tile(3, true, a, b, k, c, step, bias, accumulate);
    else if (rows == 2) tile(2, true, a, b, k, c, step, bias, accumulate);
    else tile(1, true, a, b, k, c, step, bias, accumulate);
  } else {
    if (rows == 4) tile(4, false, a, b, k, c, step, bias, accumulate);
    else if (rows == 3) tile(3, false, a, b, k, c, step, bias, accumulate);
    else if (rows == 2) tile(2, false, a, b, k, c, step, bias, accumulate);
    else tile(1, false, a, b, k, c, step, bias, accumulate);
  }
}

/** Moves the tile made aside to its place: only rows × columns of it exist. */
function placeTile(rows: i32, columns: i32, c: usize, step: usize, bias: usize, accumulate: bool): void {
  for (let i = 0; i < rows; i++) {
    const from = TILE + (<usize>i << 5);
    const to = c + <usize>i * step;
    for (let j: usize = 0, end = <usize>columns << 2; j < end; j += 4) {
      let value = load<f32>(from + j);
      if (bias != 0) value += load<f32>(bias + j);
      if (accumulate) value += load<f32>(to + j);
      store<f32>(to + j, value);
    }
  }
}

/** Four vectors as rows of a 4 × 4 matrix, stored as its columns, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function storeTransposed(to: usize, step: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
  v128.store(to + step, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
  v128.store(to + 2 * step, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
  v128.store(to + 3 * step, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
}

/**
 * Packs `count` (1 to 4) lines of length k, `step` bytes apart, so that their elements at one place lie side by side,
 * `pace` bytes from place to place. Missing lines become zeros.
 */
function packAcross(to: usize, pace: usize, from: usize, step: usize, count: i32, k: i32): void {
  if (count == 4) {
    const r1 = from + step;
    const r2 = r1 + step;
    const r3 = r2 + step;
    let i: usize = 0;
    const end = <usize>k << 2;
    for (; i + 16 <= end; i += 16) {
      storeTransposed(to, pace, v128.load(from + i), v128.load(r1 + i), v128.load(r2 + i), v128.load(r3 + i));
      to += 4 * pace;
    }
    for (; i < end; i += 4) {
      store<f32>(to, load<f32>(from + i));
      store<f32>(to, load<f32>(r1 + i), 4);
      store<f32>(to, load<f32>(r2 + i), 8);
      store<f32>(to, load<f32>(r3 + i), 12);
      to += pace;
    }
    return;
  }
  for (; k > 0; k--) {
    let at = from;
    for (let j = 0; j < 4; j++) {
      store<f32>(to + (<usize>j << 2), j < count ? load<f32>(at) : 0);
      at += step;
    }
    from += 4;
    to += pace;
  }
}

/** Packs k lines of `count` (1 to 4) neighbours, `step` bytes apart. Missing neighbours become zeros. */
function packAlong(to: usize, pace: usize, from: usize, step: usize, count: i32, k: i32): void {
  if (count == 4) {
    for (; k > 0; k--) {
      v128.store(to, v128.load(from));
      from += step;
      to += pace;
    }
    return;
  }
  for (; k > 0; k--) {
    for (let j = 0; j < 4; j++) {
      store<f32>(to + (<usize>j << 2), j < count ? load<f32>(from + (<usize>j << 2)) : 0);
    }
    from += step;
    to += pace;
  }
}

/** Packs k lines of eight neighbours. */
function packEight(to: usize, from: usize, step: usize, k: i32): void {
  for (; k > 0; k--) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += step;
    to += 32;
  }
}

/** Packs up to eight columns of B (k × n at `from`, or its transpose). */
// @ts-ignore: decorator
@inline
function packB(from: usize, step: usize, columns: i32, k: i32, transposed: bool): void {
  const pace: usize = columns > 4 ? 32 : 16;
  const first = min(columns, 4);
  if (transposed) {
    packAcross(PACKED_B, pace, from, step, first, k);
    if (columns > 4) packAcross(PACKED_B + 16, pace, from + 4 * step, step, columns - 4, k);
  } else if (columns == COLUMNS) {
    packEight(PACKED_B, from, step, k);
  } else {
    packAlong(PACKED_B, pace, from, step, first, k);
    if (columns > 4) packAlong(PACKED_B + 16, pace, from + 16, step, columns - 4, k);
  }
}

/** Packs rows of A in panels of four. */
// @ts-ignore: decorator
@inline
function packA(from: usize, step: usize, rows: i32, k: i32, transposed: bool): void {
  let to = PACKED_A;
  for (let i = 0; i < rows; i += ROWS) {
    const count = min(ROWS, rows - i);
    if (transposed) packAlong(to, 16, from + (<usize>i << 2), step, count, k);
    else packAcross(to, 16, from + <usize>i * step, step, count, k);
    to += <usize>k << 4;
  }
}

/** The length of equal pieces of at most `limit`, a multiple of `unit`. */
function pieces(n: i32, limit: i32, unit: i32): i32 {
  const count = (n + limit - 1) / limit;
  return ((n + count - 1) / count + unit - 1) / unit * unit;
}

/** out (m, n) = a · b (+ bias) (+ out); a is (m, k), b is (k, n), each maybe stored transposed. k is not 0. */
export function sgemm(
  out: usize,
  a: usize,
  b: usize,
  bias: usize,
  m: i32,
  n: i32,
  k: i32,
  transA: bool,
  transB: bool,
  accumulate: bool,
): void {
  const aStep = <usize>(transA ? m : k) << 2;
  const bStep = <usize>(transB ? k : n) << 2;
  const step = <usize>n << 2;
  const mc = pieces(m, MC, ROWS);
  const kc = pieces(k, KC, 4);
  for (let p = 0; p < k; p += kc) {
    const depth = min(kc, k - p);
    const adds = accumulate || p > 0;
    const shift: usize = p > 0 ? <usize>0 : bias;
    for (let i = 0; i < m; i += mc) {
      const rows = min(mc, m - i);
      packA(
        a + (transA ? <usize>p * aStep + (<usize>i << 2) : <usize>i * aStep + (<usize>p << 2)),
        aStep,
        rows,
        depth,
        transA,
      );
      for (let j = 0; j < n; j += COLUMNS) {
        const columns = min(COLUMNS, n - j);
        packB(
          b + (transB ? <usize>j * bStep + (<usize>p << 2) : <usize>p * bStep + (<usize>j << 2)),
          bStep,
          columns,
          depth,
          transB,
        );
        const here = shift ? shift + (<usize>j << 2) : <usize>0;
        let c = out + <usize>i * step + (<usize>j << 2);
        let panel = PACKED_A;
        for (let r = 0; r < rows; r += ROWS) {
          const height = min(ROWS, rows - r);
          if (columns == COLUMNS && height == ROWS) {
            fullTile(panel, PACKED_B, depth, c, step, here, adds);
          } else if (columns == COLUMNS || columns == 4) {
            edgeTile(height, columns == COLUMNS, panel, PACKED_B, depth, c, step, here, adds);
          } else {
            edgeTile(height, columns > 4, panel, PACKED_B, depth, TILE, 32, 0, false);
            placeTile(height, columns, c, step, here, adds);
          }
          panel += <usize>depth << 4;
          c += <usize>ROWS * step;
        }
      }
    }
  }
}

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
