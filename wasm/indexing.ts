/** Gather and scatter: elements (o, j, i) of [outer, count, inner], one of which coordinates an index tensor gives. */
import { DType, Problem, check, dtypeOf, int, report, sizeOf } from './descriptor';
import { begin3, next, pointer } from './iterator';

// The geometry of the call, read by `geometry`. Strides in elements.
let outer: i32 = 0;
let count: i32 = 0;
let inner: i32 = 0;
let bound: i64 = 0;
let wrap: bool = false;
let xOuter: i32 = 0;
let xStep: i32 = 0;
let xInner: i32 = 0;
let indexOuter: i32 = 0;
let indexStep: i32 = 0;
let indexInner: i32 = 0;
let srcOuter: i32 = 0;
let srcStep: i32 = 0;
let srcInner: i32 = 0;

/** One more than the last element that strides reach. */
function extent(n: i64, outerStride: i32, step: i32, innerStride: i32): i64 {
  if (outerStride < 0 || step < 0 || innerStride < 0) abort();
  return (<i64>outer - 1) * outerStride + (n - 1) * step + (<i64>inner - 1) * innerStride + 1;
}

/** Reads the ints and checks the operands against them; returns whether there is anything to do. */
function geometry(xOperand: i32, indexOperand: i32, srcOperand: i32): bool {
  outer = int(3, 0);
  count = int(3, 1);
  inner = int(3, 2);
  bound = int(3, 3);
  wrap = int(3, 4) != 0;
  xOuter = int(3, 5);
  xStep = int(3, 6);
  xInner = int(3, 7);
  indexOuter = int(3, 8);
  indexStep = int(3, 9);
  indexInner = int(3, 10);
  if (outer < 0 || count < 0 || inner < 0 || bound < 0) abort();
  if (outer == 0 || count == 0 || inner == 0) return false;
  if (bound > 0) check(3, xOperand, extent(bound, xOuter, xStep, xInner));
  check(3, indexOperand, extent(count, indexOuter, indexStep, indexInner));
  if (srcOperand >= 0) {
    srcOuter = int(3, 11);
    srcStep = int(3, 12);
    srcInner = int(3, 13);
    check(3, srcOperand, extent(count, srcOuter, srcStep, srcInner));
  }
  return true;
}

/** The index at an address counted from the start, or -1 (and a report) when it is out of range. */
// @ts-ignore: decorator
@inline
function indexAt(address: usize): i32 {
  const k = load<i64>(address);
  const at = wrap && k < 0 ? k + bound : k;
  if (<u64>at < <u64>bound) return <i32>at;
  report(Problem.badIndex, k, <i32>bound);
  return -1;
}

function gatherAs<T>(out: usize, x: usize, index: usize): void {
  const size = sizeof<T>();
  for (let o = 0; o < outer; o++) {
    const from = x + <usize>o * xOuter * size;
    let at = index + <usize>o * indexOuter * 8;
    for (let j = 0; j < count; j++, at += <usize>indexStep * 8) {
      if (indexInner == 0 || inner == 1) {
        const k = indexAt(at);
        if (k < 0) return;
        const row = from + <usize>k * xStep * size;
        if (inner == 1) store<T>(out, load<T>(row));
        else if (xInner == 1) memory.copy(out, row, <usize>inner * size);
        else for (let i: usize = 0; i < <usize>inner; i++) store<T>(out + i * size, load<T>(row + i * xInner * size));
      } else {
        for (let i: usize = 0; i < <usize>inner; i++) {
          const k = indexAt(at + i * indexInner * 8);
          if (k < 0) return;
          store<T>(out + i * size, load<T>(from + (<usize>k * xStep + i * xInner) * size));
        }
      }
      out += <usize>inner * size;
    }
  }
}

export function gather(out: usize, x: usize, index: usize): void {
  check(3, 0, <i64>int(3, 0) * int(3, 1) * int(3, 2));
  if (!geometry(1, 2, -1)) return;
  switch (sizeOf(dtypeOf(0))) {
    case 1:
      return gatherAs<u8>(out, x, index);
    case 2:
      return gatherAs<u16>(out, x, index);
    case 4:
      return gatherAs<u32>(out, x, index);
    default:
      return gatherAs<u64>(out, x, index);
  }
}

