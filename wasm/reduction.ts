/** Reductions. x is [outer, n, inner], out [outer, inner]. */
import { DType, dtypeOf, check, int } from './descriptor';

/** Below this many elements a sum is a plain loop; above, halves are added (error grows with the logarithm). */
const BLOCK: i32 = 64;

function sumRange<T>(x: usize, n: i32, step: usize): T {
  if (n <= BLOCK) {
    let total: T = <T>0;
    for (; n > 0; n--) {
      total += load<T>(x);
      x += step;
    }
    return total;
  }
  const half = n >> 1;
  return <T>(sumRange<T>(x, half, step) + sumRange<T>(x + <usize>half * step, n - half, step));
}

function sums<T>(out: usize, x: usize, outer: i32, n: i32, inner: i32): void {
  const step = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      store<T>(out, sumRange<T>(x + <usize>i * sizeof<T>(), n, step));
      out += sizeof<T>();
    }
    x += <usize>n * step;
  }
}

export function sum(out: usize, x: usize): void {
  const outer = int(2, 0);
  const n = int(2, 1);
  const inner = int(2, 2);
  check(2, 0, <i64>outer * inner);
  check(2, 1, <i64>outer * n * inner);
  switch (dtypeOf(1)) {
    case DType.float32:
      return sums<f32>(out, x, outer, n, inner);
    case DType.float64:
      return sums<f64>(out, x, outer, n, inner);
    case DType.int64:
      return sums<i64>(out, x, outer, n, inner);
    default:
      return sums<i32>(out, x, outer, n, inner);
  }
}
