/** Binary search, the order and the runs of rows (for unique), bins (for histograms). */
import { DType, Problem, check, dtypeOf, int, report, unsupported } from './descriptor';
import { keyOf } from './ordering';

/** Whether an element stands before a value that is no NaN; a NaN stands before none. */
// @ts-ignore: decorator
@inline
function isBefore<T>(element: T, value: T, right: bool): bool {
  return right ? element <= value : element < value;
}

/**
 * How many of the n sorted elements stand before `value`: those below it, with `right` those equal to it too. A NaN is
 * above everything. Without branches, which would be mispredicted every other time.
 */
function place<T>(sorted: usize, n: i32, value: T, right: bool): i32 {
  if (value != value || n == 0) return n;
  let base = sorted;
  let left = n;
  while (left > 1) {
    const half = left >> 1;
    const bytes = <usize>half * sizeof<T>();
    base = select<usize>(base + bytes, base, isBefore<T>(load<T>(base + bytes - sizeof<T>()), value, right));
    left -= half;
  }
  return <i32>((base - sorted) / sizeof<T>()) + i32(isBefore<T>(load<T>(base), value, right));
}

/** The same for a sequence that `sorter` puts in order; -1, and a report, where that leads outside. */
function placeBy<T>(sorted: usize, sorter: usize, n: i32, value: T, right: bool): i32 {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = low + ((high - low) >> 1);
    const at = load<i64>(sorter + <usize>middle * 8);
    if (<u64>at >= <u64>n) {
      report(Problem.badIndex, at, n);
      return -1;
    }
    const element = load<T>(sorted + <usize>at * sizeof<T>());
    if (value != value || isBefore<T>(element, value, right)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function searchAs<T>(out: usize, sorted: usize, values: usize, sorter: usize): void {
  const rows = int(4, 0);
  const n = int(4, 1);
  const m = int(4, 2);
  const right = int(4, 3) != 0;
  const shared = int(4, 4) != 0;
  const wide = dtypeOf(0) == DType.int64;
  check(4, 0, <i64>rows * m);
  check(4, 1, shared ? <i64>n : <i64>rows * n);
  check(4, 2, <i64>rows * m);
  if (sorter != 0) check(4, 3, shared ? <i64>n : <i64>rows * n);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < m; i++, values += sizeof<T>()) {
      const value = load<T>(values);
      const at = sorter != 0 ? placeBy<T>(sorted, sorter, n, value, right) : place<T>(sorted, n, value, right);
      if (at < 0) return;
      if (wide) store<i64>(out, at);
      else store<i32>(out, at);
      out += wide ? 8 : 4;
    }
    if (shared) continue;
    sorted += <usize>n * sizeof<T>();
    if (sorter != 0) sorter += <usize>n * 8;
  }
}

export function searchsorted(out: usize, sorted: usize, values: usize, sorter: usize): void {
  switch (dtypeOf(1)) {
    case DType.float32:
      return searchAs<f32>(out, sorted, values, sorter);
    case DType.float64:
      return searchAs<f64>(out, sorted, values, sorter);
    case DType.int64:
      return searchAs<i64>(out, sorted, values, sorter);
    case DType.int32:
      return searchAs<i32>(out, sorted, values, sorter);
    case DType.int16:
      return searchAs<i16>(out, sorted, values, sorter);
    case DType.int8:
      return searchAs<i8>(out, sorted, values, sorter);
    case DType.uint8:
    case DType.bool:
      return searchAs<u8>(out, sorted, values, sorter);
    default:
      unsupported();
  }
}

/** Whether row a stands after row b. */
function isAfter<T, K>(a: usize, b: usize, columns: i32): bool {
  for (let i: usize = 0; i < <usize>columns; i++) {
    const x = keyOf<T, K>(a + i * sizeof<T>());
    const y = keyOf<T, K>(b + i * sizeof<T>());
    if (x != y) return x > y;
  }
  return false;
}

/** Merge sort from the bottom up, between the result and the work space. */
function sortRowsAs<T, K>(out: usize, x: usize, work: usize): void {
  const rows = int(3, 0);
  const columns = int(3, 1);
  check(3, 0, rows);
  check(3, 1, <i64>rows * columns);
  check(3, 2, rows);
  const row = <usize>columns * sizeof<T>();
  let from = out;
  let to = work;
  for (let i: usize = 0; i < <usize>rows; i++) store<i64>(from + i * 8, <i64>i);
  for (let width: i64 = 1; width < rows; width *= 2) {
    for (let begin: i64 = 0; begin < rows; begin += 2 * width) {
      const middle = min<i64>(begin + width, rows);
      const end = min<i64>(begin + 2 * width, rows);
      let a = begin;
      let b = middle;
      for (let i = begin; i < end; i++) {
        let first = a < middle;
        if (first && b < end) {
          const left = <usize>load<i64>(from + <usize>a * 8);
          const right = <usize>load<i64>(from + <usize>b * 8);
          first = !isAfter<T, K>(x + left * row, x + right * row, columns);
        }
        store<i64>(to + <usize>i * 8, load<i64>(from + <usize>(first ? a : b) * 8));
        if (first) a++;
        else b++;
      }
    }
    const swap = from;
    from = to;
    to = swap;
  }
  if (from != out) memory.copy(out, from, <usize>rows * 8);
}

