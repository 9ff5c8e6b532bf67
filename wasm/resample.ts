/**
 * Sums of weighted elements along a dimension, by lists: interpolation, uneven windows' means, padding with what is
 * there. As native/resample.cpp.
 */
import { check, DType, dtypeOf, int, lengthOf, Problem, report, unsupported } from './descriptor';
import { get, getPart, plus, put, putPart, splat, times, width } from './lanes';

/** The lists: where each begins, the places and the weights of all. */
let starts: usize = 0;
let places: usize = 0;
let factors: usize = 0;

/** Weight k of the lists times its element of a row. */
// @ts-ignore: decorator
@inline
function termOf<T>(x: usize, k: i32): T {
  const at = load<i32>(places + (<usize>k << 2));
  return load<T>(factors + <usize>k * sizeof<T>()) * load<T>(x + <usize>at * sizeof<T>());
}

/** Result i of a row of the last dimension. */
function place<T>(x: usize, i: i32): T {
  const list = starts + (<usize>i << 2);
  const end = load<i32>(list, 4);
  let k = load<i32>(list);
  if (k == end) return <T>0;
  let sum: T = termOf<T>(x, k);
  while (++k < end) sum += termOf<T>(x, k);
  return sum;
}

/** Result i of `inner` elements each. */
function row<T>(out: usize, x: usize, i: i32, inner: i32): void {
  const list = starts + (<usize>i << 2);
  const end = load<i32>(list, 4);
  const begin = load<i32>(list);
  const line = <usize>inner * sizeof<T>();
  for (let j = 0; j < inner; j += width<T>()) {
    const at = <usize>j * sizeof<T>();
    const count = inner - j;
    const whole = count >= width<T>();
    let sum = splat<T>(0);
    for (let k = begin; k < end; k++) {
      const from = x + <usize>load<i32>(places + (<usize>k << 2)) * line + at;
      const term = times<T>(
        splat<T>(load<T>(factors + <usize>k * sizeof<T>())),
        whole ? get<T>(from) : getPart<T>(from, count),
      );
      sum = k == begin ? term : plus<T>(sum, term);
    }
    if (whole) put<T>(out + at, sum);
    else putPart<T>(out + at, sum, count);
  }
}

function resampleAs<T>(out: usize, x: usize): void {
  const outer = int(4, 0);
  const inner = int(4, 2);
  const count = int(4, 3);
  const plane = <usize>int(4, 1) * <usize>inner * sizeof<T>();
  const line = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++, x += plane) {
    for (let i = 0; i < count; i++, out += line) {
      if (inner == 1) store<T>(out, place<T>(x, i));
      else row<T>(out, x, i, inner);
    }
  }
}

/** Whether the lists are some of `length` places below `size`, one after the other; says what is wrong. */
function checkLists(count: i32, length: i32, size: i32): bool {
  let last = 0;
  for (let i = 0; i <= count; i++) {
    const start = load<i32>(starts + (<usize>i << 2));
    if (start < last || start > length) {
      report(Problem.badIndex, start, length + 1);
      return false;
    }
    last = start;
  }
  for (let k = 0; k < length; k++) {
    const index = load<i32>(places + (<usize>k << 2));
    if (<u32>index >= <u32>size) {
      report(Problem.badIndex, index, size);
      return false;
    }
  }
  return true;
}

export function resample(out: usize, x: usize, lists: usize, weights: usize): void {
  const outer = <i64>int(4, 0);
  const size = int(4, 1);
  const inner = <i64>int(4, 2);
  const count = int(4, 3);
  if (outer < 0 || size < 0 || inner < 0 || count < 0) abort();
  if (dtypeOf(1) != dtypeOf(0) || dtypeOf(3) != dtypeOf(0) || dtypeOf(2) != DType.int32) unsupported();
  check(4, 0, outer * inner * count);
  check(4, 1, outer * inner * size);
  check(4, 2, <i64>count + 1);
  const length = lengthOf(4, 2) - count - 1;
  check(4, 3, length);
  starts = lists;
  places = lists + (<usize>(count + 1) << 2);
  factors = weights;
  if (!checkLists(count, length, size) || outer * inner * count == 0) return;
  if (dtypeOf(0) == DType.float32) resampleAs<f32>(out, x);
  else if (dtypeOf(0) == DType.float64) resampleAs<f64>(out, x);
  else unsupported();
}
