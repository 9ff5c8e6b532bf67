/** The plan of a convolution of 3 × 3 taps by Winograd's tiles (see convolution_winograd.ts), and its memory. */
import { c, FEW, Field, geometry, inputs, n, o, outputs } from './convolution_geometry';

export const PLACES: i32 = 16;
/** Tiles of a unit, and sources and results of a block: U, V and M stay in the second-level cache. */
export const MOST_TILES: i32 = 72;
export const MOST_CHANNELS: i32 = 64;

/** Bytes from one tile's line to the next in V and M, where a vector of tiles may reach three beyond the last. */
// @ts-ignore: decorator
@inline
export function lineOf(tiles: i32): usize {
  return <usize>((tiles + 3 + 7) & ~7) << 2;
}

/** U is [place][result, source], V [place][source, tile] and M [place][result, tile], each in the order of its user. */
export const U: usize = memory.data(16 * (64 * 64 * 4 + 64), 64);
export const V: usize = memory.data(16 * (64 * 80 * 4 + 64), 64);
export const M: usize = memory.data(16 * (64 * 80 * 4 + 64), 64);

/** Bytes of one place of a block: a line of the cache more, so that the places do not share a part of it. */
// @ts-ignore: decorator
@inline
export function placeOf(bytes: usize): usize {
  return bytes + 64;
}

/** Channels of a group and of all groups, looked at and computed. */
export let sources: i32 = 0;
export let allSources: i32 = 0;
export let results: i32 = 0;
export let allResults: i32 = 0;
/** Rows and columns of a source and of a result, and where the first result looks. */
export let fromHeight: i32 = 0;
export let fromWidth: i32 = 0;
export let height: i32 = 0;
export let width: i32 = 0;
export let top: i32 = 0;
export let left: i32 = 0;
/** Rows and columns of tiles of a result; into how many parts a row is cut; rows of a unit. */
export let tileRows: i32 = 0;
export let tileColumns: i32 = 0;
export let cuts: i32 = 0;
export let unitRows: i32 = 0;

/** Where part i of n cut into `parts` nearly equal parts begins. */
export function partStart(n: i32, parts: i32, i: i32): i32 {
  return (n / parts) * i + min(i, n % parts);
}

/** Makes the plan; false where the convolution is none for these tiles, or not worth them. */
export function plan(input: bool): bool {
  for (let d = 0; d < 3; d++) {
    if (geometry(Field.kernel, d) != (d == 0 ? 1 : 3)) return false;
    if (geometry(Field.stride, d) != 1 || geometry(Field.dilation, d) != 1) return false;
  }
  if (geometry(Field.size, 0) != 1 || geometry(Field.out, 0) != 1) return false;
  sources = input ? outputs : inputs;
  allSources = input ? o : c;
  results = input ? inputs : outputs;
  allResults = input ? c : o;
  const from = input ? Field.out : Field.size;
  const to = input ? Field.size : Field.out;
  fromHeight = geometry(from, 1);
  fromWidth = geometry(from, 2);
  height = geometry(to, 1);
  width = geometry(to, 2);
  top = input ? geometry(Field.pad, 1) - 2 : -geometry(Field.pad, 1);
  left = input ? geometry(Field.pad, 2) - 2 : -geometry(Field.pad, 2);
  if (n == 0 || sources == 0 || results == 0 || height <= 0 || width <= 0) return false;
  tileRows = (height + 1) / 2;
  tileColumns = (width + 1) / 2;
  cuts = (tileColumns + MOST_TILES - 1) / MOST_TILES;
  unitRows = max(1, MOST_TILES / ((tileColumns + cuts - 1) / cuts));
  // Vector operations of this way and of the others, as measured: products, then what goes before and after. The plain
  // tiles of the input's gradient have no rows without results.
  const tiles = <f64>n * tileRows * tileColumns;
  const pixels = <f64>n * height * width;
  const vectors = (results + 3) / 4;
  const pairs = <f64>sources * vectors;
  const ends = 115.0 * ((sources + 3) / 4 + vectors);
  const all = <f64>sources * results;
  const other = outputs < FEW ? 14 * all : 10 * ((input ? all * 0.25 : pairs) + vectors) + 100;
  return tiles * (PLACES * pairs + ends) + 70 * pairs < pixels * other;
}

/** Rows of tiles from `begin` on, up to `end`, that lie in the image of the first. */
// @ts-ignore: decorator
@inline
export function rowsOfImage(begin: i32, end: i32): i32 {
  return min(end - begin, tileRows - (begin % tileRows));
}
