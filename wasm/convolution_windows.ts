/**
 * What eight outputs in a row of memory (a panel) see of an image: packed for the tiles of the matrix product, or added
 * to. Taps are given by a table, outputs by where their windows begin.
 */
import { Field, geometry, taps, volume } from './convolution_geometry';
import { PACKED_B, storeTransposed } from './gemm_pack';

/** Of each of up to KC taps: its place from a window's first (elements), and along each dimension. */
const TAPS: usize = memory.data(256 * 16, 16);
/** Of each of up to KC outputs: where in the image its window begins (elements), and along each dimension. */
const WINDOWS: usize = memory.data(256 * 16, 16);

/** What is known of an output and the next three. */
const enum Run {
  none,
  /** They lie in one row. */
  row,
  /** They also follow one another in the image, all their taps inside. */
  inside,
}

/** Of each output its Run. */
const RUNS: usize = memory.data(256, 16);

// @ts-ignore: decorator
@inline
function wordOf(table: usize, i: i32, field: usize): i32 {
  return load<i32>(table + (<usize>i << 4) + (field << 2));
}

function setEntry(table: usize, i: i32, d: i32, h: i32, w: i32, base: i32): void {
  const to = table + (<usize>i << 4);
  store<i32>(to, base + (d * geometry(Field.size, 1) + h) * geometry(Field.size, 2) + w);
  store<i32>(to, d, 4);
  store<i32>(to, h, 8);
  store<i32>(to, w, 12);
}

/** Fills the table with taps [from, from + count) of a group's inputs. */
export function setTaps(from: i32, count: i32): void {
  const width = geometry(Field.kernel, 2);
  const height = geometry(Field.kernel, 1);
  for (let i = 0; i < count; i++) {
    const channel = (from + i) / taps;
    const tap = (from + i) % taps;
    const d = (tap / width / height) * geometry(Field.dilation, 0);
    const h = ((tap / width) % height) * geometry(Field.dilation, 1);
    const w = (tap % width) * geometry(Field.dilation, 2);
    setEntry(TAPS, i, d, h, w, channel * volume);
  }
}

/** How far tap t of the table is from a window's first, in elements. */
// @ts-ignore: decorator
@inline
export function tapPlace(t: i32): i32 {
  return wordOf(TAPS, t, 0);
}

/** The same along dimension d. */
// @ts-ignore: decorator
@inline
export function tapAlong(t: i32, d: i32): i32 {
  return wordOf(TAPS, t, 1 + d);
}

/** Fills the table with outputs [from, from + count). */
export function setWindows(from: i32, count: i32): void {
  const width = geometry(Field.out, 2);
  const height = geometry(Field.out, 1);
  let w = from % width;
  let h = (from / width) % height;
  let d = from / width / height;
  for (let i = 0; i < count; i++) {
    store<u8>(RUNS + <usize>i, i + 4 <= count && w + 4 <= width ? Run.row : Run.none);
    setEntry(
      WINDOWS,
      i,
      d * geometry(Field.stride, 0) - geometry(Field.pad, 0),
      h * geometry(Field.stride, 1) - geometry(Field.pad, 1),
      w * geometry(Field.stride, 2) - geometry(Field.pad, 2),
      0,
    );
    if (++w == width) {
      w = 0;
      if (++h == height) {
        h = 0;
        d++;
      }
    }
  }
  for (let i = 0; i < count; i++) {
    if (load<u8>(RUNS + <usize>i) == Run.row && isRun(i, 4)) store<u8>(RUNS + <usize>i, Run.inside);
  }
}

/** Whether all taps of window i lie in the image. */
function isInside(i: i32): bool {
  for (let d = 0; d < 3; d++) {
    const at = wordOf(WINDOWS, i, 1 + d);
    const reach = (geometry(Field.kernel, d) - 1) * geometry(Field.dilation, d);
    if (at < 0 || at + reach >= geometry(Field.size, d)) return false;
  }
  return true;
}

/** Whether windows [i, i + count) follow one another in a row of the image, and lie in it with all taps. */
export function isRun(i: i32, count: i32): bool {
  if (geometry(Field.stride, 2) != 1 || !isInside(i) || !isInside(i + count - 1)) return false;
  return wordOf(WINDOWS, i + count - 1, 3) - wordOf(WINDOWS, i, 3) == count - 1;
}

