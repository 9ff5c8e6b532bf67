/**
 * Functions of one operand. What an operation's class holds is told in `loops.ts`. A function without `vector` is
 * computed in float64, so that its float32 results are rounded correctly but for the rarest.
 */
import { complexProduct } from './arithmetic';
import { DType, dtypeOf } from './descriptor';
import { float1, number1, real1 } from './dispatch';
import { errorComplement, errorFunction } from './error_function';
import { absOf, ceilOf, floorOf, sqrtOf, truncOf } from './instructions';
import { complexToFloat } from './loops';
import { all, I_ONE, I_ZERO, magnitude, negative, ONE, ZERO } from './vector';
import * as vector from './vector_math';

@unmanaged class Abs {
  @inline vector(x: v128): v128 { return magnitude(x); }
  @inline scalar<T>(x: T): T {
    if (isFloat<T>()) return absOf<T>(x);
    return isSigned<T>() && x < 0 ? <T>-x : x;
  }
  @inline fromComplex(re: f32, im: f32): f32 { return <f32>NativeMath.hypot(<f64>re, <f64>im); }
}
/** |x|; of complex64 as float32. */
export function abs(out: usize, x: usize): void {
  if (dtypeOf(1) == DType.complex64 && dtypeOf(0) == DType.float32) complexToFloat<Abs>(out, x);
  else number1<Abs>(out, x);
}

/** Four sines of numbers too large for the vectors' reduction. */
function farSine(x: v128): v128 {
  return f32x4(
    <f32>NativeMath.sin(<f64>f32x4.extract_lane(x, 0)),
    <f32>NativeMath.sin(<f64>f32x4.extract_lane(x, 1)),
    <f32>NativeMath.sin(<f64>f32x4.extract_lane(x, 2)),
    <f32>NativeMath.sin(<f64>f32x4.extract_lane(x, 3)),
  );
}

/** Four cosines of such numbers. */
function farCosine(x: v128): v128 {
  return f32x4(
    <f32>NativeMath.cos(<f64>f32x4.extract_lane(x, 0)),
    <f32>NativeMath.cos(<f64>f32x4.extract_lane(x, 1)),
    <f32>NativeMath.cos(<f64>f32x4.extract_lane(x, 2)),
    <f32>NativeMath.cos(<f64>f32x4.extract_lane(x, 3)),
  );
}

@unmanaged class Neg {
  @inline vector(x: v128): v128 { return negative(x); }
  @inline complex(x: v128): v128 { return negative(x); }
  @inline scalar<T>(x: T): T { return <T>-x; }
}
export function neg(out: usize, x: usize): void { number1<Neg>(out, x); }

@unmanaged class Sign {
  @inline vector(x: v128): v128 {
    const positive = v128.and(f32x4.lt(all(ZERO), x), all(ONE));
    return f32x4.sub(positive, v128.and(f32x4.lt(x, all(ZERO)), all(ONE)));
  }
  @inline scalar<T>(x: T): T { return <T>(<T>(x > 0) - <T>(x < 0)); }
}
export function sign(out: usize, x: usize): void { real1<Sign>(out, x); }

@unmanaged class Square {
  @inline vector(x: v128): v128 { return f32x4.mul(x, x); }
  @inline complex(x: v128): v128 { return complexProduct(x, x); }
  @inline scalar<T>(x: T): T { return isBoolean<T>() ? x : <T>(x * x); }
}
export function square(out: usize, x: usize): void { real1<Square>(out, x); }

@unmanaged class Cube {
  @inline vector(x: v128): v128 { return f32x4.mul(f32x4.mul(x, x), x); }
  @inline scalar<T>(x: T): T { return <T>(x * x * x); }
}
export function cube(out: usize, x: usize): void { float1<Cube>(out, x); }

