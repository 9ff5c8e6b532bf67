/** Gather and scatter: elements (o, j, i) of [outer, count, inner], one of which coordinates an index tensor gives. */
import { DType, Problem, check, dtypeOf, int, report, sizeOf, unsupported } from './descriptor';
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

@unmanaged
class Times {
  @inline
  apply<T>(x: T, y: T): T {
    return isBoolean<T>() ? <T>(x & y) : <T>(x * y);
  }
}

/** NaN wins. */
@unmanaged
class Maximum {
  @inline
  apply<T>(x: T, y: T): T {
    return x != x || x > y ? x : y;
  }
}

@unmanaged
class Minimum {
  @inline
  apply<T>(x: T, y: T): T {
    return x != x || x < y ? x : y;
  }
}

/** Complex numbers as the pair of their parts. */
// @ts-ignore: decorator
@inline
function re(x: u64): f32 {
  return reinterpret<f32>(<u32>x);
}

// @ts-ignore: decorator
@inline
function im(x: u64): f32 {
  return reinterpret<f32>(<u32>(x >> 32));
}

// @ts-ignore: decorator
@inline
function complex(real: f32, imaginary: f32): u64 {
  return (<u64>reinterpret<u32>(imaginary) << 32) | <u64>reinterpret<u32>(real);
}

@unmanaged
class PlusComplex {
  @inline
  apply<T>(x: T, y: T): T {
    return <T>complex(re(x) + re(y), im(x) + im(y));
  }
}

@unmanaged
class TimesComplex {
  @inline
  apply<T>(x: T, y: T): T {
    return <T>complex(re(x) * re(y) - im(x) * im(y), re(x) * im(y) + im(x) * re(y));
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
      unsupported();
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

export function scatterAdd(x: usize, index: usize, src: usize): void {
  if (!geometry(0, 1, 2)) return;
  if (dtypeOf(0) == DType.complex64) return scatterAs<PlusComplex, u64>(x, index, src);
  scatterNumbers<Plus>(x, index, src);
}

export function scatterMultiply(x: usize, index: usize, src: usize): void {
  if (!geometry(0, 1, 2)) return;
  if (dtypeOf(0) == DType.complex64) return scatterAs<TimesComplex, u64>(x, index, src);
  scatterNumbers<Times>(x, index, src);
}

export function scatterMaximum(x: usize, index: usize, src: usize): void {
  if (geometry(0, 1, 2)) scatterNumbers<Maximum>(x, index, src);
}

export function scatterMinimum(x: usize, index: usize, src: usize): void {
  if (geometry(0, 1, 2)) scatterNumbers<Minimum>(x, index, src);
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