export function sortRows(out: usize, x: usize, work: usize): void {
  switch (dtypeOf(1)) {
    case DType.float32:
      return sortRowsAs<f32, u32>(out, x, work);
    case DType.float64:
      return sortRowsAs<f64, u64>(out, x, work);
    case DType.int64:
      return sortRowsAs<i64, u64>(out, x, work);
    case DType.int32:
      return sortRowsAs<i32, u32>(out, x, work);
    case DType.int16:
      return sortRowsAs<i16, u32>(out, x, work);
    case DType.int8:
      return sortRowsAs<i8, u32>(out, x, work);
    case DType.uint8:
    case DType.bool:
      return sortRowsAs<u8, u32>(out, x, work);
    default:
      unsupported();
  }
}

function runsAs<T>(out: usize, x: usize): void {
  const rows = int(2, 0);
  const columns = int(2, 1);
  check(2, 0, rows);
  check(2, 1, <i64>rows * columns);
  const row = <usize>columns * sizeof<T>();
  let run: i64 = 0;
  for (let i = 0; i < rows; i++, out += 8, x += row) {
    if (i > 0) {
      for (let j: usize = 0; j < row; j += sizeof<T>()) {
        if (load<T>(x + j) != load<T>(x + j - row)) {
          run++;
          break;
        }
      }
    }
    store<i64>(out, run);
  }
}

export function runs(out: usize, x: usize): void {
  switch (dtypeOf(1)) {
    case DType.float32:
      return runsAs<f32>(out, x);
    case DType.float64:
      return runsAs<f64>(out, x);
    case DType.int64:
      return runsAs<i64>(out, x);
    case DType.int32:
      return runsAs<i32>(out, x);
    case DType.int16:
      return runsAs<i16>(out, x);
    case DType.int8:
    case DType.uint8:
    case DType.bool:
      return runsAs<u8>(out, x);
    default:
      unsupported();
  }
}

/** Goes on from the cell so far (-1: outside) to that of one more dimension. */
function nextCell(linear: usize, bins: i32, bin: i64): void {
  const before = load<i64>(linear);
  store<i64>(linear, before < 0 || bin < 0 || bin >= bins ? -1 : before * bins + bin);
}

function binsAs<T>(linear: usize, x: usize, edges: usize): void {
  const n = int(3, 0);
  const count = int(3, 1);
  if (count < 1) abort();
  check(3, 0, n);
  check(3, 1, n);
  check(3, 2, <i64>count + 1);
  const low = load<T>(edges);
  const high = load<T>(edges + <usize>count * sizeof<T>());
  for (let i = 0; i < n; i++, linear += 8, x += sizeof<T>()) {
    const value = load<T>(x);
    let bin = -1;
    if (value >= low && value <= high) {
      // the last bin has both its edges
      bin = min(place<T>(edges, count + 1, value, true) - 1, count - 1);
    }
    nextCell(linear, count, bin);
  }
}

export function bins(linear: usize, x: usize, edges: usize): void {
  const dtype = dtypeOf(1);
  if (dtype == DType.float32) return binsAs<f32>(linear, x, edges);
  if (dtype == DType.float64) return binsAs<f64>(linear, x, edges);
  unsupported();
}

function evenBinsAs<T>(linear: usize, x: usize, low: T, high: T): void {
  const n = int(2, 0);
  const count = int(2, 1);
  if (count < 1) abort();
  check(2, 0, n);
  check(2, 1, n);
  for (let i = 0; i < n; i++, linear += 8, x += sizeof<T>()) {
    const value = load<T>(x);
    let bin: i64 = -1;
    if (value >= low && value <= high) {
      const at = ((value - low) * <T>count) / (high - low);
      bin = at < <T>count ? <i64>at : count - 1;
    }
    nextCell(linear, count, bin);
  }
}

export function evenBins(linear: usize, x: usize, low: f64, high: f64): void {
  const dtype = dtypeOf(1);
  if (dtype == DType.float32) return evenBinsAs<f32>(linear, x, <f32>low, <f32>high);
  if (dtype == DType.float64) return evenBinsAs<f64>(linear, x, low, high);
  unsupported();
}
