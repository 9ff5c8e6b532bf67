/**
 * Strided iteration. A kernel's own loop only ever sees contiguous elements: where all operands are contiguous it runs
 * once over the whole of them, otherwise over pieces of at most CHUNK elements that are gathered into (and scattered
 * from) a buffer that stays in the first-level cache. So a kernel has one loop a dtype, and the walk over dimensions is
 * compiled once.
 *
 *     for (let n = begin3(out, x, y); n != 0; n = next()) loop(pointer(0), pointer(1), pointer(2), n);
 */
import { dtypeOf, sizeOf, word } from './descriptor';
import { copyRun, spread } from './runs';

/** Elements a piece has. */
const CHUNK: i32 = 512;
const CHUNK_BYTES: i32 = 4096;
const MAX_OPERANDS: i32 = 6;
const MAX_DIMS: i32 = 64;

/** How an operand lies: without gaps, one element for all, or otherwise. */
const enum Layout {
  contiguous,
  constant,
  strided,
}

/** Where an operand stands. Dimensions are kept innermost first, without those of size 1, neighbours merged. */
@unmanaged
class Cursor {
  /** The operand's next element. */
  at: usize;
  /** Where the loop finds the current piece. */
  piece: usize;
  size: i32;
  ndim: i32;
  layout: Layout;

  @inline
  shape(dimension: i32): i32 {
    return load<i32>(changetype<usize>(this) + (<usize>dimension << 2), HEADER);
  }
  @inline
  stride(dimension: i32): i32 {
    return load<i32>(changetype<usize>(this) + (<usize>dimension << 2), HEADER + MAX_DIMS * 4);
  }
  @inline
  index(dimension: i32): i32 {
    return load<i32>(changetype<usize>(this) + (<usize>dimension << 2), HEADER + MAX_DIMS * 8);
  }
  @inline
  setShape(dimension: i32, value: i32): void {
    store<i32>(changetype<usize>(this) + (<usize>dimension << 2), value, HEADER);
  }
  @inline
  setStride(dimension: i32, value: i32): void {
    store<i32>(changetype<usize>(this) + (<usize>dimension << 2), value, HEADER + MAX_DIMS * 4);
  }
  @inline
  setIndex(dimension: i32, value: i32): void {
    store<i32>(changetype<usize>(this) + (<usize>dimension << 2), value, HEADER + MAX_DIMS * 8);
  }
}

const HEADER: usize = 32;
const CURSOR_BYTES: usize = 32 + 64 * 12;
const CURSORS: usize = memory.data(6 * (32 + 64 * 12), 16);
const PIECES: usize = memory.data(6 * 4096, 16);

/** Elements not yet handed out, elements in the current piece, operands. */
let remaining: i32 = 0;
let current: i32 = 0;
let operands: i32 = 0;

// @ts-ignore: decorator
@inline
function cursor(operand: i32): Cursor {
  return changetype<Cursor>(CURSORS + <usize>operand * CURSOR_BYTES);
}

/** Where the loop finds the current piece of an operand. */
// @ts-ignore: decorator
@inline
export function pointer(operand: i32): usize {
  return cursor(operand).piece;
}

/** Reads an operand's dimensions; returns whether it is contiguous. */
function place(operand: i32, k: i32, at: usize): bool {
  const c = cursor(operand);
  const size = sizeOf(dtypeOf(operand));
  const dimensions = word(0);
  const shapes = 1 + 2 * k;
  const strides = shapes + dimensions * (1 + operand);
  let last = -1;
  for (let d = dimensions - 1; d >= 0; d--) {
    const n = word(shapes + d);
    if (n == 1) continue;
    const stride = word(strides + d) * size;
    if (last >= 0 && stride == c.stride(last) * c.shape(last)) {
      c.setShape(last, c.shape(last) * n);
    } else {
      last++;
      c.setShape(last, n);
      c.setStride(last, stride);
      c.setIndex(last, 0);
    }
  }
  if (last < 0) {
    last = 0;
    c.setShape(0, 1);
    c.setStride(0, size);
    c.setIndex(0, 0);
  }
  c.at = at;
  c.piece = at;
  c.size = size;
  c.ndim = last + 1;
  const stride = c.stride(0);
  if (last == 0 && stride == size) c.layout = Layout.contiguous;
  else c.layout = last == 0 && stride == 0 ? Layout.constant : Layout.strided;
  return c.layout == Layout.contiguous;
}

