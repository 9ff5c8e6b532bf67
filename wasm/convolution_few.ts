/**
 * float32 convolutions to one or two outputs of a group, depthwise ones above all: row by row of the result, a few
 * vectors of which stay in registers over all taps.
 */
import { c, Field, first, geometry, inputs, last, n, o, outputs, outVolume, taps, volume } from './convolution_geometry';
import { fillPlanes } from './convolution_tiles';
import { setTaps, tapAlong, tapPlace } from './convolution_windows';
import { KC } from './gemm_pack';
import { getPart, putPart } from './lanes';
import { multiplyAdd } from './vector';

/** The taps that a row of results looks at: how far from the first, in bytes, along the row, and the weight. */
const LIST: usize = memory.data(256 * 16, 16);
let listEnd: usize = LIST;
/** Whether all taps are in the list. */
let isWhole: bool = false;

/** Whose weights the list takes: the result's, from tap `firstTap` of all inputs on; a turned convolution's. */
let weights: usize = 0;
let result: i32 = 0;
let firstTap: i32 = 0;
let isTurned: bool = false;

/** The weight of tap t of the table. */
function weightOf(t: i32): f32 {
  const q = firstTap + t;
  if (!isTurned) return load<f32>(weights + (<usize>(result * inputs * taps + q) << 2));
  const line = ((result / outputs) * inputs + q / taps) * outputs + (result % outputs);
  return load<f32>(weights + (<usize>(line * taps + taps - 1 - (q % taps)) << 2));
}

/** Lists those of `count` taps that lie inside for a row whose first tap is at (d, h). */
function listTaps(d: i32, h: i32, count: i32): void {
  const depth = geometry(Field.size, 0);
  const high = geometry(Field.size, 1);
  listEnd = LIST;
  for (let t = 0; t < count; t++) {
    if (<u32>(d + tapAlong(t, 0)) >= <u32>depth || <u32>(h + tapAlong(t, 1)) >= <u32>high) continue;
    store<i32>(listEnd, tapPlace(t) << 2);
    store<i32>(listEnd, tapAlong(t, 2), 4);
    store<f32>(listEnd, weightOf(t), 8);
    listEnd += 16;
  }
  isWhole = listEnd - LIST == <usize>count << 4;
}

/** Four pixels, `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function fourPixels(at: usize, step: usize): v128 {
  if (step == 4) return v128.load(at);
  if (step == 8) return v128.shuffle<f32>(v128.load(at), v128.load(at, 12), 0, 2, 5, 7);
  let x = v128.load32_zero(at);
  x = v128.load32_lane(at + step, x, 1);
  x = v128.load32_lane(at + 2 * step, x, 2);
  return v128.load32_lane(at + 3 * step, x, 3);
}

/** Results in `count` vectors (1 or 4) all of whose taps lie inside; count and step are constants where compiled in. */
// @ts-ignore: decorator
@inline
function vectors(to: usize, from: usize, count: i32, step: usize): void {
  let a = v128.load(to);
  let b = a;
  let c = a;
  let d = a;
  if (count > 1) {
    b = v128.load(to, 16);
    c = v128.load(to, 32);
    d = v128.load(to, 48);
  }
  for (let tap = LIST, end = listEnd; tap < end; tap += 16) {
    const at = from + load<i32>(tap);
    const factor = v128.load32_splat(tap, 8);
    a = multiplyAdd(factor, fourPixels(at, step), a);
    if (count > 1) {
      b = multiplyAdd(factor, fourPixels(at + 4 * step, step), b);
      c = multiplyAdd(factor, fourPixels(at + 8 * step, step), c);
      d = multiplyAdd(factor, fourPixels(at + 12 * step, step), d);
    }
  }
  v128.store(to, a);
  if (count > 1) {
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
  }
}

