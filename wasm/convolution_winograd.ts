/**
 * float32 convolutions of 3 × 3 taps by Winograd's F(2 × 2, 3 × 3): a tile of 2 × 2 results is AᵀMA, M the products,
 * place by place, of the transformed 4 × 4 pixels it looks at, V = BᵀdB, and the transformed taps, U = GgGᵀ. That makes
 * 16 products where the definition has 36, and over all channels 16 products of matrices. All factors are ±1 and ½, so
 * whole numbers stay whole; what is not finite spreads over its tile, so whoever meets it computes the definition.
 */
import { groups, inputs, n } from './convolution_geometry';
import {
  allResults,
  allSources,
  cuts,
  fromHeight,
  fromWidth,
  height,
  lineOf,
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
import { sourceOfTiles } from './convolution_winograd_source';
import { packB, PACKED_B, storeTransposed } from './gemm_pack';
import { edgeTile, fullTile } from './gemm_tile';
import { pieces } from './sgemm';
import { all, HALF } from './vector';

/** The taps of four results, tap by tap. */
const TAPS: usize = memory.data(9 * 16, 16);
/** Pixels of results that reach beyond the image. */
const EDGE: usize = memory.data(8 * 4, 16);

/** The taps of `count` results (the other lanes are copies), `lane` bytes apart. */
function spreadTaps(from: usize, lane: usize, count: i32): void {
  const r1 = from + (count > 1 ? lane : <usize>0);
  const r2 = r1 + (count > 2 ? lane : <usize>0);
  const r3 = r2 + (count > 3 ? lane : <usize>0);
  storeTransposed(TAPS, 16, v128.load(from), v128.load(r1), v128.load(r2), v128.load(r3));
  storeTransposed(TAPS + 64, 16, v128.load(from, 16), v128.load(r1, 16), v128.load(r2, 16), v128.load(r3, 16));
  store<f32>(TAPS, load<f32>(from, 32), 128);
  store<f32>(TAPS, load<f32>(r1, 32), 132);
  store<f32>(TAPS, load<f32>(r2, 32), 136);
  store<f32>(TAPS, load<f32>(r3, 32), 140);
}

/** Tap k; the gradient of the input sees the taps the other way round. */
// @ts-ignore: decorator
@inline
function tap(k: i32, input: bool): v128 {
  return v128.load(TAPS + (<usize>(input ? 8 - k : k) << 4));
}

/** A row of U from a row of Gg. */
// @ts-ignore: decorator
@inline
function fourOfTaps(to: usize, step: usize, a: v128, b: v128, c: v128): void {
  const half = all(HALF);
  const ends = f32x4.add(a, c);
  v128.store(to, a);
  v128.store(to + step, f32x4.mul(half, f32x4.add(ends, b)));
  v128.store(to + 2 * step, f32x4.mul(half, f32x4.sub(ends, b)));
  v128.store(to + 3 * step, c);
}

// @ts-ignore: decorator
@inline
function halfSum(a: v128, b: v128, c: v128): v128 {
  return f32x4.mul(all(HALF), f32x4.add(f32x4.add(a, c), b));
}

// @ts-ignore: decorator
@inline
function halfDifference(a: v128, b: v128, c: v128): v128 {
  return f32x4.mul(all(HALF), f32x4.sub(f32x4.add(a, c), b));
}

/** U of results [0, rows) and sources [0, depth) of those at `from`, [place][four results][source][result]. */
function transformTaps(from: usize, lane: usize, source: usize, rows: i32, depth: i32, input: bool): void {
  const step = placeOf(<usize>(((rows + 3) & ~3) * depth) << 2);
  let to = U;
  for (let r = 0; r < rows; r += 4) {
    let at = from + <usize>r * lane;
    for (let s = 0; s < depth; s++, at += source, to += 16) {
      spreadTaps(at, lane, rows - r);
      const a0 = tap(0, input);
      const a1 = tap(1, input);
      const a2 = tap(2, input);
      const b0 = tap(3, input);
      const b1 = tap(4, input);
      const b2 = tap(5, input);
      const c0 = tap(6, input);
      const c1 = tap(7, input);
      const c2 = tap(8, input);
      fourOfTaps(to, step, a0, a1, a2);
      fourOfTaps(to + 4 * step, step, halfSum(a0, b0, c0), halfSum(a1, b1, c1), halfSum(a2, b2, c2));
      fourOfTaps(
        to + 8 * step,
        step,
        halfDifference(a0, b0, c0),
        halfDifference(a1, b1, c1),
        halfDifference(a2, b2, c2),
      );
      fourOfTaps(to + 12 * step, step, c0, c1, c2);
    }
  }
}

/** M = U · V, place by place. */
function multiply(rows: i32, depth: i32, tiles: i32): void {
  const line = lineOf(tiles);
  const mStep = placeOf(<usize>((rows + 3) & ~3) * line);
  const uStep = placeOf(<usize>(((rows + 3) & ~3) * depth) << 2);
  const vStep = placeOf(<usize>depth * line);
  for (let place: usize = 0; place < <usize>PLACES; place++) {
    for (let j = 0; j < tiles; j += 8) {
      const wide = tiles - j > 4;
      packB(V + place * vStep + (<usize>j << 2), line, wide ? 8 : 4, depth, false);
      let panel = U + place * uStep;
      let to = M + place * mStep + (<usize>j << 2);
      for (let r = 0; r < rows; r += 4) {
        if (wide) fullTile(panel, PACKED_B, depth, to, line, 0, false);
        else edgeTile(4, false, panel, PACKED_B, depth, to, line, 0, false);
        panel += <usize>depth << 4;
        to += 4 * line;
      }
    }
  }
}

/** Four tiles' pixels of one row, the first `count` of eight, plus shift (and what is there); times 0. */
// @ts-ignore: decorator
@inline
function placeRow(to: usize, count: i32, a: v128, b: v128, c: v128, d: v128, shift: v128, adds: bool): v128 {
  const left = f32x4.add(f32x4.add(f32x4.add(a, b), c), shift);
  const right = f32x4.add(f32x4.sub(f32x4.sub(b, c), d), shift);
  let first = v128.shuffle<f32>(left, right, 0, 4, 1, 5);
  let second = v128.shuffle<f32>(left, right, 2, 6, 3, 7);
  const zero = f32x4.splat(0);
  if (count >= 8) {
    if (adds) {
      first = f32x4.add(first, v128.load(to));
      second = f32x4.add(second, v128.load(to, 16));
    }
    v128.store(to, first);
    v128.store(to, second, 16);
    return f32x4.mul(f32x4.add(first, second), zero);
  }
  v128.store(EDGE, first);
  v128.store(EDGE, second, 16);
  return f32x4.splat(placeEdge(to, count, adds));
}

function placeEdge(to: usize, count: i32, adds: bool): f32 {
  let check: f32 = 0;
  for (let i: usize = 0, end = <usize>count << 2; i < end; i += 4) {
    let value = load<f32>(EDGE + i);
    if (adds) value += load<f32>(to + i);
    store<f32>(to + i, value);
    check += value * 0;
  }
  return check;
}

/** AᵀMA of a row of tiles of one channel; NaN in the result where a pixel is not finite. */
function resultTiles(
  m: usize,
  step: usize,
  columns: i32,
  to: usize,
  count: i32,
  lines: i32,
  bias: f32,
  adds: bool,
): v128 {
  let check = f32x4.splat(0);
  const shift = f32x4.splat(bias);
  for (let i = 0; i < columns; i += 4, m += 16, to += 32, count -= 8) {
    const second = m + 4 * step;
    const third = m + 8 * step;
    const fourth = m + 12 * step;
    const b0 = v128.load(second);
    const b1 = v128.load(second + step);
    const b2 = v128.load(second + 2 * step);
    const b3 = v128.load(second + 3 * step);
    const c0 = v128.load(third);
    const c1 = v128.load(third + step);
    const c2 = v128.load(third + 2 * step);
    const c3 = v128.load(third + 3 * step);
    const a0 = f32x4.add(v128.load(m), f32x4.add(b0, c0));
    const a1 = f32x4.add(v128.load(m + step), f32x4.add(b1, c1));
    const a2 = f32x4.add(v128.load(m + 2 * step), f32x4.add(b2, c2));
    const a3 = f32x4.add(v128.load(m + 3 * step), f32x4.add(b3, c3));
    check = f32x4.add(check, placeRow(to, count, a0, a1, a2, a3, shift, adds));
    if (lines < 2) continue;
    const d0 = f32x4.sub(f32x4.sub(b0, c0), v128.load(fourth));
    const d1 = f32x4.sub(f32x4.sub(b1, c1), v128.load(fourth + step));
    const d2 = f32x4.sub(f32x4.sub(b2, c2), v128.load(fourth + 2 * step));
    const d3 = f32x4.sub(f32x4.sub(b3, c3), v128.load(fourth + 3 * step));
    check = f32x4.add(check, placeRow(to + (<usize>width << 2), count, d0, d1, d2, d3, shift, adds));
  }
  return check;
}

/** Winograd's tiles of a block of results and sources; false where a result is not finite. */
function block(y: usize, x: usize, result: i32, rows: i32, source: i32, depth: i32, bias: usize, adds: bool): bool {
  const fromPlane = <usize>(fromHeight * fromWidth) << 2;
  const plane = <usize>(height * width) << 2;
  let check = f32x4.splat(0);
  for (let begin = 0, allRows = n * tileRows; begin < allRows; begin += unitRows) {
    const end = min(allRows, begin + unitRows);
    for (let cut = 0; cut < cuts; cut++) {
      const column = partStart(tileColumns, cuts, cut);
      const columns = partStart(tileColumns, cuts, cut + 1) - column;
      const tiles = (end - begin) * columns;
      const line = lineOf(tiles);
      const vStep = placeOf(<usize>depth * line);
      const mStep = placeOf(<usize>((rows + 3) & ~3) * line);
      for (let row = begin, count = 0; row < end; row += count) {
        count = rowsOfImage(row, end);
        let from = x + <usize>((row / tileRows) * allSources + source) * fromPlane;
        let to = V + (<usize>((row - begin) * columns) << 2);
        for (let s = 0; s < depth; s++, from += fromPlane, to += line) {
          sourceOfTiles(from, row % tileRows, count, column, columns, to, vStep);
        }
      }
      multiply(rows, depth, tiles);
      const pixels = min(2 * columns, width - 2 * column);
      for (let row = begin; row < end; row++) {
        const first = 2 * (row % tileRows);
        let from = M + (<usize>((row - begin) * columns) << 2);
        const image = row / tileRows;
        let to = y + <usize>(image * allResults + result) * plane + (<usize>(first * width + 2 * column) << 2);
        for (let r = 0; r < rows; r++, from += line, to += plane) {
          const shift = bias != 0 ? load<f32>(bias + (<usize>r << 2)) : <f32>0;
          check = f32x4.add(check, resultTiles(from, mStep, columns, to, pixels, height - first, shift, adds));
        }
      }
    }
  }
  return !v128.any_true(f32x4.ne(check, check));
}

/** What the plain tiles do, for 3 × 3 taps. False: not this way, or a result is not finite. */
export function winograd(y: usize, x: usize, weight: usize, bias: usize, input: bool): bool {
  if (!plan(input)) return false;
  const lane = <usize>(9 * (input ? <i32>1 : inputs)) << 2;
  const source = <usize>(9 * (input ? inputs : <i32>1)) << 2;
  const kc = pieces(sources, MOST_CHANNELS, 4);
  const mc = pieces(results, MOST_CHANNELS, 4);
  const groupWeights = <usize>(sources * results * 9) << 2;
  for (let group = 0; group < groups; group++, weight += groupWeights) {
    for (let i = 0; i < results; i += mc) {
      const rows = min(mc, results - i);
      const result = group * results + i;
      for (let k = 0; k < sources; k += kc) {
        const depth = min(kc, sources - k);
        const shift = bias != 0 && k == 0 ? bias + (<usize>result << 2) : <usize>0;
        transformTaps(weight + <usize>i * lane + <usize>k * source, lane, source, rows, depth, input);
        if (!block(y, x, result, rows, group * sources + k, depth, shift, k > 0)) return false;
      }
    }
  }
  return true;
}
