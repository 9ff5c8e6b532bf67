/**
 * A band of some channels of an image with the zeros around it, its rows dealt by the stride: what a tap sees of
 * results that follow one another in a row then lies side by side, and nothing lies beyond.
 */
import { Field, geometry, outVolume, taps, volume } from './convolution_geometry';
import { KC } from './gemm_pack';
import { V } from './convolution_winograd_plan';

/** Where bands are copied to: Winograd's tiles are not in use meanwhile. */
const BAND: usize = V;
/** Floats that the band has room for, and floats of a channel of it that stay in the first-level cache. */
const MOST: i32 = 80 * 1024;
const SMALL: i32 = 6 * 1024;

/** How far from a window's first place tap t of the list is, in bytes. */
export const STEPS: usize = memory.data(256 * 4, 16);
let listed: i32 = -1;

/** Where the band is. */
export let base: usize = BAND;
/** Whether bands need no copies: single taps, each of which sees its result's place, in whole vectors. */
export let isWhole: bool = false;
/** The dimension along which outputs are cut into bands, and how many a band has. */
export let cut: i32 = 0;
export let band: i32 = 0;
/** How many channels are in the band together. */
export let together: i32 = 0;
/** Floats of a row, of a slice of rows, of a channel. */
export let row: i32 = 0;
export let slice: i32 = 0;
export let plane: i32 = 0;
let lines: i32 = 0;
let slices: i32 = 0;

/** Sizes for bands of `count` outputs; false where there is no room. */
function fits(count: i32, most: i32): bool {
  let all: i64 = 1;
  for (let d = 0; d < 3; d++) {
    const outputs = d == cut ? count : geometry(Field.out, d);
    const reach = <i64>(geometry(Field.kernel, d) - 1) * geometry(Field.dilation, d);
    let extent = <i64>(outputs - 1) * geometry(Field.stride, d) + reach + 1;
    if (extent > <i64>MOST) return false;
    if (d == 2) {
      const stride = geometry(Field.stride, 2);
      extent = ((extent + stride - 1) / stride) * stride;
      row = <i32>extent;
    }
    if (d == 0) slices = <i32>extent;
    if (d == 1) lines = <i32>extent;
    all *= extent;
  }
  band = count;
  slice = lines * row;
  if (all > <i64>most) return false;
  plane = <i32>all;
  return true;
}

/** Cuts the outputs, of which there are some, into bands of up to `channels` channels; false where none fits. */
export function setBand(channels: i32): bool {
  cut = geometry(Field.out, 0) > 1 ? 0 : geometry(Field.out, 1) > 1 ? 1 : 2;
  listed = -1;
  let count = geometry(Field.out, cut);
  isWhole = taps == 1 && volume == outVolume && (volume & 3) == 0;
  for (let d = 0; d < 3; d++) if (geometry(Field.stride, d) != 1 || geometry(Field.pad, d) != 0) isWhole = false;
  if (isWhole) {
    band = count;
    plane = volume;
    slice = 0;
    row = 0;
    together = min(channels, KC);
    return true;
  }
  base = BAND;
  while (count > 4 && !fits(count, SMALL)) count = (count + 1) >> 1;
  while (!fits(count, MOST)) {
    if (count == 1) return false;
    count = (count + 1) >> 1;
  }
  together = max(1, min(min(channels, KC / taps), MOST / plane));
  return true;
}

/** Lists taps [from, from + count) of the band's channels. */
export function listTaps(from: i32, count: i32): void {
  if (from == listed) return;
  listed = from;
  const width = geometry(Field.kernel, 2);
  const height = geometry(Field.kernel, 1);
  const stride = geometry(Field.stride, 2);
  for (let i = 0; i < count; i++) {
    const tap = (from + i) % taps;
    const d = (tap / width / height) * geometry(Field.dilation, 0);
    const h = ((tap / width) % height) * geometry(Field.dilation, 1);
    const w = (tap % width) * geometry(Field.dilation, 2);
    const along = (w % stride) * (row / stride) + w / stride;
    store<i32>(STEPS + (<usize>i << 2), (((from + i) / taps) * plane + d * slice + h * row + along) << 2);
  }
}

/** What is done with the places of a band that lie in the image. */
const enum Way {
  copy,
  /** Adds the band to the image. */
  add,
}