@unmanaged class Floor {
  @inline vector(x: v128): v128 { return f32x4.floor(x); }
  @inline scalar<T>(x: T): T { return floorOf<T>(x); }
}
export function floor(out: usize, x: usize): void { float1<Floor>(out, x); }

@unmanaged class Ceil {
  @inline vector(x: v128): v128 { return f32x4.ceil(x); }
  @inline scalar<T>(x: T): T { return ceilOf<T>(x); }
}
export function ceil(out: usize, x: usize): void { float1<Ceil>(out, x); }

@unmanaged class Trunc {
  @inline vector(x: v128): v128 { return f32x4.trunc(x); }
  @inline scalar<T>(x: T): T { return truncOf<T>(x); }
}
export function trunc(out: usize, x: usize): void { float1<Trunc>(out, x); }

@unmanaged class Round {
  @inline vector(x: v128): v128 { return f32x4.nearest(x); }
  @inline scalar<T>(x: T): T { return nearest<T>(x); }
}
export function round(out: usize, x: usize): void { float1<Round>(out, x); }

@unmanaged class Frac {
  @inline vector(x: v128): v128 { return f32x4.sub(x, f32x4.trunc(x)); }
  @inline scalar<T>(x: T): T { return <T>(x - truncOf<T>(x)); }
}
export function frac(out: usize, x: usize): void { float1<Frac>(out, x); }

@unmanaged class Sqrt {
  @inline vector(x: v128): v128 { return f32x4.sqrt(x); }
  @inline scalar<T>(x: T): T { return sqrtOf<T>(x); }
}
export function sqrt(out: usize, x: usize): void { float1<Sqrt>(out, x); }

@unmanaged class Rsqrt {
  @inline vector(x: v128): v128 { return f32x4.div(all(ONE), f32x4.sqrt(x)); }
  @inline scalar<T>(x: T): T { return <T>(<T>1 / sqrtOf<T>(x)); }
}
export function rsqrt(out: usize, x: usize): void { float1<Rsqrt>(out, x); }

@unmanaged class Reciprocal {
  @inline vector(x: v128): v128 { return f32x4.div(all(ONE), x); }
  @inline scalar<T>(x: T): T { return <T>(<T>1 / x); }
}
export function reciprocal(out: usize, x: usize): void { float1<Reciprocal>(out, x); }

@unmanaged class Exp {
  @inline vector(x: v128): v128 { return vector.exp(x); }
  @inline scalar<T>(x: T): T { return <T>NativeMath.exp(<f64>x); }
}
export function exp(out: usize, x: usize): void { float1<Exp>(out, x); }

@unmanaged class Exp2 {
  @inline vector(x: v128): v128 { return vector.exp2(x); }
  @inline scalar<T>(x: T): T { return <T>NativeMath.exp2(<f64>x); }
}
export function exp2(out: usize, x: usize): void { float1<Exp2>(out, x); }

@unmanaged class Expm1 {
  @inline vector(x: v128): v128 { return vector.expm1(x); }
  @inline scalar<T>(x: T): T { return <T>NativeMath.expm1(<f64>x); }
}
export function expm1(out: usize, x: usize): void { float1<Expm1>(out, x); }

@unmanaged class Log {
  @inline vector(x: v128): v128 { return vector.log(x); }
  @inline scalar<T>(x: T): T { return <T>NativeMath.log(<f64>x); }
}
export function log(out: usize, x: usize): void { float1<Log>(out, x); }

@unmanaged class Log2 {
  @inline scalar<T>(x: T): T { return <T>NativeMath.log2(<f64>x); }
}
export function log2(out: usize, x: usize): void { float1<Log2>(out, x); }

@unmanaged class Log10 {
  @inline scalar<T>(x: T): T { return <T>NativeMath.log10(<f64>x); }
}
export function log10(out: usize, x: usize): void { float1<Log10>(out, x); }

