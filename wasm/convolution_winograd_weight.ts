/**
 * The gradient of the weight of a float32 convolution of 3 × 3 taps, as in convolution_winograd.ts: where the tiles' V
 * are multiplied by U towards the results, here they are by Z = AdYAᵀ, of 2 × 2 gradients of the result, and the sums
 * over all tiles, in the place of U, are turned back: dW = GᵀSG.
 */
import { groups, n } from './convolution_geometry';
import {
  allResults,
  allSources,
  cuts,
  fromHeight,
  fromWidth,
  height,
  M,
  MOST_CHANNELS,
  PLACES,
  partStart,
  placeOf,
  plan,
  results,
  rowsOfImage,
  sources,
  tileColumns,
  tileRows,
  U,
  unitRows,
  V,
  width,
} from './convolution_winograd_plan';
import { PATCH, sourceOfLanes, spreadLanes } from './convolution_winograd_source';
import { edgeTile, fullTile } from './gemm_tile';
import { pieces } from './sgemm';
import { all, HALF, multiplyAdd, negative } from './vector';

/** The taps of four sources, tap by tap. */
const TAPS: usize = memory.data(9 * 16, 16);

/** A row of Z. */
// @ts-ignore: decorator
@inline
function fourPlaces(to: usize, step: usize, a: v128, b: v128): void {
  v128.store(to, a);
  v128.store(to + step, f32x4.add(a, b));
  v128.store(to + 2 * step, f32x4.sub(a, b));
  v128.store(to + 3 * step, negative(b));
}

/** Z of up to four results side by side for `rows` rows of tiles from `row` of the image on. */
function gradientOfLanes(
  image: usize,
  count: i32,
  row: i32,
  rows: i32,
  column: i32,
  columns: i32,
  to: usize,
  step: usize,
): void {
  const line = <usize>columns << 5;
  spreadLanes(image, height, width, count, 2 * row, 2 * rows, 2 * column, 2 * columns);
  let p = PATCH;
  for (let i = 0; i < rows; i++, p += line) {
    for (let j = 0; j < columns; j++, p += 32, to += 16) {
      const a = v128.load(p);
      const b = v128.load(p, 16);
      const c = v128.load(p + line);
      const d = v128.load(p + line, 16);
      fourPlaces(to, step, a, b);
      fourPlaces(to + 4 * step, step, f32x4.add(a, c), f32x4.add(b, d));
      fourPlaces(to + 8 * step, step, f32x4.sub(a, c), f32x4.sub(b, d));
      fourPlaces(to + 12 * step, step, negative(c), negative(d));
    }
  }
}

/** S += Z · Vᵀ, place by place. Z is [place][four results][tile][result], V [place][eight sources][tile][source]. */
function multiply(rows: i32, depth: i32, tiles: i32, adds: bool): void {
  const line = <usize>depth << 2;
  const sStep = placeOf(<usize>rows * line);
  const zStep = placeOf(<usize>(rows * tiles) << 2);
  const vStep = placeOf(<usize>(depth * tiles) << 2);
  for (let place: usize = 0; place < <usize>PLACES; place++) {
    let panel = V + place * vStep;
    for (let j = 0; j < depth; j += 8) {
      let from = M + place * zStep;
      let to = U + place * sStep + (<usize>j << 2);
      for (let r = 0; r < rows; r += 4) {
        if (depth - j > 4) fullTile(from, panel, tiles, to, line, 0, adds);
        else edgeTile(4, false, from, panel, tiles, to, line, 0, adds);
        from += <usize>tiles << 4;
        to += 4 * line;
      }
      panel += <usize>tiles << 5;
    }
  }
}

