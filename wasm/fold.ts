/**
 * Reductions that carry a value through their elements: product, any, all, variance, norms, logsumexp. x is
 * [outer, n, inner], out [outer, inner]. float32 is carried in f64, so that neither the order nor the count of the
 * elements shows in the result.
 *
 * An operation is a class given as a type argument: `start` is the carry before the first element (0 where it is not
 * there), `step` takes one element (and the column's centre, for those that look at one), `join` unites two carries
 * (their sum), `result` ends (the carry itself).
 */
import { check, DType, dtypeOf, int, unsupported } from './descriptor';
import { op } from './loops';

/** Columns that are carried side by side. */
const COLUMNS: i32 = 64;
const CARRIES: usize = memory.data(64 * 8, 16);
const CENTRES: usize = memory.data(64 * 8, 16);

@unmanaged
class Product {
  @inline
  start<C>(): C {
    return <C>1;
  }
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return carry * <C>x;
  }
  @inline
  join<C>(a: C, b: C): C {
    return a * b;
  }
}

@unmanaged
class Any {
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return carry | <C>(x != <T>0);
  }
  @inline
  join<C>(a: C, b: C): C {
    return a | b;
  }
}

@unmanaged
class All {
  @inline
  start<C>(): C {
    return <C>1;
  }
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return carry & <C>(x != <T>0);
  }
  @inline
  join<C>(a: C, b: C): C {
    return a & b;
  }
}

@unmanaged
class Sum {
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return carry + <C>x;
  }
}

@unmanaged
class SquaredDeviation {
  @inline
  step<C, T>(carry: C, x: T, centre: f64): C {
    const d = <f64>x - centre;
    return <C>(carry + d * d);
  }
}

@unmanaged
class ExponentialSum {
  @inline
  step<C, T>(carry: C, x: T, centre: f64): C {
    return <C>(carry + NativeMath.exp(<f64>x - centre));
  }
}

@unmanaged
class NormZero {
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return <C>(carry + <C>(x != <T>0));
  }
}

@unmanaged
class NormOne {
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return <C>(carry + <C>abs<f64>(<f64>x));
  }
}

@unmanaged
class NormTwo {
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return <C>(carry + <f64>x * <f64>x);
  }
  @inline
  result<C>(carry: C): C {
    return <C>sqrt<f64>(<f64>carry);
  }
}

/** The power of the norm at work. */
let power: f64 = 0;

@unmanaged
class NormPower {
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return <C>(carry + NativeMath.pow(abs<f64>(<f64>x), power));
  }
  @inline
  result<C>(carry: C): C {
    return <C>NativeMath.pow(<f64>carry, 1 / power);
  }
}

/** Largest magnitude; NaN stays, as f64.max has it. */
@unmanaged
class NormLargest {
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return <C>max<f64>(<f64>carry, abs<f64>(<f64>x));
  }
  @inline
  join<C>(a: C, b: C): C {
    return <C>max<f64>(<f64>a, <f64>b);
  }
}

/** Smallest magnitude; NaN stays. */
@unmanaged
class NormSmallest {
  @inline
  start<C>(): C {
    return <C>Infinity;
  }
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return <C>min<f64>(<f64>carry, abs<f64>(<f64>x));
  }
  @inline
  join<C>(a: C, b: C): C {
    return <C>min<f64>(<f64>a, <f64>b);
  }
}

/** Largest element; NaN is passed over. */
@unmanaged
class Largest {
  @inline
  start<C>(): C {
    return <C>-Infinity;
  }
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return <C>x > carry ? <C>x : carry;
  }
  @inline
  join<C>(a: C, b: C): C {
    return a > b ? a : b;
  }
}

// @ts-ignore: decorator
@inline
function start<C, Op>(): C {
  if (isDefined(op<Op>().start)) return op<Op>().start<C>();
  return <C>0;
}

// @ts-ignore: decorator
@inline
function join<C, Op>(a: C, b: C): C {
  if (isDefined(op<Op>().join)) return op<Op>().join<C>(a, b);
  return a + b;
}

// @ts-ignore: decorator
@inline
function result<C, Op>(carry: C): C {
  if (isDefined(op<Op>().result)) return op<Op>().result<C>(carry);
  return carry;
}

