/**
 * Copying where the innermost dimension of the output is not the one in which the input is contiguous. Read in the
 * output's order such an input costs a cache line an element; here the two dimensions are walked in small squares.
 */
import { word } from './descriptor';

/** Shape, output strides, input strides (in bytes) and index of every dimension, neighbours merged. */
const SHAPES: usize = memory.data(64 * 16, 16);

/** Elements of the input's contiguous dimension that are read in one go. */
const STRIP: i32 = 64;

// @ts-ignore: decorator
@inline
function field(dimension: i32, index: i32): i32 {
  return load<i32>(SHAPES + (<usize>dimension << 4) + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
function setField(dimension: i32, index: i32, value: i32): void {
  store<i32>(SHAPES + (<usize>dimension << 4) + (<usize>index << 2), value);
}

/** Reads the dimensions, without those of size 1; returns how many are left. */
function collapse(size: i32): i32 {
  const dimensions = word(0);
  let count = 0;
  for (let d = 0; d < dimensions; d++) {
    const n = word(5 + d);
    if (n == 1) continue;
    const outStride = word(5 + dimensions + d) * size;
    const stride = word(5 + 2 * dimensions + d) * size;
    const last = count - 1;
    if (count > 0 && field(last, 1) == outStride * n && field(last, 2) == stride * n) {
      setField(last, 0, field(last, 0) * n);
      setField(last, 1, outStride);
      setField(last, 2, stride);
    } else {
      setField(count, 0, n);
      setField(count, 1, outStride);
      setField(count, 2, stride);
      count++;
    }
  }
  return count;
}

function copySquares4(out: usize, outStride: usize, x: usize, stride: usize, rows: i32, columns: i32): void {
  for (let begin = 0; begin < rows; begin += STRIP) {
    const strip = min(STRIP, rows - begin);
    let to = out + <usize>begin * outStride;
    let from = x + (<usize>begin << 2);
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      let i = 0;
      let o = to;
      let a = from;
      for (; i + 4 <= strip; i += 4) {
        const r0 = v128.load(a);
        const r1 = v128.load(a + stride);
        const r2 = v128.load(a + 2 * stride);
        const r3 = v128.load(a + 3 * stride);
        const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
        const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
        const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
        const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
        v128.store(o, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
        v128.store(o + outStride, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
        v128.store(o + 2 * outStride, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
        v128.store(o + 3 * outStride, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
        o += 4 * outStride;
        a += 16;
      }
      copySquare<u32>(o, outStride, a, stride, strip - i, 4);
      to += 16;
      from += 4 * stride;
    }
    copySquare<u32>(to, outStride, from, stride, strip, columns - j);
  }
}

function copySquares8(out: usize, outStride: usize, x: usize, stride: usize, rows: i32, columns: i32): void {
  for (let begin = 0; begin < rows; begin += STRIP) {
    const strip = min(STRIP, rows - begin);
    let to = out + <usize>begin * outStride;
    let from = x + (<usize>begin << 3);
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      let i = 0;
      let o = to;
      let a = from;
      for (; i + 2 <= strip; i += 2) {
        const r0 = v128.load(a);
        const r1 = v128.load(a + stride);
        const r2 = v128.load(a + 2 * stride);
        const r3 = v128.load(a + 3 * stride);
        v128.store(o, v128.shuffle<i64>(r0, r1, 0, 2));
        v128.store(o, v128.shuffle<i64>(r2, r3, 0, 2), 16);
        v128.store(o + outStride, v128.shuffle<i64>(r0, r1, 1, 3));
        v128.store(o + outStride, v128.shuffle<i64>(r2, r3, 1, 3), 16);
        o += 2 * outStride;
        a += 16;
      }
      copySquare<u64>(o, outStride, a, stride, strip - i, 4);
      to += 32;
      from += 4 * stride;
    }
    copySquare<u64>(to, outStride, from, stride, strip, columns - j);
  }
}

/** out[i][j] = x[j][i]. */
function copySquare<T>(out: usize, outStride: usize, x: usize, stride: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++) {
    let from = x;
    for (let j: usize = 0, end = <usize>columns * sizeof<T>(); j < end; j += sizeof<T>()) {
      store<T>(out + j, load<T>(from));
      from += stride;
    }
    out += outStride;
    x += sizeof<T>();
  }
}

/** out = x in squares, if out's innermost dimension is contiguous and another one of x's; returns whether it was. */
export function copyTransposed(out: usize, x: usize, size: i32): bool {
  if (word(0) < 2 || (size != 4 && size != 8)) return false;
  const count = collapse(size);
  const inner = count - 1;
  if (count < 2 || field(inner, 1) != size || field(inner, 2) == size || field(inner, 0) < 4) return false;
  let other = inner - 1;
  while (other >= 0 && field(other, 2) != size) other--;
  if (other < 0 || field(other, 0) < 4) return false;
  for (let d = 0; d < count; d++) {
    if (field(d, 0) == 0) return true;
    setField(d, 3, 0);
  }
  const rows = field(other, 0);
  const columns = field(inner, 0);
  const outStride = <usize>field(other, 1);
  const stride = <usize>field(inner, 2);
  let d: i32;
  do {
    if (size == 4) copySquares4(out, outStride, x, stride, rows, columns);
    else copySquares8(out, outStride, x, stride, rows, columns);
    for (d = inner - 1; d >= 0; d--) {
      if (d == other) continue;
      const n = field(d, 0);
      const index = field(d, 3) + 1;
      out += <usize>field(d, 1);
      x += <usize>field(d, 2);
      if (index < n) {
        setField(d, 3, index);
        break;
      }
      setField(d, 3, 0);
      out -= <usize>(n * field(d, 1));
      x -= <usize>(n * field(d, 2));
    }
  } while (d >= 0);
  return true;
}