// @ts-ignore: decorator
@inline
function one(image: usize, at: usize, way: Way): void {
  if (way == Way.copy) store<f32>(at, load<f32>(image));
  else store<f32>(image, load<f32>(image) + load<f32>(at));
}

/** A row from the image's column `left` on, of which places [from, end) lie in the image. */
// @ts-ignore: decorator
@inline
function dealtRow(image: usize, at: usize, from: i32, end: i32, way: Way): void {
  const stride = geometry(Field.stride, 2);
  const part = <usize>(row / stride) << 2;
  let p = from;
  if (stride == 1) {
    for (; p + 4 <= end; p += 4) {
      const to = at + (<usize>p << 2);
      const own = image + (<usize>p << 2);
      if (way == Way.copy) v128.store(to, v128.load(own));
      else v128.store(own, f32x4.add(v128.load(own), v128.load(to)));
    }
  } else if (stride == 2) {
    if ((p & 1) != 0 && p < end) {
      one(image + (<usize>p << 2), at + part + (<usize>(p >> 1) << 2), way);
      p++;
    }
    for (; p + 8 <= end; p += 8) {
      const even = at + (<usize>(p >> 1) << 2);
      const own = image + (<usize>p << 2);
      const a = v128.load(own);
      const b = v128.load(own, 16);
      if (way == Way.copy) {
        v128.store(even, v128.shuffle<f32>(a, b, 0, 2, 4, 6));
        v128.store(even + part, v128.shuffle<f32>(a, b, 1, 3, 5, 7));
      } else {
        const e = v128.load(even);
        const o = v128.load(even + part);
        v128.store(own, f32x4.add(a, v128.shuffle<f32>(e, o, 0, 4, 1, 5)));
        v128.store(own, f32x4.add(b, v128.shuffle<f32>(e, o, 2, 6, 3, 7)), 16);
      }
    }
  }
  for (; p < end; p++) {
    const line = stride == 1 ? 0 : stride == 2 ? p & 1 : p % stride;
    const along = stride == 1 ? p : stride == 2 ? p >> 1 : p / stride;
    one(image + (<usize>p << 2), at + <usize>line * part + (<usize>along << 2), way);
  }
}

/** Copies one channel's band, whose first output along the cut is `start`, from the image to `to`, or adds it. */
// @ts-ignore: decorator
@inline
function bandOf(image: usize, to: usize, start: i32, way: Way): void {
  const d0 = (cut == 0 ? start * geometry(Field.stride, 0) : 0) - geometry(Field.pad, 0);
  const h0 = (cut == 1 ? start * geometry(Field.stride, 1) : 0) - geometry(Field.pad, 1);
  const w0 = (cut == 2 ? start * geometry(Field.stride, 2) : 0) - geometry(Field.pad, 2);
  const width = geometry(Field.size, 2);
  const from = min(max(-w0, 0), row);
  const end = max(from, min(row, width - w0));
  const line = <usize>row << 2;
  if (way == Way.copy) memory.fill(to, 0, <usize>plane << 2);
  for (let d = d0; d < d0 + slices; d++) {
    for (let h = h0; h < h0 + lines; h++, to += line) {
      if (<u32>d >= <u32>geometry(Field.size, 0) || <u32>h >= <u32>geometry(Field.size, 1)) continue;
      dealtRow(image + ((<isize>((d * geometry(Field.size, 1) + h) * width + w0)) << 2), to, from, end, way);
    }
  }
}

/** Makes the band `channels` channels from `image` on. */
export function loadBand(image: usize, channels: i32, start: i32): void {
  if (isWhole) base = image;
  for (let i = 0; i < channels && !isWhole; i++) {
    bandOf(image + (<usize>(i * volume) << 2), BAND + (<usize>(i * plane) << 2), start, Way.copy);
  }
}

/** Makes the band zeros, which are to be added to `channels` channels from `image` on, themselves zeros. */
export function clearBand(image: usize, channels: i32): void {
  if (isWhole) base = image;
  else memory.fill(BAND, 0, <usize>(channels * plane) << 2);
}

/** Adds the band to `channels` channels from `image` on. */
export function addBand(image: usize, channels: i32, start: i32): void {
  for (let i = 0; i < channels && !isWhole; i++) {
    bandOf(image + (<usize>(i * volume) << 2), BAND + (<usize>(i * plane) << 2), start, Way.add);
  }
}