/** Adds to up to four results, the first of which has its first tap at column w, the taps that lie inside. */
function edge(to: usize, from: usize, count: i32, w: i32): void {
  const width = geometry(Field.size, 2);
  const stride = geometry(Field.stride, 2);
  const step = <usize>stride << 2;
  let sum = getPart<f32>(to, count);
  for (let tap = LIST, end = listEnd; tap < end; tap += 16) {
    const at = from + load<i32>(tap);
    const column = w + load<i32>(tap, 4);
    let x = f32x4.splat(0);
    if (<u32>column < <u32>width) x = v128.load32_lane(at, x, 0);
    if (<u32>(column + stride) < <u32>width) x = v128.load32_lane(at + step, x, 1);
    if (<u32>(column + 2 * stride) < <u32>width) x = v128.load32_lane(at + 2 * step, x, 2);
    if (<u32>(column + 3 * stride) < <u32>width) x = v128.load32_lane(at + 3 * step, x, 3);
    sum = multiplyAdd(v128.load32_splat(tap, 8), x, sum);
  }
  putPart<f32>(to, sum, count);
}

/** Adds to a row of results, of which columns [begin, end) have all taps along the row inside. */
// @ts-ignore: decorator
@inline
function row(y: usize, from: usize, begin: i32, end: i32, step: usize): void {
  for (let i = 0, width = geometry(Field.out, 2); i < width; ) {
    const at = from + <usize>i * step;
    const to = y + (<usize>i << 2);
    if (i >= begin && i + 16 <= end) {
      vectors(to, at, 4, step);
      i += 16;
    } else if (i >= begin && i + 4 <= end) {
      vectors(to, at, 1, step);
      i += 4;
    } else {
      edge(to, at, min(4, width - i), i * geometry(Field.stride, 2) - geometry(Field.pad, 2));
      i += 4;
    }
  }
}

/** Adds to one plane of results what `count` taps see. */
function plane(y: usize, x: usize, count: i32): void {
  const begin = first(2, 0);
  const end = last(2, geometry(Field.kernel, 2) - 1);
  const step = <usize>geometry(Field.stride, 2) << 2;
  isWhole = false;
  for (let i = 0; i < geometry(Field.out, 0); i++) {
    const d = i * geometry(Field.stride, 0) - geometry(Field.pad, 0);
    const reachD = (geometry(Field.kernel, 0) - 1) * geometry(Field.dilation, 0);
    const isInsideD = d >= 0 && d + reachD < geometry(Field.size, 0);
    for (let j = 0; j < geometry(Field.out, 1); j++, y += <usize>geometry(Field.out, 2) << 2) {
      const h = j * geometry(Field.stride, 1) - geometry(Field.pad, 1);
      const reach = (geometry(Field.kernel, 1) - 1) * geometry(Field.dilation, 1);
      const isInside = isInsideD && h >= 0 && h + reach < geometry(Field.size, 1);
      if (!isWhole || !isInside) listTaps(d, h, count);
      const place = (d * geometry(Field.size, 1) + h) * geometry(Field.size, 2) - geometry(Field.pad, 2);
      const from = x + (<usize>place << 2);
      if (step == 4) row(y, from, begin, end, 4);
      else if (step == 8) row(y, from, begin, end, 8);
      else row(y, from, begin, end, step);
    }
  }
}

/** The convolution, or a turned one: the gradient of the input. */
export function fewForward(y: usize, x: usize, weight: usize, bias: usize, turned: bool): void {
  fillPlanes(y, bias);
  weights = weight;
  isTurned = turned;
  const all = inputs * taps;
  for (firstTap = 0; firstTap < all; firstTap += KC) {
    const count = min(KC, all - firstTap);
    setTaps(firstTap, count);
    let to = y;
    for (let i = 0; i < n; i++) {
      for (result = 0; result < o; result++, to += <usize>outVolume << 2) {
        plane(to, x + (<usize>((i * c + (result / outputs) * inputs) * volume) << 2), count);
      }
    }
  }
}
