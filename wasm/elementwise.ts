/** Arithmetic on two operands. What an operation's class holds is told in `loops.ts`. */
import { complexProduct, complexQuotient, floorQuotient, floorRemainder, neighbour, power } from './arithmetic';
import { truncQuotient, truncRemainder } from './arithmetic';
import { float2, number2, real2 } from './dispatch';
import { copysignOf } from './instructions';
import { pick, withSign } from './vector';

@unmanaged class Add {
  @inline vector(x: v128, y: v128): v128 { return f32x4.add(x, y); }
  @inline complex(x: v128, y: v128): v128 { return f32x4.add(x, y); }
  @inline scalar<T>(x: T, y: T): T { return isBoolean<T>() ? <T>(x | y) : <T>(x + y); }
}
export function add(out: usize, x: usize, y: usize): void { real2<Add>(out, x, y); }

@unmanaged class Sub {
  @inline vector(x: v128, y: v128): v128 { return f32x4.sub(x, y); }
  @inline complex(x: v128, y: v128): v128 { return f32x4.sub(x, y); }
  @inline scalar<T>(x: T, y: T): T { return isBoolean<T>() ? <T>(x ^ y) : <T>(x - y); }
}
export function sub(out: usize, x: usize, y: usize): void { real2<Sub>(out, x, y); }

@unmanaged class Mul {
  @inline vector(x: v128, y: v128): v128 { return f32x4.mul(x, y); }
  @inline complex(x: v128, y: v128): v128 { return complexProduct(x, y); }
  @inline scalar<T>(x: T, y: T): T { return isBoolean<T>() ? <T>(x & y) : <T>(x * y); }
}
export function mul(out: usize, x: usize, y: usize): void { real2<Mul>(out, x, y); }

@unmanaged class Div {
  @inline vector(x: v128, y: v128): v128 { return f32x4.div(x, y); }
  @inline complex(x: v128, y: v128): v128 { return complexQuotient(x, y); }
  @inline scalar<T>(x: T, y: T): T { return <T>(x / y); }
}
export function div(out: usize, x: usize, y: usize): void { float2<Div>(out, x, y); }

@unmanaged class FloorDivide {
  @inline scalar<T>(x: T, y: T): T { return floorQuotient<T>(x, y); }
}
export function floorDivide(out: usize, x: usize, y: usize): void { number2<FloorDivide>(out, x, y); }

@unmanaged class TruncDivide {
  @inline scalar<T>(x: T, y: T): T { return truncQuotient<T>(x, y); }
}
export function truncDivide(out: usize, x: usize, y: usize): void { number2<TruncDivide>(out, x, y); }

@unmanaged class Remainder {
  @inline scalar<T>(x: T, y: T): T { return floorRemainder<T>(x, y); }
}
export function remainder(out: usize, x: usize, y: usize): void { number2<Remainder>(out, x, y); }

@unmanaged class Fmod {
  @inline scalar<T>(x: T, y: T): T { return truncRemainder<T>(x, y); }
}
export function fmod(out: usize, x: usize, y: usize): void { number2<Fmod>(out, x, y); }

@unmanaged class Maximum {
  @inline vector(x: v128, y: v128): v128 { return pick(f32x4.ne(x, x), x, f32x4.pmax(y, x)); }
  @inline scalar<T>(x: T, y: T): T { return x > y || x != x ? x : y; }
}
export function maximum(out: usize, x: usize, y: usize): void { real2<Maximum>(out, x, y); }

@unmanaged class Minimum {
  @inline vector(x: v128, y: v128): v128 { return pick(f32x4.ne(x, x), x, f32x4.pmin(y, x)); }
  @inline scalar<T>(x: T, y: T): T { return x < y || x != x ? x : y; }
}
export function minimum(out: usize, x: usize, y: usize): void { real2<Minimum>(out, x, y); }

@unmanaged class Fmax {
  @inline vector(x: v128, y: v128): v128 { return pick(f32x4.ne(x, x), y, f32x4.pmax(x, y)); }
  @inline scalar<T>(x: T, y: T): T { return x < y || x != x ? y : x; }
}
export function fmax(out: usize, x: usize, y: usize): void { real2<Fmax>(out, x, y); }

@unmanaged class Fmin {
  @inline vector(x: v128, y: v128): v128 { return pick(f32x4.ne(x, x), y, f32x4.pmin(x, y)); }
  @inline scalar<T>(x: T, y: T): T { return y < x || x != x ? y : x; }
}
export function fmin(out: usize, x: usize, y: usize): void { real2<Fmin>(out, x, y); }

@unmanaged class Pow {
  @inline scalar<T>(x: T, y: T): T { return power<T>(x, y); }
}
export function pow(out: usize, x: usize, y: usize): void { number2<Pow>(out, x, y); }

@unmanaged class Atan2 {
  @inline scalar<T>(x: T, y: T): T { return <T>NativeMath.atan2(<f64>x, <f64>y); }
}
export function atan2(out: usize, x: usize, y: usize): void { float2<Atan2>(out, x, y); }

@unmanaged class Hypot {
  @inline scalar<T>(x: T, y: T): T { return <T>NativeMath.hypot(<f64>x, <f64>y); }
}
export function hypot(out: usize, x: usize, y: usize): void { float2<Hypot>(out, x, y); }

@unmanaged class Copysign {
  @inline vector(x: v128, y: v128): v128 { return withSign(x, y); }
  @inline scalar<T>(x: T, y: T): T { return copysignOf<T>(x, y); }
}
export function copysign(out: usize, x: usize, y: usize): void { float2<Copysign>(out, x, y); }

@unmanaged class Nextafter {
  @inline scalar<T>(x: T, y: T): T { return neighbour<T>(x, y); }
}
export function nextafter(out: usize, x: usize, y: usize): void { float2<Nextafter>(out, x, y); }

// x: the gradient, y: the function's value
@unmanaged class TanhBackward {
  @inline vector(x: v128, y: v128): v128 { return f32x4.mul(x, f32x4.sub(f32x4.splat(1), f32x4.mul(y, y))); }
  @inline scalar<T>(x: T, y: T): T { return <T>(x * (<T>1 - y * y)); }
}
export function tanhBackward(out: usize, x: usize, y: usize): void { float2<TanhBackward>(out, x, y); }

@unmanaged class SigmoidBackward {
  @inline vector(x: v128, y: v128): v128 { return f32x4.mul(f32x4.mul(x, f32x4.sub(f32x4.splat(1), y)), y); }
  @inline scalar<T>(x: T, y: T): T { return <T>(x * (<T>1 - y) * y); }
}
export function sigmoidBackward(out: usize, x: usize, y: usize): void { float2<SigmoidBackward>(out, x, y); }