/** Folds a contiguous row in four carries, so that one step does not wait for the last. */
function foldRow<C, T, Op>(x: usize, n: i32, centre: f64): C {
  let a = start<C, Op>();
  let b = start<C, Op>();
  let c = start<C, Op>();
  let d = start<C, Op>();
  for (; n >= 4; n -= 4) {
    a = op<Op>().step<C, T>(a, load<T>(x), centre);
    b = op<Op>().step<C, T>(b, load<T>(x, sizeof<T>()), centre);
    c = op<Op>().step<C, T>(c, load<T>(x, 2 * sizeof<T>()), centre);
    d = op<Op>().step<C, T>(d, load<T>(x, 3 * sizeof<T>()), centre);
    x += 4 * sizeof<T>();
  }
  for (; n > 0; n--) {
    a = op<Op>().step<C, T>(a, load<T>(x), centre);
    x += sizeof<T>();
  }
  return join<C, Op>(join<C, Op>(a, b), join<C, Op>(c, d));
}

/** Folds n rows of `width` columns into carries at `to`; rows are `step` bytes apart. */
function foldColumns<C, T, Op>(to: usize, x: usize, n: i32, step: usize, width: i32): void {
  for (let j: usize = 0; j < <usize>width; j++) store<C>(to + j * sizeof<C>(), start<C, Op>());
  for (; n > 0; n--) {
    for (let j: usize = 0; j < <usize>width; j++) {
      const carry = to + j * sizeof<C>();
      store<C>(carry, op<Op>().step<C, T>(load<C>(carry), load<T>(x + j * sizeof<T>()), load<f64>(CENTRES + (j << 3))));
    }
    x += step;
  }
}

/** The carries of columns first … first + width of one outer slice, into CARRIES. */
// @ts-ignore: decorator
@inline
function carry<C, T, Op>(x: usize, n: i32, inner: i32, width: i32): void {
  if (inner == 1) store<C>(CARRIES, foldRow<C, T, Op>(x, n, load<f64>(CENTRES)));
  else foldColumns<C, T, Op>(CARRIES, x, n, <usize>inner * sizeof<T>(), width);
}

/** Folds every column of T in carries of C into results of R. */
function fold<C, T, R, Op>(out: usize, x: usize): void {
  const outer = int(2, 0);
  const n = int(2, 1);
  const inner = int(2, 2);
  for (let o = 0; o < outer; o++) {
    for (let first = 0; first < inner; first += COLUMNS) {
      const width = min(inner - first, COLUMNS);
      carry<C, T, Op>(x + <usize>first * sizeof<T>(), n, inner, width);
      for (let j: usize = 0; j < <usize>width; j++) {
        store<R>(out + (<usize>first + j) * sizeof<R>(), <R>result<C, Op>(load<C>(CARRIES + j * sizeof<C>())));
      }
    }
    x += <usize>n * inner * sizeof<T>();
    out += <usize>inner * sizeof<R>();
  }
}

function checkFold(k: i32): void {
  const outer = int(k, 0);
  const n = int(k, 1);
  const inner = int(k, 2);
  for (let i = 0; i < k - 1; i++) check(k, i, <i64>outer * inner);
  check(k, k - 1, <i64>outer * n * inner);
}

export function prod(out: usize, x: usize): void {
  checkFold(2);
  switch (dtypeOf(0)) {
    case DType.float32:
      return fold<f64, f32, f32, Product>(out, x);
    case DType.float64:
      return fold<f64, f64, f64, Product>(out, x);
    case DType.int64:
      return fold<i64, i64, i64, Product>(out, x);
    case DType.int32:
      return fold<i32, i32, i32, Product>(out, x);
    default:
      unsupported();
  }
}

function truth<Op>(out: usize, x: usize): void {
  checkFold(2);
  switch (dtypeOf(1)) {
    case DType.float32:
      return fold<u8, f32, u8, Op>(out, x);
    case DType.float64:
      return fold<u8, f64, u8, Op>(out, x);
    case DType.int64:
      return fold<u8, i64, u8, Op>(out, x);
    case DType.int32:
      return fold<u8, i32, u8, Op>(out, x);
    case DType.int16:
      return fold<u8, i16, u8, Op>(out, x);
    case DType.int8:
    case DType.uint8:
    case DType.bool:
      return fold<u8, u8, u8, Op>(out, x);
    default:
      unsupported();
  }
}