/** Whether tap t of window i lies in the image. */
// @ts-ignore: decorator
@inline
function sees(i: i32, t: i32): bool {
  const d = wordOf(WINDOWS, i, 1) + wordOf(TAPS, t, 1);
  const h = wordOf(WINDOWS, i, 2) + wordOf(TAPS, t, 2);
  const w = wordOf(WINDOWS, i, 3) + wordOf(TAPS, t, 3);
  return (
    <u32>d < <u32>geometry(Field.size, 0) &&
    <u32>h < <u32>geometry(Field.size, 1) &&
    <u32>w < <u32>geometry(Field.size, 2)
  );
}

/** What tap t of four windows in a row, from window i on, sees: zeros beyond the image. */
// @ts-ignore: decorator
@inline
function fourPixels(image: usize, i: i32, t: i32): v128 {
  const d = wordOf(WINDOWS, i, 1) + wordOf(TAPS, t, 1);
  const h = wordOf(WINDOWS, i, 2) + wordOf(TAPS, t, 2);
  let x = f32x4.splat(0);
  if (<u32>d >= <u32>geometry(Field.size, 0) || <u32>h >= <u32>geometry(Field.size, 1)) return x;
  const w = wordOf(WINDOWS, i, 3) + wordOf(TAPS, t, 3);
  const width = geometry(Field.size, 2);
  const stride = geometry(Field.stride, 2);
  const at = image + (<usize>(wordOf(WINDOWS, i, 0) + wordOf(TAPS, t, 0)) << 2);
  if (stride == 1 && w >= 0 && w + 4 <= width) return v128.load(at);
  const step = <usize>stride << 2;
  if (<u32>w < <u32>width) x = v128.load32_lane(at, x, 0);
  if (<u32>(w + stride) < <u32>width) x = v128.load32_lane(at + step, x, 1);
  if (<u32>(w + 2 * stride) < <u32>width) x = v128.load32_lane(at + 2 * step, x, 2);
  if (<u32>(w + 3 * stride) < <u32>width) x = v128.load32_lane(at + 3 * step, x, 3);
  return x;
}

/** What tap t of window i sees. */
// @ts-ignore: decorator
@inline
function pixel(image: usize, i: i32, t: i32): f32 {
  if (!sees(i, t)) return 0;
  return load<f32>(image + (<usize>(wordOf(WINDOWS, i, 0) + wordOf(TAPS, t, 0)) << 2));
}

