/** Sorting and selecting along the middle of [outer, n, inner], by keys in a work space that the caller brings. */
import { DType, check, dtypeOf, int, unsupported } from './descriptor';
import {
  Brain,
  Half,
  equalBefore,
  keyOf,
  selectIndex,
  selectKey,
  sortKeys,
  sortedIndices,
  sortedKeys,
  widthOf,
} from './ordering';

// The geometry of the call, read by `geometry`.
let outer: i32 = 0;
let n: i32 = 0;
let inner: i32 = 0;

/** Reads the sizes and checks the operands; `outputs`: how many elements a row of the results has. */
function geometry(outputs: i32, keyBytes: i32): void {
  outer = int(4, 0);
  n = int(4, 1);
  inner = int(4, 2);
  const out = <i64>outer * outputs * inner;
  check(4, 0, out);
  check(4, 1, out);
  check(4, 2, <i64>outer * n * inner);
  if (out > 0) check(4, 3, <i64>n * (2 * keyBytes + 8));
}

/** Writes a row's keys and indices to the work space. */
function loadKeys<T, K>(work: usize, x: usize, flip: K): void {
  const indices = work + 2 * <usize>n * sizeof<K>();
  const step = <usize>inner * widthOf<T>();
  for (let j: usize = 0; j < <usize>n; j++, x += step) {
    store<K>(work + j * sizeof<K>(), keyOf<T, K>(x) ^ flip);
    store<i32>(indices + j * 4, <i32>j);
  }
}

function copyElement<T>(to: usize, from: usize): void {
  if (isReference<T>()) store<u16>(to, load<u16>(from));
  else store<T>(to, load<T>(from));
}

/** Writes the first `count` of the sorted row and their indices. */
function storeRow<T>(values: usize, indices: usize, x: usize, count: i32): void {
  const step = <usize>inner * widthOf<T>();
  for (let j: usize = 0; j < <usize>count; j++) {
    const from = load<i32>(sortedIndices + j * 4);
    copyElement<T>(values + j * step, x + <usize>from * step);
    store<i64>(indices + j * <usize>inner * 8, from);
  }
}

function sortAs<T, K>(values: usize, indices: usize, x: usize, work: usize): void {
  geometry(int(4, 1), <i32>sizeof<K>());
  const flip: K = int(4, 3) ? <K>-1 : 0;
  for (let o = 0; o < outer; o++) {
    for (let i: usize = 0; i < <usize>inner; i++) {
      const from = x + i * widthOf<T>();
      loadKeys<T, K>(work, from, flip);
      sortKeys<K>(work, n, n);
      storeRow<T>(values + i * widthOf<T>(), indices + i * 8, from, n);
    }
    const row = <usize>n * inner;
    values += row * widthOf<T>();
    x += row * widthOf<T>();
    indices += row * 8;
  }
}

/** Moves the k keys that come first in order to the front: those before the k-th, and as many equal to it as are left. */
function keepFirst<K>(work: usize, count: i32, k: i32): void {
  const last = selectKey<K>(work, count, k - 1);
  let equal = equalBefore;
  const indices = work + 2 * <usize>n * sizeof<K>();
  let kept: usize = 0;
  for (let j: usize = 0; j < <usize>count; j++) {
    const key = load<K>(work + j * sizeof<K>());
    if (key > last || (key == last && equal-- < 0)) continue;
    store<K>(work + kept * sizeof<K>(), key);
    store<i32>(indices + kept * 4, load<i32>(indices + j * 4));
    kept++;
  }
}

/**
 * The k first keys of a row, for a small k: a key that is not below the k-th of those seen so far is passed over (of
 * equal ones the first count), the others are gathered until there is no room.
 */
function firstKeys<T, K>(work: usize, x: usize, k: i32, flip: K): void {
  const room = 4 * k;
  const indices = work + 2 * <usize>n * sizeof<K>();
  const step = <usize>inner * widthOf<T>();
  let held = 0;
  let limit: K = 0;
  let limited = false;
  for (let j = 0; j < n; j++, x += step) {
    const key = keyOf<T, K>(x) ^ flip;
    if (limited && key >= limit) continue;
    if (held == room) {
      keepFirst<K>(work, held, k);
      held = k;
      limit = 0;
      for (let i: usize = 0; i < <usize>k; i++) {
        const kept = load<K>(work + i * sizeof<K>());
        if (kept > limit) limit = kept;
      }
      limited = true;
      if (key >= limit) continue;
    }
    store<K>(work + <usize>held * sizeof<K>(), key);
    store<i32>(indices + <usize>held * 4, j);
    held++;
  }
  if (held > k) keepFirst<K>(work, held, k);
}

function topkAs<T, K>(values: usize, indices: usize, x: usize, work: usize): void {
  const k = int(4, 3);
  geometry(k, <i32>sizeof<K>());
  if (k > n) abort();
  if (k == 0) return;
  const flip: K = int(4, 4) ? <K>-1 : 0;
  for (let o = 0; o < outer; o++) {
    for (let i: usize = 0; i < <usize>inner; i++) {
      const from = x + i * widthOf<T>();
      if (8 * <i64>k <= n) {
        firstKeys<T, K>(work, from, k, flip);
      } else {
        loadKeys<T, K>(work, from, flip);
        if (k < n) keepFirst<K>(work, n, k);
      }
      sortKeys<K>(work, n, k);
      storeRow<T>(values + i * widthOf<T>(), indices + i * 8, from, k);
    }
    values += <usize>k * inner * widthOf<T>();
    indices += <usize>k * inner * 8;
    x += <usize>n * inner * widthOf<T>();
  }
}