export function any(out: usize, x: usize): void {
  truth<Any>(out, x);
}

export function all(out: usize, x: usize): void {
  truth<All>(out, x);
}

function variances<T>(out: usize, mean: usize, x: usize, correction: f64): void {
  const outer = int(3, 0);
  const n = int(3, 1);
  const inner = int(3, 2);
  const divisor = max<f64>(<f64>n - correction, 0);
  for (let o = 0; o < outer; o++) {
    for (let first = 0; first < inner; first += COLUMNS) {
      const width = min(inner - first, COLUMNS);
      const from = x + <usize>first * sizeof<T>();
      carry<f64, T, Sum>(from, n, inner, width);
      for (let j: usize = 0; j < <usize>width; j++) {
        const centre = load<f64>(CARRIES + (j << 3)) / <f64>n;
        store<f64>(CENTRES + (j << 3), centre);
        store<T>(mean + j * sizeof<T>(), <T>centre);
      }
      carry<f64, T, SquaredDeviation>(from, n, inner, width);
      for (let j: usize = 0; j < <usize>width; j++) {
        store<T>(out + j * sizeof<T>(), <T>(load<f64>(CARRIES + (j << 3)) / divisor));
      }
      out += <usize>width * sizeof<T>();
      mean += <usize>width * sizeof<T>();
    }
    x += <usize>n * inner * sizeof<T>();
  }
}

export function variance(out: usize, mean: usize, x: usize, correction: f64): void {
  checkFold(3);
  if (dtypeOf(0) == DType.float32) variances<f32>(out, mean, x, correction);
  else if (dtypeOf(0) == DType.float64) variances<f64>(out, mean, x, correction);
  else unsupported();
}

function norms<T>(out: usize, x: usize, p: f64): void {
  power = p;
  if (p == 2) fold<f64, T, T, NormTwo>(out, x);
  else if (p == 1) fold<f64, T, T, NormOne>(out, x);
  else if (p == 0) fold<f64, T, T, NormZero>(out, x);
  else if (p == Infinity) fold<f64, T, T, NormLargest>(out, x);
  else if (p == -Infinity) fold<f64, T, T, NormSmallest>(out, x);
  else fold<f64, T, T, NormPower>(out, x);
}

export function norm(out: usize, x: usize, p: f64): void {
  checkFold(2);
  if (dtypeOf(0) == DType.float32) norms<f32>(out, x, p);
  else if (dtypeOf(0) == DType.float64) norms<f64>(out, x, p);
  else unsupported();
}

function logSumExps<T>(out: usize, x: usize): void {
  const outer = int(2, 0);
  const n = int(2, 1);
  const inner = int(2, 2);
  for (let o = 0; o < outer; o++) {
    for (let first = 0; first < inner; first += COLUMNS) {
      const width = min(inner - first, COLUMNS);
      const from = x + <usize>first * sizeof<T>();
      carry<f64, T, Largest>(from, n, inner, width);
      for (let j: usize = 0; j < <usize>width; j++) {
        // ∞ − ∞ is no number: an infinite largest is taken as 0.
        const largest = load<f64>(CARRIES + (j << 3));
        store<f64>(CENTRES + (j << 3), isFinite(largest) ? largest : 0);
      }
      carry<f64, T, ExponentialSum>(from, n, inner, width);
      for (let j: usize = 0; j < <usize>width; j++) {
        const sum = load<f64>(CARRIES + (j << 3));
        store<T>(out + j * sizeof<T>(), <T>(NativeMath.log(sum) + load<f64>(CENTRES + (j << 3))));
      }
      out += <usize>width * sizeof<T>();
    }
    x += <usize>n * inner * sizeof<T>();
  }
}

export function logSumExp(out: usize, x: usize): void {
  checkFold(2);
  if (dtypeOf(0) == DType.float32) logSumExps<f32>(out, x);
  else if (dtypeOf(0) == DType.float64) logSumExps<f64>(out, x);
  else unsupported();
}
