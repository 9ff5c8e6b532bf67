/** Max pooling in up to three dimensions and the way back through its indices. */
import { check, DType, dtypeOf, int, Problem, report, unsupported } from './descriptor';
import { endTap, field, Field, firstTap, placeOf, product } from './pooling_window';

/** The taps of a row of outputs along the first two dimensions that lie inside: [d0, d1) and [h0, h1). */
let d0: i32 = 0;
let d1: i32 = 0;
let h0: i32 = 0;
let h1: i32 = 0;

function maxOne<T>(out: usize, index: usize, x: usize, d: i32, h: i32, p: i32): void {
  const w0 = firstTap(2, p);
  const w1 = endTap(2, p);
  let most: T = <T>0;
  let best = -1;
  for (let i = d0; i < d1; i++) {
    for (let j = h0; j < h1; j++) {
      const row = placeOf(d, h, p, i, j);
      for (let k = w0; k < w1; k++) {
        const at = row + k * field(Field.dilation, 2);
        const value = load<T>(x + <usize>at * sizeof<T>());
        // a NaN wins, and the last of several; of equal values the first
        if (best < 0 || value > most || value != value) {
          most = value;
          best = at;
        }
      }
    }
  }
  store<T>(out, most);
  store<i64>(index, best);
}

/** Four outputs of a row at once, the first at `place`; their stride is 1 or 2, all their taps lie inside. */
// @ts-ignore: decorator
@inline
function maxFour(
  out: usize,
  index: usize,
  x: usize,
  place: i32,
  slice: i32,
  row: i32,
  stride: i32,
  kernel: i32,
  dilation: i32,
): void {
  const lanes = stride == 1 ? i32x4(0, 1, 2, 3) : i32x4(0, 2, 4, 6);
  let most = f32x4.splat(-f32.MAX_VALUE);
  let best = i32x4.splat(-1);
  for (let i = d0; i < d1; i++, place += slice) {
    for (let j = h0, line = place; j < h1; j++, line += row) {
      let at = line;
      for (let k = 0; k < kernel; k++) {
        const from = x + (<usize>at << 2);
        let value = v128.load(from);
        if (stride == 2) value = v128.shuffle<f32>(value, v128.load(from, 16), 0, 2, 4, 6);
        const take = v128.or(
          v128.or(f32x4.gt(value, most), f32x4.ne(value, value)),
          i32x4.lt_s(best, i32x4.splat(0)),
        );
        most = v128.bitselect(value, most, take);
        best = v128.bitselect(i32x4.add(i32x4.splat(at), lanes), best, take);
        at += dilation;
      }
    }
  }
  v128.store(out, most);
  v128.store(index, i64x2.extend_low_i32x4_s(best));
  v128.store(index, i64x2.extend_high_i32x4_s(best), 16);
}

/** `end`: how far x may be read. */
function maxPlane<T>(out: usize, indices: usize, x: usize, end: usize): void {
  const width = field(Field.out, 2);
  const stride = field(Field.stride, 2);
  const kernel = field(Field.kernel, 2);
  const dilation = field(Field.dilation, 2);
  const reach = (kernel - 1) * dilation;
  const row = field(Field.dilation, 1) * field(Field.size, 2);
  const slice = field(Field.dilation, 0) * field(Field.size, 1) * field(Field.size, 2);
  for (let d = 0; d < field(Field.out, 0); d++) {
    d0 = firstTap(0, d);
    d1 = endTap(0, d);
    for (let h = 0; h < field(Field.out, 1); h++) {
      h0 = firstTap(1, h);
      h1 = endTap(1, h);
      // four at a time while nothing beyond x would be read
      const first = placeOf(d, h, 0, d0, h0);
      const last = d1 > d0 && h1 > h0 ? x + (<usize>(placeOf(d, h, 0, d1 - 1, h1 - 1) + reach) << 2) : end;
      for (let p = 0; p < width; ) {
        // The last four of a row may have been computed in part.
        const q = width >= 4 ? min(p, width - 4) : p;
        const begin = q * stride - field(Field.pad, 2);
        const fits = q + 4 <= width && begin >= 0 && begin + 3 * stride + reach < field(Field.size, 2);
        if (sizeof<T>() == 4 && stride <= 2 && fits && last + (<usize>(q * stride + 8) << 2) <= end) {
          const back = <usize>(p - q) << 2;
          maxFour(out - back, indices - 2 * back, x, first + q * stride, slice, row, stride, kernel, dilation);
          out += 16 - back;
          indices += 32 - 2 * back;
          p = q + 4;
        } else {
          maxOne<T>(out, indices, x, d, h, p++);
          out += sizeof<T>();
          indices += 8;
        }
      }
    }
  }
}

function maxPlanes<T>(out: usize, indices: usize, x: usize): void {
  const count = <usize>product(Field.out);
  const volume = <usize>product(Field.size);
  const end = x + <usize>int(3, Field.planes) * volume * sizeof<T>();
  for (let i = 0; i < int(3, Field.planes); i++) {
    maxPlane<T>(out, indices, x, end);
    out += count * sizeof<T>();
    indices += count << 3;
    x += volume * sizeof<T>();
  }
}

export function maxPool(out: usize, indices: usize, x: usize): void {
  const planes = int(3, Field.planes);
  if (planes < 0) abort();
  for (let d = 0; d < 3; d++) {
    if (field(Field.size, d) < 0 || field(Field.out, d) < 0 || field(Field.kernel, d) <= 0) abort();
    if (field(Field.stride, d) <= 0 || field(Field.dilation, d) <= 0) abort();
  }
  check(3, 0, <i64>planes * product(Field.out));
  check(3, 1, <i64>planes * product(Field.out));
  check(3, 2, <i64>planes * product(Field.size));
  switch (dtypeOf(0)) {
    case DType.float32:
      return maxPlanes<f32>(out, indices, x);
    case DType.float64:
      return maxPlanes<f64>(out, indices, x);
    case DType.int64:
      return maxPlanes<i64>(out, indices, x);
    default:
      unsupported();
  }
}

function scatter<T>(out: usize, grad: usize, indices: usize, planes: i32, volume: i32, count: i32): void {
  memory.fill(out, 0, <usize>(planes * volume) * sizeof<T>());
  for (let plane = 0; plane < planes; plane++) {
    for (let j = 0; j < count; j++) {
      const index = load<i64>(indices);
      if (index < 0 || index >= <i64>volume) report(Problem.badIndex, index, volume);
      else {
        const at = out + <usize>index * sizeof<T>();
        store<T>(at, load<T>(at) + load<T>(grad));
      }
      grad += sizeof<T>();
      indices += 8;
    }
    out += <usize>volume * sizeof<T>();
  }
}

export function maxPoolBackward(out: usize, grad: usize, indices: usize): void {
  const planes = int(3, 0);
  const volume = int(3, 1);
  const count = int(3, 2);
  if (planes < 0 || volume < 0 || count < 0) abort();
  check(3, 0, <i64>planes * volume);
  check(3, 1, <i64>planes * count);
  check(3, 2, <i64>planes * count);
  if (dtypeOf(0) == DType.float32) scatter<f32>(out, grad, indices, planes, volume, count);
  else if (dtypeOf(0) == DType.float64) scatter<f64>(out, grad, indices, planes, volume, count);
  else unsupported();
}
