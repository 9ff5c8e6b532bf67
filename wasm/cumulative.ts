/** Running sums, products and their like along one dimension. float32 is carried in f64. */
import { check, DType, dtypeOf, int, unsupported } from './descriptor';
import { op } from './loops';
import { logAddExp } from './scalars';

/** Columns that are carried side by side. */
const COLUMNS: i32 = 64;
const CARRIES: usize = memory.data(64 * 8, 16);

@unmanaged
class Add {
  @inline
  step<C>(carry: C, x: C, _a: C): C {
    return carry + x;
  }
}

@unmanaged
class Multiply {
  @inline
  step<C>(carry: C, x: C, _a: C): C {
    return carry * x;
  }
}

@unmanaged
class Recurrence {
  @inline
  step<C>(carry: C, x: C, a: C): C {
    return a * carry + x;
  }
}

@unmanaged
class LogAddExp {
  @inline
  step<C>(carry: C, x: C, _a: C): C {
    return <C>logAddExp(<f64>carry, <f64>x);
  }
}

/** Runs along n rows of `inner` columns, forwards or backwards: carry = step(carry, x, a), out = carry. */
function scan<C, T, Op>(k: i32, out: usize, x: usize, a: usize): void {
  const outer = int(k, 0);
  const n = int(k, 1);
  const inner = int(k, 2);
  const reverse = int(k, 3) != 0;
  const total = <i64>outer * n * inner;
  for (let i = 0; i < k; i++) check(k, i, total);
  if (total == 0) return;
  const start = reverse ? n - 1 : 0;
  const row = <isize>inner * sizeof<T>() * (reverse ? -1 : 1);
  for (let o = 0; o < outer; o++) {
    for (let first = 0; first < inner; first += COLUMNS) {
      const width = <usize>min(inner - first, COLUMNS);
      let at = ((<usize>o * <usize>n + <usize>start) * <usize>inner + <usize>first) * sizeof<T>();
      for (let j: usize = 0; j < width; j++) {
        const value = load<T>(x + at + j * sizeof<T>());
        store<C>(CARRIES + j * sizeof<C>(), <C>value);
        store<T>(out + at + j * sizeof<T>(), value);
      }
      for (let i = 1; i < n; i++) {
        // What multiplies the step into row k stands in row k going forwards, in row k + 1 going backwards.
        const factor: usize = reverse ? at : at + row;
        at += row;
        for (let j: usize = 0; j < width; j++) {
          const from = at + j * sizeof<T>();
          const carry = op<Op>().step<C>(
            load<C>(CARRIES + j * sizeof<C>()),
            <C>load<T>(x + from),
            <C>load<T>(a + factor + j * sizeof<T>()),
          );
          store<C>(CARRIES + j * sizeof<C>(), carry);
          store<T>(out + from, <T>carry);
        }
      }
    }
  }
}

function scanNumbers<Op>(k: i32, out: usize, x: usize, a: usize): void {
  switch (dtypeOf(0)) {
    case DType.float32:
      return scan<f64, f32, Op>(k, out, x, a);
    case DType.float64:
      return scan<f64, f64, Op>(k, out, x, a);
    case DType.int64:
      return scan<i64, i64, Op>(k, out, x, a);
    default:
      unsupported();
  }
}

export function cumsum(out: usize, x: usize): void {
  scanNumbers<Add>(2, out, x, x);
}

export function cumprod(out: usize, x: usize): void {
  scanNumbers<Multiply>(2, out, x, x);
}

export function recurrence(out: usize, x: usize, a: usize): void {
  scanNumbers<Recurrence>(3, out, x, a);
}

export function logCumSumExp(out: usize, x: usize): void {
  if (dtypeOf(0) == DType.float32) scan<f64, f32, LogAddExp>(2, out, x, x);
  else if (dtypeOf(0) == DType.float64) scan<f64, f64, LogAddExp>(2, out, x, x);
  else unsupported();
}
