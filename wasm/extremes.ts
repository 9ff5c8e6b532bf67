/**
 * The largest and smallest along the middle of [outer, n, inner], and where they stand; running ones. NaN beats every
 * number; of equal elements the first counts, in running ones the last.
 */
import { DType, check, dtypeOf, int, unsupported } from './descriptor';
import { op } from './loops';

@unmanaged
class Max {
  @inline
  beats<T>(x: T, y: T): bool {
    return x > y;
  }
  @inline
  vector(x: v128, y: v128): v128 {
    return f32x4.max(x, y);
  }
}

@unmanaged
class Min {
  @inline
  beats<T>(x: T, y: T): bool {
    return x < y;
  }
  @inline
  vector(x: v128, y: v128): v128 {
    return f32x4.min(x, y);
  }
}

/** Whether x takes the place of y: NaN takes that of a number. */
// @ts-ignore: decorator
@inline
function replaces<Op, T>(x: T, y: T): bool {
  return op<Op>().beats<T>(x, y) || (x != x && y == y);
}

/** The extreme value of a row of n ≥ 1 elements; f32x4.max and min give NaN when either is. */
function extreme<Op, T>(x: usize, n: i32): T {
  let best = load<T>(x);
  let at = x + sizeof<T>();
  const end = x + <usize>n * sizeof<T>();
  if (isFloat<T>() && sizeof<T>() == 4 && n >= 8) {
    let a = v128.load(x);
    let b = v128.load(x, 16);
    at = x + 32;
    for (; at + 32 <= end; at += 32) {
      a = op<Op>().vector(a, v128.load(at));
      b = op<Op>().vector(b, v128.load(at, 16));
    }
    a = op<Op>().vector(a, b);
    a = op<Op>().vector(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    a = op<Op>().vector(a, i8x16.shuffle(a, a, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
    best = <T>f32x4.extract_lane(a, 0);
  }
  for (; at < end; at += sizeof<T>()) {
    const value = load<T>(at);
    if (replaces<Op, T>(value, best)) best = value;
  }
  return best;
}

/** The first index of a value that is among the elements. */
function firstOf<T>(x: usize, value: T): i32 {
  let at = x;
  if (value != value) while (load<T>(at) == load<T>(at)) at += sizeof<T>();
  else while (load<T>(at) != value) at += sizeof<T>();
  return <i32>((at - x) / sizeof<T>());
}

/** Where the extremes of a tile of columns stand. */
const COLUMNS: i32 = 64;
const BEST: usize = memory.data(64 * 8, 16);
const PLACES: usize = memory.data(64 * 4, 16);

function columns<Op, T>(x: usize, n: i32, inner: i32, width: i32): void {
  memory.copy(BEST, x, <usize>width * sizeof<T>());
  memory.fill(PLACES, 0, <usize>width * 4);
  for (let j = 1; j < n; j++) {
    x += <usize>inner * sizeof<T>();
    for (let i: usize = 0; i < <usize>width; i++) {
      const value = load<T>(x + i * sizeof<T>());
      if (replaces<Op, T>(value, load<T>(BEST + i * sizeof<T>()))) {
        store<T>(BEST + i * sizeof<T>(), value);
        store<i32>(PLACES + i * 4, j);
      }
    }
  }
}

function extremesAs<Op, T>(values: usize, indices: usize, x: usize): void {
  const outer = int(3, 0);
  const n = int(3, 1);
  const inner = int(3, 2);
  if (outer == 0 || inner == 0) return;
  if (n < 1) abort();
  if (values != 0) check(3, 0, <i64>outer * inner);
  if (indices != 0) check(3, 1, <i64>outer * inner);
  check(3, 2, <i64>outer * n * inner);
  const row = <usize>n * inner * sizeof<T>();
  if (inner == 1) {
    for (let o = 0; o < outer; o++, x += row) {
      const value = extreme<Op, T>(x, n);
      if (values != 0) store<T>(values + <usize>o * sizeof<T>(), value);
      if (indices != 0) store<i64>(indices + <usize>o * 8, firstOf<T>(x, value));
    }
    return;
  }
  for (let o = 0; o < outer; o++, x += row) {
    for (let i = 0; i < inner; i += COLUMNS) {
      const width = min(COLUMNS, inner - i);
      columns<Op, T>(x + <usize>i * sizeof<T>(), n, inner, width);
      const to = <usize>(o * inner + i);
      if (values != 0) memory.copy(values + to * sizeof<T>(), BEST, <usize>width * sizeof<T>());
      if (indices == 0) continue;
      for (let j: usize = 0; j < <usize>width; j++) store<i64>(indices + (to + j) * 8, load<i32>(PLACES + j * 4));
    }
  }
}

function runningAs<Op, T>(values: usize, indices: usize, x: usize): void {
  const outer = int(3, 0);
  const n = int(3, 1);
  const inner = int(3, 2);
  const count = <i64>outer * n * inner;
  check(3, 0, count);
  check(3, 1, count);
  check(3, 2, count);
  const back = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < inner; i++) {
        const value = load<T>(x);
        if (j == 0) {
          store<T>(values, value);
          store<i64>(indices, 0);
        } else {
          const before = load<T>(values - back);
          const take = value != value || (before == before && !op<Op>().beats<T>(before, value));
          store<T>(values, take ? value : before);
          store<i64>(indices, take ? <i64>j : load<i64>(indices - <usize>inner * 8));
        }
        values += sizeof<T>();
        indices += 8;
        x += sizeof<T>();
      }
    }
  }
}

function extremes<Op>(values: usize, indices: usize, x: usize): void {
  switch (dtypeOf(2)) {
    case DType.float32:
      return extremesAs<Op, f32>(values, indices, x);
    case DType.float64:
      return extremesAs<Op, f64>(values, indices, x);
    case DType.int64:
      return extremesAs<Op, i64>(values, indices, x);
    case DType.int32:
      return extremesAs<Op, i32>(values, indices, x);
    case DType.int16:
      return extremesAs<Op, i16>(values, indices, x);
    case DType.int8:
      return extremesAs<Op, i8>(values, indices, x);
    case DType.uint8:
    case DType.bool:
      return extremesAs<Op, u8>(values, indices, x);
    default:
      unsupported();
  }
}

function running<Op>(values: usize, indices: usize, x: usize): void {
  switch (dtypeOf(2)) {
    case DType.float32:
      return runningAs<Op, f32>(values, indices, x);
    case DType.float64:
      return runningAs<Op, f64>(values, indices, x);
    case DType.int64:
      return runningAs<Op, i64>(values, indices, x);
    case DType.int32:
      return runningAs<Op, i32>(values, indices, x);
    case DType.int16:
      return runningAs<Op, i16>(values, indices, x);
    case DType.int8:
      return runningAs<Op, i8>(values, indices, x);
    case DType.uint8:
    case DType.bool:
      return runningAs<Op, u8>(values, indices, x);
    default:
      unsupported();
  }
}

export { largest as max, smallest as min };

function largest(values: usize, indices: usize, x: usize): void {
  extremes<Max>(values, indices, x);
}

function smallest(values: usize, indices: usize, x: usize): void {
  extremes<Min>(values, indices, x);
}

export function cummax(values: usize, indices: usize, x: usize): void {
  running<Max>(values, indices, x);
}

export function cummin(values: usize, indices: usize, x: usize): void {
  running<Min>(values, indices, x);
}