/** Elements of the index space of a call with k operands. */
export function count(k: i32): i32 {
  let n = 1;
  for (let d = 0, dimensions = word(0); d < dimensions; d++) n *= word(1 + 2 * k + d);
  return n;
}

function start(k: i32, contiguous: bool): i32 {
  const n = count(k);
  operands = k;
  current = 0;
  remaining = 0;
  if (contiguous) return n;
  remaining = n;
  for (let operand = 1; operand < k; operand++) {
    const c = cursor(operand);
    if (c.layout != Layout.constant) continue;
    c.piece = PIECES + <usize>(operand * CHUNK_BYTES);
    spread(c.piece, c.at, min(n, CHUNK), c.size);
  }
  return next();
}

/** Whether all operands are one dimension without gaps, which needs no walk. */
// @ts-ignore: decorator
@inline
function flat(k: i32): bool {
  if (word(0) != 1) return false;
  let gaps = 0;
  for (let operand = 0; operand < k; operand++) gaps |= word(2 + 2 * k + operand) - 1;
  if (gaps != 0) return false;
  remaining = 0;
  current = 0;
  return true;
}

/** Begins a call of one operand; returns how many elements the first piece has. */
export function begin1(out: usize): i32 {
  if (flat(1)) {
    cursor(0).piece = out;
    return word(3);
  }
  return start(1, place(0, 1, out));
}

/** Begins a call of two operands; returns how many elements the first piece has. */
export function begin2(out: usize, x: usize): i32 {
  if (flat(2)) {
    cursor(0).piece = out;
    cursor(1).piece = x;
    return word(5);
  }
  return start(2, place(0, 2, out) & place(1, 2, x));
}

/** Begins a call of three operands; returns how many elements the first piece has. */
export function begin3(out: usize, x: usize, y: usize): i32 {
  if (flat(3)) {
    cursor(0).piece = out;
    cursor(1).piece = x;
    cursor(2).piece = y;
    return word(7);
  }
  return start(3, place(0, 3, out) & place(1, 3, x) & place(2, 3, y));
}

/** Begins a call of four operands; returns how many elements the first piece has. */
export function begin4(out: usize, x: usize, y: usize, z: usize): i32 {
  if (flat(4)) {
    cursor(0).piece = out;
    cursor(1).piece = x;
    cursor(2).piece = y;
    cursor(3).piece = z;
    return word(9);
  }
  return start(4, place(0, 4, out) & place(1, 4, x) & place(2, 4, y) & place(3, 4, z));
}

/** Puts the piece just written in its place and fetches the next one; returns its elements, 0 at the end. */
export function next(): i32 {
  const out = cursor(0);
  if (current > 0) {
    if (out.layout == Layout.contiguous) out.at += <usize>(current * out.size);
    else transfer(out, current, true);
  }
  const n = min(remaining, CHUNK);
  current = n;
  remaining -= n;
  if (n == 0) return 0;
  out.piece = out.layout == Layout.contiguous ? out.at : PIECES;
  for (let operand = 1; operand < operands; operand++) {
    const c = cursor(operand);
    if (c.layout == Layout.contiguous) {
      c.piece = c.at;
      c.at += <usize>(n * c.size);
    } else if (c.layout == Layout.strided) {
      c.piece = PIECES + <usize>(operand * CHUNK_BYTES);
      transfer(c, n, false);
    }
  }
  return n;
}

/** Gathers the next n elements of an operand into its piece, or scatters them from it, run by run. */
function transfer(c: Cursor, n: i32, scatter: bool): void {
  let buffer = c.piece;
  const size = c.size;
  const stride = c.stride(0);
  const length = c.shape(0);
  let at = c.at;
  let index = c.index(0);
  while (n > 0) {
    const run = min(n, length - index);
    if (scatter) copyRun(at, stride, buffer, size, run, size);
    else if (stride == 0) spread(buffer, at, run, size);
    else copyRun(buffer, size, at, stride, run, size);
    buffer += <usize>(run * size);
    n -= run;
    index += run;
    at += <usize>(run * stride);
    if (index == length) {
      index = 0;
      at -= <usize>(length * stride);
      for (let d = 1; d < c.ndim; d++) {
        const i = c.index(d) + 1;
        at += <usize>c.stride(d);
        if (i < c.shape(d)) {
          c.setIndex(d, i);
          break;
        }
        c.setIndex(d, 0);
        at -= <usize>(c.shape(d) * c.stride(d));
      }
    }
  }
  c.at = at;
  c.setIndex(0, index);
}
