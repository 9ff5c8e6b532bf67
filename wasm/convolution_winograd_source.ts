/** V of Winograd's tiles (see convolution_winograd.ts): what they see of the sources, tiles or channels side by side. */
import { fromHeight, fromWidth, left, top } from './convolution_winograd_plan';
import { storeTransposed } from './gemm_pack';

/** Pixels of a part of an image. */
export const PATCH: usize = memory.data(32 * (72 + 1) * 4, 64);

/** Floats of half a row of a patch of so many columns of tiles. */
// @ts-ignore: decorator
@inline
function halfOf(columns: i32): i32 {
  return ((columns + 3) & ~3) + 4;
}

/** Zeros in a multiple of 16 bytes: few, for which memory.fill takes long. */
// @ts-ignore: decorator
@inline
function setZeros(to: usize, bytes: usize): void {
  for (const end = to + bytes; to < end; to += 16) v128.store(to, f32x4.splat(0));
}

/** Pixel p of a line, 0 beyond it. */
// @ts-ignore: decorator
@inline
function pixelOf(line: usize, p: i32): f32 {
  return <u32>p < <u32>fromWidth ? load<f32>(line + (<usize>p << 2)) : 0;
}

/**
 * PATCH[row][even, odd][column of tiles]: the pixels of one channel from row y and column x on, zeros beyond the image;
 * a column more than there are tiles.
 */
function spreadColumns(image: usize, y: i32, rows: i32, x: i32, columns: i32): void {
  const half = <usize>halfOf(columns) << 2;
  const inside = min(columns + 1, max(0, (1 - x) >> 1));
  let to = PATCH;
  for (let end = y + rows; y < end; y++, to += half << 1) {
    if (<u32>y >= <u32>fromHeight) {
      setZeros(to, half << 1);
      continue;
    }
    const line = image + (<usize>(y * fromWidth) << 2);
    let i = 0;
    while (i <= columns) {
      const p = x + 2 * i;
      const at = to + (<usize>i << 2);
      if (i >= inside && i + 3 <= columns && p + 8 <= fromWidth) {
        const a = v128.load(line + (<usize>p << 2));
        const b = v128.load(line + (<usize>p << 2), 16);
        v128.store(at, v128.shuffle<f32>(a, b, 0, 2, 4, 6));
        v128.store(at + half, v128.shuffle<f32>(a, b, 1, 3, 5, 7));
        i += 4;
      } else {
        store<f32>(at, pixelOf(line, p));
        store<f32>(at + half, pixelOf(line, p + 1));
        i++;
      }
    }
  }
}

/**
 * PATCH[row][pixel][lane]: the pixels of four channels, `count` of which exist (the others are copies), from row y and
 * column x on, zeros beyond the image of high × wide.
 */
export function spreadLanes(
  image: usize,
  high: i32,
  wide: i32,
  count: i32,
  y: i32,
  rows: i32,
  x: i32,
  columns: i32,
): void {
  const plane = <usize>(high * wide) << 2;
  let to = PATCH;
  for (let end = y + rows; y < end; y++) {
    if (<u32>y >= <u32>high) {
      setZeros(to, <usize>columns << 4);
      to += <usize>columns << 4;
      continue;
    }
    const c0 = image + (<usize>(y * wide) << 2);
    const c1 = c0 + (count > 1 ? plane : <usize>0);
    const c2 = c1 + (count > 2 ? plane : <usize>0);
    const c3 = c2 + (count > 3 ? plane : <usize>0);
    let i = x;
    const last = x + columns;
    while (i < last) {
      const at = <isize>i << 2;
      if (i >= 0 && i + 4 <= min(wide, last)) {
        storeTransposed(to, 16, v128.load(c0 + at), v128.load(c1 + at), v128.load(c2 + at), v128.load(c3 + at));
        i += 4;
        to += 64;
        continue;
      }
      if (<u32>i < <u32>wide) {
        store<f32>(to, load<f32>(c0 + at));
        store<f32>(to, load<f32>(c1 + at), 4);
        store<f32>(to, load<f32>(c2 + at), 8);
        store<f32>(to, load<f32>(c3 + at), 12);
      } else {
        v128.store(to, f32x4.splat(0));
      }
      i++;
      to += 16;
    }
  }
}