@unmanaged class Log1p {
  @inline vector(x: v128): v128 { return vector.log1p(x); }
  @inline scalar<T>(x: T): T { return <T>NativeMath.log1p(<f64>x); }
}
export function log1p(out: usize, x: usize): void { float1<Log1p>(out, x); }

@unmanaged class Sin {
  @inline vector(x: v128): v128 { return vector.withinCircles(x) ? vector.sine(x, I_ZERO) : farSine(x); }
  @inline scalar<T>(x: T): T { return <T>NativeMath.sin(<f64>x); }
}
export function sin(out: usize, x: usize): void { float1<Sin>(out, x); }

@unmanaged class Cos {
  @inline vector(x: v128): v128 { return vector.withinCircles(x) ? vector.sine(x, I_ONE) : farCosine(x); }
  @inline scalar<T>(x: T): T { return <T>NativeMath.cos(<f64>x); }
}
export function cos(out: usize, x: usize): void { float1<Cos>(out, x); }

@unmanaged class Tan {
  @inline scalar<T>(x: T): T { return <T>NativeMath.tan(<f64>x); }
}
export function tan(out: usize, x: usize): void { float1<Tan>(out, x); }

@unmanaged class Asin {
  @inline scalar<T>(x: T): T { return <T>NativeMath.asin(<f64>x); }
}
export function asin(out: usize, x: usize): void { float1<Asin>(out, x); }

@unmanaged class Acos {
  @inline scalar<T>(x: T): T { return <T>NativeMath.acos(<f64>x); }
}
export function acos(out: usize, x: usize): void { float1<Acos>(out, x); }

@unmanaged class Atan {
  @inline scalar<T>(x: T): T { return <T>NativeMath.atan(<f64>x); }
}
export function atan(out: usize, x: usize): void { float1<Atan>(out, x); }

@unmanaged class Sinh {
  @inline scalar<T>(x: T): T { return <T>NativeMath.sinh(<f64>x); }
}
export function sinh(out: usize, x: usize): void { float1<Sinh>(out, x); }

@unmanaged class Cosh {
  @inline scalar<T>(x: T): T { return <T>NativeMath.cosh(<f64>x); }
}
export function cosh(out: usize, x: usize): void { float1<Cosh>(out, x); }

@unmanaged class Tanh {
  @inline vector(x: v128): v128 { return vector.tanh(x); }
  @inline scalar<T>(x: T): T { return <T>NativeMath.tanh(<f64>x); }
}
export function tanh(out: usize, x: usize): void { float1<Tanh>(out, x); }

@unmanaged class Asinh {
  @inline scalar<T>(x: T): T { return <T>NativeMath.asinh(<f64>x); }
}
export function asinh(out: usize, x: usize): void { float1<Asinh>(out, x); }

@unmanaged class Acosh {
  @inline scalar<T>(x: T): T { return <T>NativeMath.acosh(<f64>x); }
}
export function acosh(out: usize, x: usize): void { float1<Acosh>(out, x); }

@unmanaged class Atanh {
  @inline scalar<T>(x: T): T { return <T>NativeMath.atanh(<f64>x); }
}
export function atanh(out: usize, x: usize): void { float1<Atanh>(out, x); }

@unmanaged class Sigmoid {
  @inline vector(x: v128): v128 { return vector.sigmoid(x); }
  @inline scalar<T>(x: T): T { return <T>(1 / (1 + NativeMath.exp(-<f64>x))); }
}
export function sigmoid(out: usize, x: usize): void { float1<Sigmoid>(out, x); }

@unmanaged class Erf {
  @inline vector(x: v128): v128 { return vector.erf(x); }
  @inline scalar<T>(x: T): T { return <T>errorFunction(<f64>x); }
}
export function erf(out: usize, x: usize): void { float1<Erf>(out, x); }

@unmanaged class Erfc {
  @inline scalar<T>(x: T): T { return <T>errorComplement(<f64>x); }
}
export function erfc(out: usize, x: usize): void { float1<Erfc>(out, x); }
