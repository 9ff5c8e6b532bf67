/** The tiles of the float32 matrix product: up to 4 × 8 results in registers, from packed panels. */
import { multiplyAdd } from './vector';

/** A tile that sticks out of the result is made here. */
export const TILE: usize = memory.data(4 * 8 * 4, 16);

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

/** A whole tile. */
export function fullTile(a: usize, b: usize, k: i32, c: usize, step: usize, bias: usize, accumulate: bool): void {
  tile(4, true, a, b, k, c, step, bias, accumulate);
}

/** A tile at an edge. */
export function edgeTile(
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
export function placeTile(rows: i32, columns: i32, c: usize, step: usize, bias: usize, accumulate: bool): void {
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