/** The place of the median among n keys: of the first NaN where there is one (or nothing else). */
function medianPlace<T, K>(work: usize, ignoreNan: bool): i32 {
  let numbers = n;
  if (isFloat<T>()) {
    for (let j: usize = 0; j < <usize>n; j++) numbers -= i32(load<K>(work + j * sizeof<K>()) == <K>-1);
  }
  const nan = numbers == 0 || (numbers < n && !ignoreNan);
  return nan ? numbers : (numbers - 1) / 2;
}

function selectAs<T, K>(values: usize, indices: usize, x: usize, work: usize): void {
  const k = int(4, 3);
  const ignoreNan = int(4, 4) != 0;
  geometry(1, <i32>sizeof<K>());
  if (k < 0 || k > n || n == 0) abort();
  for (let o = 0; o < outer; o++) {
    for (let i: usize = 0; i < <usize>inner; i++) {
      const from = x + i * widthOf<T>();
      loadKeys<T, K>(work, from, 0);
      const at = selectIndex<K>(work, n, k == 0 ? medianPlace<T, K>(work, ignoreNan) : k - 1);
      copyElement<T>(values, from + <usize>at * inner * widthOf<T>());
      store<i64>(indices, at);
      values += widthOf<T>();
      indices += 8;
    }
    x += <usize>n * inner * widthOf<T>();
  }
}

function modeAs<T, K>(values: usize, indices: usize, x: usize, work: usize): void {
  geometry(1, <i32>sizeof<K>());
  for (let o = 0; o < outer; o++) {
    for (let i: usize = 0; i < <usize>inner; i++) {
      const from = x + i * widthOf<T>();
      loadKeys<T, K>(work, from, 0);
      sortKeys<K>(work, n, n);
      let best = 0;
      let run = 0;
      let at = 0;
      for (let j: usize = 0; j < <usize>n; j++) {
        run++;
        const key = sortedKeys + j * sizeof<K>();
        const same = j + 1 < <usize>n && load<K>(key) == load<K>(key, sizeof<K>());
        // no NaN equals another
        if (same && !(isFloat<T>() && load<K>(key) == <K>-1)) continue;
        if (run > best) {
          best = run;
          at = load<i32>(sortedIndices + j * 4);
        }
        run = 0;
      }
      copyElement<T>(values, from + <usize>at * inner * widthOf<T>());
      store<i64>(indices, at);
      values += widthOf<T>();
      indices += 8;
    }
    x += <usize>n * inner * widthOf<T>();
  }
}

export function sort(values: usize, indices: usize, x: usize, work: usize): void {
  switch (dtypeOf(2)) {
    case DType.float32:
      return sortAs<f32, u32>(values, indices, x, work);
    case DType.float64:
      return sortAs<f64, u64>(values, indices, x, work);
    case DType.int64:
      return sortAs<i64, u64>(values, indices, x, work);
    case DType.int32:
      return sortAs<i32, u32>(values, indices, x, work);
    case DType.int16:
      return sortAs<i16, u32>(values, indices, x, work);
    case DType.int8:
      return sortAs<i8, u32>(values, indices, x, work);
    case DType.uint8:
    case DType.bool:
      return sortAs<u8, u32>(values, indices, x, work);
    case DType.float16:
      return sortAs<Half, u32>(values, indices, x, work);
    case DType.bfloat16:
      return sortAs<Brain, u32>(values, indices, x, work);
    default:
      unsupported();
  }
}

export function topk(values: usize, indices: usize, x: usize, work: usize): void {
  switch (dtypeOf(2)) {
    case DType.float32:
      return topkAs<f32, u32>(values, indices, x, work);
    case DType.float64:
      return topkAs<f64, u64>(values, indices, x, work);
    case DType.int64:
      return topkAs<i64, u64>(values, indices, x, work);
    case DType.int32:
      return topkAs<i32, u32>(values, indices, x, work);
    case DType.int16:
      return topkAs<i16, u32>(values, indices, x, work);
    case DType.int8:
      return topkAs<i8, u32>(values, indices, x, work);
    case DType.uint8:
    case DType.bool:
      return topkAs<u8, u32>(values, indices, x, work);
    default:
      unsupported();
  }
}

export function kthvalue(values: usize, indices: usize, x: usize, work: usize): void {
  switch (dtypeOf(2)) {
    case DType.float32:
      return selectAs<f32, u32>(values, indices, x, work);
    case DType.float64:
      return selectAs<f64, u64>(values, indices, x, work);
    case DType.int64:
      return selectAs<i64, u64>(values, indices, x, work);
    case DType.int32:
      return selectAs<i32, u32>(values, indices, x, work);
    case DType.int16:
      return selectAs<i16, u32>(values, indices, x, work);
    case DType.int8:
      return selectAs<i8, u32>(values, indices, x, work);
    case DType.uint8:
    case DType.bool:
      return selectAs<u8, u32>(values, indices, x, work);
    default:
      unsupported();
  }
}

export function mode(values: usize, indices: usize, x: usize, work: usize): void {
  if (int(4, 1) < 1 && <i64>int(4, 0) * int(4, 2) > 0) abort();
  switch (dtypeOf(2)) {
    case DType.float32:
      return modeAs<f32, u32>(values, indices, x, work);
    case DType.float64:
      return modeAs<f64, u64>(values, indices, x, work);
    case DType.int64:
      return modeAs<i64, u64>(values, indices, x, work);
    case DType.int32:
      return modeAs<i32, u32>(values, indices, x, work);
    case DType.int16:
      return modeAs<i16, u32>(values, indices, x, work);
    case DType.int8:
      return modeAs<i8, u32>(values, indices, x, work);
    case DType.uint8:
    case DType.bool:
      return modeAs<u8, u32>(values, indices, x, work);
    default:
      unsupported();
  }
}
