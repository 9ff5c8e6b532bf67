/** Variance, norms and logsumexp, over one dimension or all. */
import { DType, dtypeOf, int, unsupported } from './descriptor';
import { CARRIES, CENTRES, COLUMNS, carry, checkFold, fold } from './folding';

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