/** PACKED_B[tap][window]: `count` taps of windows [first, first + columns), zeros up to eight. */
export function packWindows(image: usize, first: i32, columns: i32, count: i32): void {
  let to = PACKED_B;
  if (columns == 8 && isRun(first, 8)) {
    const from = image + ((<isize>wordOf(WINDOWS, first, 0)) << 2);
    for (let t = 0; t < count; t++) {
      const at = from + ((<isize>wordOf(TAPS, t, 0)) << 2);
      v128.store(to, v128.load(at));
      v128.store(to, v128.load(at, 16), 16);
      to += 32;
    }
    return;
  }
  for (let i = 0; i < 8; ) {
    to = PACKED_B + (<usize>i << 2);
    const from = image + ((<isize>wordOf(WINDOWS, first + i, 0)) << 2);
    const run = i + 4 <= columns ? load<u8>(RUNS + <usize>(first + i)) : Run.none;
    if (i >= columns) {
      for (let t = 0; t < count; t++, to += 32) store<f32>(to, 0);
      i++;
    } else if (run == Run.inside) {
      for (let t = 0; t < count; t++, to += 32) v128.store(to, v128.load(from + ((<isize>wordOf(TAPS, t, 0)) << 2)));
      i += 4;
    } else if (run == Run.row && geometry(Field.stride, 2) == 1) {
      for (let t = 0; t < count; t++, to += 32) v128.store(to, fourPixels(image, first + i, t));
      i += 4;
    } else if (isInside(first + i)) {
      for (let t = 0; t < count; t++, to += 32) store<f32>(to, load<f32>(from + ((<isize>wordOf(TAPS, t, 0)) << 2)));
      i++;
    } else {
      for (let t = 0; t < count; t++, to += 32) store<f32>(to, pixel(image, first + i, t));
      i++;
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, value: f32): void {
  store<f32>(at, load<f32>(at) + value);
}

/** Adds four values to what tap t of four windows in a row, from window i on, sees. */
// @ts-ignore: decorator
@inline
function addFour(image: usize, i: i32, t: i32, from: usize): void {
  const d = wordOf(WINDOWS, i, 1) + wordOf(TAPS, t, 1);
  const h = wordOf(WINDOWS, i, 2) + wordOf(TAPS, t, 2);
  if (<u32>d >= <u32>geometry(Field.size, 0) || <u32>h >= <u32>geometry(Field.size, 1)) return;
  const w = wordOf(WINDOWS, i, 3) + wordOf(TAPS, t, 3);
  const width = geometry(Field.size, 2);
  const stride = geometry(Field.stride, 2);
  const at = image + (<usize>(wordOf(WINDOWS, i, 0) + wordOf(TAPS, t, 0)) << 2);
  if (stride == 1 && w >= 0 && w + 4 <= width) {
    v128.store(at, f32x4.add(v128.load(at), v128.load(from)));
    return;
  }
  const step = <usize>stride << 2;
  if (<u32>w < <u32>width) addTo(at, load<f32>(from));
  if (<u32>(w + stride) < <u32>width) addTo(at + step, load<f32>(from, 4));
  if (<u32>(w + 2 * stride) < <u32>width) addTo(at + 2 * step, load<f32>(from, 8));
  if (<u32>(w + 3 * stride) < <u32>width) addTo(at + 3 * step, load<f32>(from, 12));
}

/** Adds rows [t, t + height) of a tile, one for each tap, to the image where windows [first, first + columns) see it. */
export function addWindows(
  image: usize,
  tile: usize,
  t: i32,
  height: i32,
  first: i32,
  columns: i32,
  run: bool,
): void {
  if (run) {
    const from = image + ((<isize>wordOf(WINDOWS, first, 0)) << 2);
    for (let end = t + height; t < end; t++) {
      const at = from + ((<isize>wordOf(TAPS, t, 0)) << 2);
      v128.store(at, f32x4.add(v128.load(at), v128.load(tile)));
      v128.store(at, f32x4.add(v128.load(at, 16), v128.load(tile, 16)), 16);
      tile += 32;
    }
    return;
  }
  for (let end = t + height; t < end; t++) {
    for (let i = 0; i < columns; ) {
      const from = tile + (<usize>i << 2);
      if (i + 4 <= columns && load<u8>(RUNS + <usize>(first + i)) != Run.none) {
        addFour(image, first + i, t, from);
        i += 4;
      } else {
        if (sees(first + i, t)) {
          addTo(image + (<usize>(wordOf(WINDOWS, first + i, 0) + wordOf(TAPS, t, 0)) << 2), load<f32>(from));
        }
        i++;
      }
    }
    tile += 32;
  }
}

/** PACKED_B[window][tap]: taps [0, columns) of `count` windows, zeros up to eight. */
export function packTaps(image: usize, columns: i32, count: i32): void {
  const zero = f32x4.splat(0);
  for (let t = 0; t < 8; t += 4) {
    let to = PACKED_B + (<usize>t << 2);
    for (let i = 0; i < count; ) {
      const run = load<u8>(RUNS + <usize>i);
      if (run == Run.inside && t + 4 <= columns) {
        const from = image + ((<isize>wordOf(WINDOWS, i, 0)) << 2);
        storeTransposed(
          to,
          32,
          v128.load(from + ((<isize>wordOf(TAPS, t, 0)) << 2)),
          v128.load(from + ((<isize>wordOf(TAPS, t + 1, 0)) << 2)),
          v128.load(from + ((<isize>wordOf(TAPS, t + 2, 0)) << 2)),
          v128.load(from + ((<isize>wordOf(TAPS, t + 3, 0)) << 2)),
        );
        i += 4;
        to += 128;
      } else if (run != Run.none) {
        const p0 = t < columns ? fourPixels(image, i, t) : zero;
        const p1 = t + 1 < columns ? fourPixels(image, i, t + 1) : zero;
        const p2 = t + 2 < columns ? fourPixels(image, i, t + 2) : zero;
        const p3 = t + 3 < columns ? fourPixels(image, i, t + 3) : zero;
        storeTransposed(to, 32, p0, p1, p2, p3);
        i += 4;
        to += 128;
      } else {
        for (let j = 0; j < 4; j++) store<f32>(to + (<usize>j << 2), t + j < columns ? pixel(image, i, t + j) : 0);
        i++;
        to += 32;
      }
    }
  }
}
