/** Circular and hyperbolic functions and their inverses. */
import { float1, float2 } from './dispatch';
import { I_ONE, I_ZERO, sine, tanh as tanhVector, withinCircles } from './vector';

/** Four values one by one in float64, where their magnitude is too large for the vectors' reduction. */
function farSine(x: v128): v128 {
  return f32x4(
    <f32>NativeMath.sin(<f64>f32x4.extract_lane(x, 0)),
    <f32>NativeMath.sin(<f64>f32x4.extract_lane(x, 1)),
    <f32>NativeMath.sin(<f64>f32x4.extract_lane(x, 2)),
    <f32>NativeMath.sin(<f64>f32x4.extract_lane(x, 3)),
  );
}

function farCosine(x: v128): v128 {
  return f32x4(
    <f32>NativeMath.cos(<f64>f32x4.extract_lane(x, 0)),
    <f32>NativeMath.cos(<f64>f32x4.extract_lane(x, 1)),
    <f32>NativeMath.cos(<f64>f32x4.extract_lane(x, 2)),
    <f32>NativeMath.cos(<f64>f32x4.extract_lane(x, 3)),
  );
}

@unmanaged
class Sin {
  @inline
  vector(x: v128): v128 {
    return withinCircles(x) ? sine(x, I_ZERO) : farSine(x);
  }
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.sin(<f64>x);
  }
}

export function sin(out: usize, x: usize): void {
  float1<Sin>(out, x);
}

@unmanaged
class Cos {
  @inline
  vector(x: v128): v128 {
    return withinCircles(x) ? sine(x, I_ONE) : farCosine(x);
  }
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.cos(<f64>x);
  }
}

export function cos(out: usize, x: usize): void {
  float1<Cos>(out, x);
}

@unmanaged
class Tan {
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.tan(<f64>x);
  }
}

export function tan(out: usize, x: usize): void {
  float1<Tan>(out, x);
}

@unmanaged
class Asin {
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.asin(<f64>x);
  }
}

export function asin(out: usize, x: usize): void {
  float1<Asin>(out, x);
}

@unmanaged
class Acos {
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.acos(<f64>x);
  }
}

export function acos(out: usize, x: usize): void {
  float1<Acos>(out, x);
}

@unmanaged
class Atan {
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.atan(<f64>x);
  }
}

export function atan(out: usize, x: usize): void {
  float1<Atan>(out, x);
}

@unmanaged
class Sinh {
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.sinh(<f64>x);
  }
}

export function sinh(out: usize, x: usize): void {
  float1<Sinh>(out, x);
}

@unmanaged
class Cosh {
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.cosh(<f64>x);
  }
}

export function cosh(out: usize, x: usize): void {
  float1<Cosh>(out, x);
}

@unmanaged
class Tanh {
  @inline
  vector(x: v128): v128 {
    return tanhVector(x);
  }
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.tanh(<f64>x);
  }
}

export function tanh(out: usize, x: usize): void {
  float1<Tanh>(out, x);
}

@unmanaged
class Asinh {
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.asinh(<f64>x);
  }
}

export function asinh(out: usize, x: usize): void {
  float1<Asinh>(out, x);
}

@unmanaged
class Acosh {
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.acosh(<f64>x);
  }
}

export function acosh(out: usize, x: usize): void {
  float1<Acosh>(out, x);
}

@unmanaged
class Atanh {
  @inline
  scalar<T>(x: T): T {
    return <T>NativeMath.atanh(<f64>x);
  }
}

export function atanh(out: usize, x: usize): void {
  float1<Atanh>(out, x);
}

@unmanaged
class Atan2 {
  @inline
  scalar<T>(x: T, y: T): T {
    return <T>NativeMath.atan2(<f64>x, <f64>y);
  }
}

export function atan2(out: usize, x: usize, y: usize): void {
  float2<Atan2>(out, x, y);
}

@unmanaged
class Hypot {
  @inline
  scalar<T>(x: T, y: T): T {
    return <T>NativeMath.hypot(<f64>x, <f64>y);
  }
}

export function hypot(out: usize, x: usize, y: usize): void {
  float2<Hypot>(out, x, y);
}
