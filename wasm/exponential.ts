/** Exponential functions, logarithms and powers. */
import { float1, float2, number2 } from './dispatch';
import { exp as expVector, exp2 as exp2Vector, expm1 as expm1Vector, log as logVector } from './vector';
import { log1p as log1pVector, sigmoid as sigmoidVector } from './vector';

@unmanaged
class Exp {
  @inline
  vector(x: v128): v128 {
    return expVector(x);
  }
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.exp(<f64>x);
  }
}

export function exp(out: usize, x: usize): void {
  float1<Exp>(out, x);
}

@unmanaged
class Exp2 {
  @inline
  vector(x: v128): v128 {
    return exp2Vector(x);
  }
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.exp2(<f64>x);
  }
}

export function exp2(out: usize, x: usize): void {
  float1<Exp2>(out, x);
}

@unmanaged
class Expm1 {
  @inline
  vector(x: v128): v128 {
    return expm1Vector(x);
  }
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.expm1(<f64>x);
  }
}

export function expm1(out: usize, x: usize): void {
  float1<Expm1>(out, x);
}

@unmanaged
class Log {
  @inline
  vector(x: v128): v128 {
    return logVector(x);
  }
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.log(<f64>x);
  }
}

export function log(out: usize, x: usize): void {
  float1<Log>(out, x);
}

@unmanaged
class Log1p {
  @inline
  vector(x: v128): v128 {
    return log1pVector(x);
  }
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.log1p(<f64>x);
  }
}

export function log1p(out: usize, x: usize): void {
  float1<Log1p>(out, x);
}

@unmanaged
class Log2 {
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.log2(<f64>x);
  }
}

export function log2(out: usize, x: usize): void {
  float1<Log2>(out, x);
}

@unmanaged
class Log10 {
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.log10(<f64>x);
  }
}

export function log10(out: usize, x: usize): void {
  float1<Log10>(out, x);
}

@unmanaged
class Sigmoid {
  @inline
  vector(x: v128): v128 {
    return sigmoidVector(x);
  }
  @inline
  scalar<T>(x: T): T {
    return <T>(1 / (1 + NativeMath.exp(-<f64>x)));
  }
}

export function sigmoid(out: usize, x: usize): void {
  float1<Sigmoid>(out, x);
}

/** xʸ as C has it: 1 to any power is 1, and so is -1 to an infinite one. */
function power(x: f64, y: f64): f64 {
  if (x == 1 || (x == -1 && abs<f64>(y) == Infinity)) return 1;
  return NativeMath.pow(x, y);
}

/** xʸ, wrapping; a negative power is 0, of 1 and -1 what it should. */
function integerPower<T>(x: T, y: T): T {
  if (isSigned<T>() && y < 0) return x == 1 ? 1 : x == -1 ? <T>(1 - 2 * (y & 1)) : 0;
  let result: T = 1;
  while (y != 0) {
    if (y & 1) result = <T>(result * x);
    x = <T>(x * x);
    y = <T>(y >> 1);
  }
  return result;
}

@unmanaged
class Pow {
  @inline
  scalar<T>(x: T, y: T): T {
    if (isFloat<T>()) return <T>power(<f64>x, <f64>y);
    return integerPower<T>(x, y);
  }
}

export function pow(out: usize, x: usize, y: usize): void {
  number2<Pow>(out, x, y);
}