@unmanaged
class Put {
  @inline
  apply<T>(x: T, y: T): T {
    return y;
  }
}

@unmanaged
class Plus {
  @inline
  apply<T>(x: T, y: T): T {
    return isBoolean<T>() ? <T>(x | y) : <T>(x + y);
  }
}

// @ts-ignore: decorator
@inline
function combine<Op, T>(to: usize, from: usize): void {
  store<T>(to, changetype<Op>(0).apply<T>(load<T>(to), load<T>(from)));
}

function scatterAs<Op, T>(x: usize, index: usize, src: usize): void {
  const size = sizeof<T>();
  for (let o = 0; o < outer; o++) {
    const to = x + <usize>o * xOuter * size;
    let at = index + <usize>o * indexOuter * 8;
    let from = src + <usize>o * srcOuter * size;
    for (let j = 0; j < count; j++, at += <usize>indexStep * 8, from += <usize>srcStep * size) {
      if (indexInner == 0 || inner == 1) {
        const k = indexAt(at);
        if (k < 0) return;
        const row = to + <usize>k * xStep * size;
        for (let i: usize = 0; i < <usize>inner; i++) {
          combine<Op, T>(row + i * xInner * size, from + i * srcInner * size);
        }
      } else {
        for (let i: usize = 0; i < <usize>inner; i++) {
          const k = indexAt(at + i * indexInner * 8);
          if (k < 0) return;
          combine<Op, T>(to + (<usize>k * xStep + i * xInner) * size, from + i * srcInner * size);
        }
      }
    }
  }
}

function scatterNumbers<Op>(x: usize, index: usize, src: usize): void {
  switch (dtypeOf(0)) {
    case DType.float32:
      return scatterAs<Op, f32>(x, index, src);
    case DType.float64:
      return scatterAs<Op, f64>(x, index, src);
    case DType.int64:
      return scatterAs<Op, i64>(x, index, src);
    case DType.int32:
      return scatterAs<Op, i32>(x, index, src);
    case DType.int16:
      return scatterAs<Op, i16>(x, index, src);
    case DType.int8:
      return scatterAs<Op, i8>(x, index, src);
    case DType.uint8:
      return scatterAs<Op, u8>(x, index, src);
    case DType.bool:
      return scatterAs<Op, bool>(x, index, src);
    default:
      abort();
  }
}

export function scatter(x: usize, index: usize, src: usize): void {
  if (!geometry(0, 1, 2)) return;
  switch (sizeOf(dtypeOf(0))) {
    case 1:
      return scatterAs<Put, u8>(x, index, src);
    case 2:
      return scatterAs<Put, u16>(x, index, src);
    case 4:
      return scatterAs<Put, u32>(x, index, src);
    default:
      return scatterAs<Put, u64>(x, index, src);
  }
}

/** Complex numbers are added in their two parts: the lanes of a pair, both at the place the index gives. */
@unmanaged
class PlusComplex {
  @inline
  apply<T>(x: T, y: T): T {
    const re = reinterpret<f32>(<u32>x) + reinterpret<f32>(<u32>y);
    const im = reinterpret<f32>(<u32>(x >> 32)) + reinterpret<f32>(<u32>(y >> 32));
    return <T>((<u64>reinterpret<u32>(im) << 32) | <u64>reinterpret<u32>(re));
  }
}

export function scatterAdd(x: usize, index: usize, src: usize): void {
  if (!geometry(0, 1, 2)) return;
  if (dtypeOf(0) == DType.complex64) return scatterAs<PlusComplex, u64>(x, index, src);
  scatterNumbers<Plus>(x, index, src);
}

