/** Rounding, and division that rounds. Integers that are divided by zero give 0 and a report. */
import { Problem, report } from './descriptor';
import { float1, float2, number1, number2 } from './dispatch';
import { withSign } from './vector';
import { ceilOf, floorOf, truncOf } from './instructions';

/** Whether an integer divisor is zero, which is reported. */
// @ts-ignore: decorator
@inline
function isZero<T>(divisor: T): bool {
  if (divisor != 0) return false;
  report(Problem.zeroDivision, 0, 0);
  return true;
}

/** The whole quotient, towards zero; the one that does not fit wraps. */
// @ts-ignore: decorator
@inline
function quotient<T>(x: T, y: T): T {
  return isSigned<T>() && y == -1 ? <T>(0 - x) : <T>(x / y);
}

@unmanaged
class Floor {
  @inline
  vector(x: v128): v128 {
    return f32x4.floor(x);
  }
  @inline
  scalar<T>(x: T): T {
    return isFloat<T>() ? floorOf<T>(x) : x;
  }
}

export function floor(out: usize, x: usize): void {
  number1<Floor>(out, x);
}

@unmanaged
class Ceil {
  @inline
  vector(x: v128): v128 {
    return f32x4.ceil(x);
  }
  @inline
  scalar<T>(x: T): T {
    return isFloat<T>() ? ceilOf<T>(x) : x;
  }
}

export function ceil(out: usize, x: usize): void {
  number1<Ceil>(out, x);
}

@unmanaged
class Trunc {
  @inline
  vector(x: v128): v128 {
    return f32x4.trunc(x);
  }
  @inline
  scalar<T>(x: T): T {
    return isFloat<T>() ? truncOf<T>(x) : x;
  }
}

export function trunc(out: usize, x: usize): void {
  number1<Trunc>(out, x);
}

@unmanaged
class Round {
  @inline
  vector(x: v128): v128 {
    return f32x4.nearest(x);
  }
  @inline
  scalar<T>(x: T): T {
    return isFloat<T>() ? nearest<T>(x) : x;
  }
}

export function round(out: usize, x: usize): void {
  number1<Round>(out, x);
}

@unmanaged
class Frac {
  @inline
  vector(x: v128): v128 {
    return f32x4.sub(x, f32x4.trunc(x));
  }
  @inline
  scalar<T>(x: T): T {
    return <T>(x - truncOf<T>(x));
  }
}

export function frac(out: usize, x: usize): void {
  float1<Frac>(out, x);
}

@unmanaged
class Fmod {
  @inline
  scalar<T>(x: T, y: T): T {
    if (isInteger<T>() && isZero<T>(y)) return 0;
    return <T>(x % y);
  }
}

export function fmod(out: usize, x: usize, y: usize): void {
  number2<Fmod>(out, x, y);
}

@unmanaged
class Remainder {
  @inline
  scalar<T>(x: T, y: T): T {
    if (isInteger<T>() && isZero<T>(y)) return 0;
    const rest = <T>(x % y);
    return rest != 0 && rest < 0 != y < 0 ? <T>(rest + y) : rest;
  }
}

export function remainder(out: usize, x: usize, y: usize): void {
  number2<Remainder>(out, x, y);
}

@unmanaged
class TruncDivide {
  @inline
  scalar<T>(x: T, y: T): T {
    if (isInteger<T>()) return isZero<T>(y) ? 0 : quotient<T>(x, y);
    return truncOf<T>(<T>(x / y));
  }
}

export function truncDivide(out: usize, x: usize, y: usize): void {
  number2<TruncDivide>(out, x, y);
}

@unmanaged
class FloorDivide {
  @inline
  scalar<T>(x: T, y: T): T {
    if (isInteger<T>()) {
      if (isZero<T>(y)) return 0;
      const whole = quotient<T>(x, y);
      return x % y != 0 && x < 0 != y < 0 ? <T>(whole - 1) : whole;
    }
    // as Python: by way of the remainder, so that the quotient is right where x / y rounds up to a whole number
    if (y == 0) return <T>(x / y);
    const rest = <T>(x % y);
    let whole = <T>((x - rest) / y);
    if (rest != 0 && y < 0 != rest < 0) whole = <T>(whole - 1);
    if (whole == 0) return copysign<T>(0, <T>(x / y));
    const result = floorOf<T>(whole);
    return whole - result > <T>0.5 ? <T>(result + 1) : result;
  }
}

export function floorDivide(out: usize, x: usize, y: usize): void {
  number2<FloorDivide>(out, x, y);
}
