/**
 * Reductions that carry a value through their elements: product, any, all (fold.ts), variance, norms, logsumexp (norm.ts).
 * x is [outer, n, inner], out [outer, inner]. float32 is carried in f64, so that neither the order nor the count of the
 * elements shows in the result.
 *
 * An operation is a class given as a type argument: `start` is the carry before the first element (0 where it is not
 * there), `step` takes one element (and the column's centre, for those that look at one), `join` unites two carries
 * (their sum), `result` ends (the carry itself).
 */
import { check, int } from './descriptor';
import { op } from './loops';

/** Columns that are carried side by side. */
export const COLUMNS: i32 = 64;
export const CARRIES: usize = memory.data(64 * 8, 16);
export const CENTRES: usize = memory.data(64 * 8, 16);

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

/** Elements of a row that are folded before they are joined with what came before: long sums stay exact for longer. */
const BLOCK: i32 = 512;

/** Folds contiguous elements in four carries, so that one step does not wait for the last. */
function foldBlock<C, T, Op>(x: usize, n: i32, centre: f64): C {
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

/** Folds a contiguous row. */
function foldRow<C, T, Op>(x: usize, n: i32, centre: f64): C {
  let carry = foldBlock<C, T, Op>(x, min(n, BLOCK), centre);
  for (let i = BLOCK; i < n; i += BLOCK) {
    carry = join<C, Op>(carry, foldBlock<C, T, Op>(x + <usize>i * sizeof<T>(), min(n - i, BLOCK), centre));
  }
  return carry;
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
export function carry<C, T, Op>(x: usize, n: i32, inner: i32, width: i32): void {
  if (inner == 1) store<C>(CARRIES, foldRow<C, T, Op>(x, n, load<f64>(CENTRES)));
  else foldColumns<C, T, Op>(CARRIES, x, n, <usize>inner * sizeof<T>(), width);
}

/** Folds every column of T in carries of C into results of R. */
export function fold<C, T, R, Op>(out: usize, x: usize): void {
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

export function checkFold(k: i32): void {
  const outer = int(k, 0);
  const n = int(k, 1);
  const inner = int(k, 2);
  for (let i = 0; i < k - 1; i++) check(k, i, <i64>outer * inner);
  check(k, k - 1, <i64>outer * n * inner);
}