export function linearIndex(out: usize, base: usize, index: usize, size: f64, step: f64): void {
  const n = <i64>size;
  for (let m = begin3(out, base, index); m != 0; m = next()) {
    const o = pointer(0);
    const b = pointer(1);
    const a = pointer(2);
    for (let i: usize = 0, end = <usize>m * 8; i < end; i += 8) {
      const k = load<i64>(a + i);
      if (k < -n || k >= n) {
        report(Problem.badIndex, k, <i32>n);
        store<i64>(o + i, 0);
      } else {
        store<i64>(o + i, load<i64>(b + i) + (k < 0 ? k + n : k) * <i64>step);
      }
    }
  }
}

/** The bits of an element that make it other than 0: all but the sign of a float. */
function significant(dtype: i32): u64 {
  switch (dtype) {
    case DType.float32:
      return 0x7fffffff;
    case DType.float64:
      return 0x7fffffffffffffff;
    case DType.complex64:
      return 0x7fffffff7fffffff;
    case DType.float16:
    case DType.bfloat16:
      return 0x7fff;
    default:
      return 0xffffffffffffffff;
  }
}

function countAs<T>(out: usize, x: usize, rows: i32, n: i32, columns: i32, bits: T): void {
  for (let o = 0; o < rows; o++) {
    for (let i = 0; i < columns; i++) {
      let total: i64 = 0;
      let at = x + <usize>i * sizeof<T>();
      for (let j = 0; j < n; j++, at += <usize>columns * sizeof<T>()) total += <i64>((load<T>(at) & bits) != 0);
      store<i64>(out, total);
      out += 8;
    }
    x += <usize>n * columns * sizeof<T>();
  }
}

export function countNonzero(out: usize, x: usize): void {
  const rows = int(2, 0);
  const n = int(2, 1);
  const columns = int(2, 2);
  check(2, 0, <i64>rows * columns);
  if (rows > 0 && columns > 0) check(2, 1, <i64>rows * n * columns);
  const bits = significant(dtypeOf(1));
  switch (sizeOf(dtypeOf(1))) {
    case 1:
      return countAs<u8>(out, x, rows, n, columns, <u8>bits);
    case 2:
      return countAs<u16>(out, x, rows, n, columns, <u16>bits);
    case 4:
      return countAs<u32>(out, x, rows, n, columns, <u32>bits);
    default:
      return countAs<u64>(out, x, rows, n, columns, bits);
  }
}

/** The index of the element that is looked at. */
const POSITION: usize = memory.data(64 * 8, 16);

function nonzeroAs<T>(out: usize, x: usize, shape: usize, n: i32, wanted: i32, rank: i32, bits: T): void {
  memory.fill(POSITION, 0, 64 * 8);
  let found = 0;
  for (let i = 0; i < n; i++) {
    if ((load<T>(x + <usize>i * sizeof<T>()) & bits) != 0) {
      if (found++ == wanted) return;
      memory.copy(out, POSITION, <usize>rank * 8);
      out += <usize>rank * 8;
    }
    for (let d = rank - 1; d >= 0; d--) {
      const at = POSITION + <usize>d * 8;
      const following = load<i64>(at) + 1;
      if (following < load<i64>(shape + <usize>d * 8)) {
        store<i64>(at, following);
        break;
      }
      store<i64>(at, 0);
    }
  }
}

export function nonzero(out: usize, x: usize, shape: usize): void {
  const n = int(3, 0);
  const wanted = int(3, 1);
  const rank = int(3, 2);
  check(3, 0, <i64>wanted * rank);
  check(3, 1, n);
  check(3, 2, rank);
  if (rank > 64) abort();
  const bits = significant(dtypeOf(1));
  switch (sizeOf(dtypeOf(1))) {
    case 1:
      return nonzeroAs<u8>(out, x, shape, n, wanted, rank, <u8>bits);
    case 2:
      return nonzeroAs<u16>(out, x, shape, n, wanted, rank, <u16>bits);
    case 4:
      return nonzeroAs<u32>(out, x, shape, n, wanted, rank, <u32>bits);
    default:
      return nonzeroAs<u64>(out, x, shape, n, wanted, rank, bits);
  }
}