/** The sum or the difference of four pixels of two lines. */
// @ts-ignore: decorator
@inline
function twoLines(a: usize, b: usize, adds: bool): v128 {
  return adds ? f32x4.add(v128.load(a), v128.load(b)) : f32x4.sub(v128.load(a), v128.load(b));
}

/**
 * A row of BᵀdB for `count` vectors of tiles, from the sum or the difference of two lines of the patch, where the odd
 * pixels of a tile are `odd` bytes from the even ones and its other half is `next` bytes on; `pace` and `stride` are
 * the bytes from vector to vector on both sides, `step` from place to place.
 */
// @ts-ignore: decorator
@inline
function fourPlaces(
  a: usize,
  b: usize,
  adds: bool,
  odd: usize,
  next: usize,
  pace: usize,
  count: i32,
  to: usize,
  stride: usize,
  step: usize,
): void {
  for (; count > 0; count--) {
    const p0 = twoLines(a, b, adds);
    const p1 = twoLines(a + odd, b + odd, adds);
    const p2 = twoLines(a + next, b + next, adds);
    const p3 = twoLines(a + odd + next, b + odd + next, adds);
    v128.store(to, f32x4.sub(p0, p2));
    v128.store(to + step, f32x4.add(p1, p2));
    v128.store(to + 2 * step, f32x4.sub(p2, p1));
    v128.store(to + 3 * step, f32x4.sub(p1, p3));
    a += pace;
    b += pace;
    to += stride;
  }
}

/** V = BᵀdB of a row of tiles from four lines of the patch (see fourPlaces). */
// @ts-ignore: decorator
@inline
function rowOfTiles(
  from: usize,
  line: usize,
  odd: usize,
  next: usize,
  pace: usize,
  count: i32,
  to: usize,
  stride: usize,
  step: usize,
): void {
  const second = from + line;
  const third = second + line;
  const places = step << 2;
  fourPlaces(from, third, false, odd, next, pace, count, to, stride, step);
  fourPlaces(second, third, true, odd, next, pace, count, to + places, stride, step);
  fourPlaces(third, second, false, odd, next, pace, count, to + 2 * places, stride, step);
  fourPlaces(second, third + line, false, odd, next, pace, count, to + 3 * places, stride, step);
}

/** V of one channel, four tiles side by side, for `rows` rows of tiles from `row` of the image on. */
export function sourceOfTiles(
  image: usize,
  row: i32,
  rows: i32,
  column: i32,
  columns: i32,
  to: usize,
  step: usize,
): void {
  spreadColumns(image, 2 * row + top, 2 * rows + 2, 2 * column + left, columns);
  const half = <usize>halfOf(columns) << 2;
  let from = PATCH;
  for (let i = 0; i < rows; i++) {
    rowOfTiles(from, half << 1, half, 4, 16, (columns + 3) >> 2, to, 16, step);
    from += half << 2;
    to += <usize>columns << 2;
  }
}

/** V of up to four channels side by side; `stride` bytes from tile to tile. */
export function sourceOfLanes(
  image: usize,
  count: i32,
  row: i32,
  rows: i32,
  column: i32,
  columns: i32,
  to: usize,
  stride: usize,
  step: usize,
): void {
  const pixels = 2 * columns + 2;
  spreadLanes(image, fromHeight, fromWidth, count, 2 * row + top, 2 * rows + 2, 2 * column + left, pixels);
  const line = <usize>pixels << 4;
  let from = PATCH;
  for (let i = 0; i < rows; i++) {
    rowOfTiles(from, line, 16, 32, 32, columns, to, stride, step);
    from += line << 1;
    to += <usize>columns * stride;
  }
}