/** S of a block of results and sources over all tiles. */
function sumTiles(x: usize, grad: usize, result: i32, rows: i32, source: i32, depth: i32): void {
  const fromPlane = <usize>(fromHeight * fromWidth) << 2;
  const plane = <usize>(height * width) << 2;
  const allRows = n * tileRows;
  const wholeRows = (rows + 3) & ~3;
  const wholeDepth = (depth + 3) & ~3;
  let adds = false;
  for (let begin = 0; begin < allRows; begin += unitRows) {
    const end = min(allRows, begin + unitRows);
    for (let cut = 0; cut < cuts; cut++) {
      const column = partStart(tileColumns, cuts, cut);
      const columns = partStart(tileColumns, cuts, cut + 1) - column;
      const tiles = (end - begin) * columns;
      const zStep = placeOf(<usize>(wholeRows * tiles) << 2);
      const vStep = placeOf(<usize>(wholeDepth * tiles) << 2);
      for (let row = begin, count = 0; row < end; row += count) {
        count = rowsOfImage(row, end);
        const image = row / tileRows;
        const first = row % tileRows;
        const tile = (row - begin) * columns;
        let from = grad + <usize>(image * allResults + result) * plane;
        let to = M + (<usize>tile << 4);
        for (let r = 0; r < rows; r += 4) {
          gradientOfLanes(from, rows - r, first, count, column, columns, to, zStep);
          from += 4 * plane;
          to += <usize>tiles << 4;
        }
        from = x + <usize>(image * allSources + source) * fromPlane;
        for (let s = 0; s < depth; s += 4) {
          // panels of eight sources, the last maybe of four
          const stride: usize = (s & ~7) + 4 < wholeDepth ? 32 : 16;
          to = V + (<usize>((s & ~7) * tiles) << 2) + (<usize>(s & 4) << 2) + <usize>tile * stride;
          sourceOfLanes(from, depth - s, first, count, column, columns, to, stride, vStep);
          from += 4 * fromPlane;
        }
      }
      multiply(wholeRows, wholeDepth, tiles, adds);
      adds = true;
    }
  }
}

/** Row i of Gᵀ times a column. */
// @ts-ignore: decorator
@inline
function turned(a: v128, b: v128, c: v128, d: v128, i: i32): v128 {
  const half = all(HALF);
  if (i == 1) return f32x4.mul(half, f32x4.sub(b, c));
  return multiplyAdd(half, f32x4.add(b, c), i == 0 ? a : d);
}

/** Row i of GᵀS, place by place of its columns. */
// @ts-ignore: decorator
@inline
function rowOfSums(s: usize, step: usize, i: i32): v128 {
  return turned(v128.load(s), v128.load(s + 4 * step), v128.load(s + 8 * step), v128.load(s + 12 * step), i);
}

/** Row i of the taps of four sources. */
// @ts-ignore: decorator
@inline
function rowOfTaps(to: usize, s: usize, step: usize, i: i32): void {
  const a = rowOfSums(s, step, i);
  const b = rowOfSums(s + step, step, i);
  const c = rowOfSums(s + 2 * step, step, i);
  const d = rowOfSums(s + 3 * step, step, i);
  v128.store(to, turned(a, b, c, d, 0));
  v128.store(to, turned(a, b, c, d, 1), 16);
  v128.store(to, turned(a, b, c, d, 2), 32);
}

/** The taps of one result from the sums at `from`, [place][source]; false where one is not finite. */
function turnSums(from: usize, step: usize, depth: i32, gradW: usize): bool {
  let check: f32 = 0;
  for (let s = 0; s < depth; s += 4, from += 16) {
    rowOfTaps(TAPS, from, step, 0);
    rowOfTaps(TAPS + 48, from, step, 1);
    rowOfTaps(TAPS + 96, from, step, 2);
    for (let l = 0, count = min(4, depth - s); l < count; l++) {
      for (let k = 0; k < 9; k++, gradW += 4) {
        const value = load<f32>(TAPS + (<usize>(4 * k + l) << 2));
        store<f32>(gradW, value);
        check += value * 0;
      }
    }
  }
  return check == 0;
}

/** What the plain tiles do, for 3 × 3 taps. False: not this way, or a result is not finite. */
export function winogradWeight(gradW: usize, x: usize, grad: usize): bool {
  if (!plan(false)) return false;
  const kc = pieces(sources, MOST_CHANNELS, 8);
  const mc = pieces(results, MOST_CHANNELS, 4);
  for (let group = 0; group < groups; group++) {
    for (let i = 0; i < results; i += mc) {
      const rows = min(mc, results - i);
      const result = group * results + i;
      for (let k = 0; k < sources; k += kc) {
        const depth = min(kc, sources - k);
        const line = <usize>((depth + 3) & ~3) << 2;
        const step = placeOf(<usize>((rows + 3) & ~3) * line);
        sumTiles(x, grad, result, rows, group * sources + k, depth);
        for (let r = 0; r < rows; r++) {
          const to = gradW + (<usize>(((result + r) * sources + k) * 9) << 2);
          if (!turnSums(U + <usize>r * line, step, depth, to)) return false;
        }
      }
    }
  }
  return true;
}
