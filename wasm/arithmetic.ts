/** Elementwise arithmetic. What an operation's class holds is told in `loops.ts`. */
import { any1, any2, float1, float2, number1, number2 } from './dispatch';
import { all, magnitude, negative, ONE, SIGN, ZERO } from './vector';
import { absOf, sqrtOf } from './instructions';

@unmanaged
class Add {
  @inline
  vector(x: v128, y: v128): v128 {
    return f32x4.add(x, y);
  }
  @inline
  complex(x: v128, y: v128): v128 {
    return f32x4.add(x, y);
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return isBoolean<T>() ? <T>(x | y) : <T>(x + y);
  }
}

export function add(out: usize, x: usize, y: usize): void {
  any2<Add>(out, x, y);
}

@unmanaged
class Sub {
  @inline
  vector(x: v128, y: v128): v128 {
    return f32x4.sub(x, y);
  }
  @inline
  complex(x: v128, y: v128): v128 {
    return f32x4.sub(x, y);
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return isBoolean<T>() ? <T>(x ^ y) : <T>(x - y);
  }
}

export function sub(out: usize, x: usize, y: usize): void {
  any2<Sub>(out, x, y);
}

@unmanaged
class Mul {
  @inline
  vector(x: v128, y: v128): v128 {
    return f32x4.mul(x, y);
  }
  @inline
  complex(x: v128, y: v128): v128 {
    const real = f32x4.mul(x, v128.shuffle<f32>(y, y, 0, 0, 0, 0));
    const turned = f32x4.mul(v128.shuffle<f32>(x, x, 1, 0, 1, 0), v128.shuffle<f32>(y, y, 1, 1, 1, 1));
    return f32x4.add(real, v128.xor(turned, v128.load64_zero(SIGN)));
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return isBoolean<T>() ? <T>(x & y) : <T>(x * y);
  }
}

export function mul(out: usize, x: usize, y: usize): void {
  any2<Mul>(out, x, y);
}

@unmanaged
class Div {
  @inline
  vector(x: v128, y: v128): v128 {
    return f32x4.div(x, y);
  }
  @inline
  complex(x: v128, y: v128): v128 {
    // in float64, so that nothing overflows on the way
    const a = <f64>f32x4.extract_lane(x, 0);
    const b = <f64>f32x4.extract_lane(x, 1);
    const c = <f64>f32x4.extract_lane(y, 0);
    const d = <f64>f32x4.extract_lane(y, 1);
    const norm = c * c + d * d;
    return f32x4(<f32>((a * c + b * d) / norm), <f32>((b * c - a * d) / norm), 0, 0);
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return <T>(x / y);
  }
}

export function div(out: usize, x: usize, y: usize): void {
  float2<Div>(out, x, y);
}

@unmanaged
class Neg {
  @inline
  vector(x: v128): v128 {
    return negative(x);
  }
  @inline
  complex(x: v128): v128 {
    return negative(x);
  }
  @inline
  scalar<T>(x: T): T {
    return <T>-x;
  }
}

export function neg(out: usize, x: usize): void {
  number1<Neg>(out, x);
}

@unmanaged
class Abs {
  @inline
  vector(x: v128): v128 {
    return magnitude(x);
  }
  @inline
  scalar<T>(x: T): T {
    return isFloat<T>() ? absOf<T>(x) : isSigned<T>() && x < 0 ? <T>-x : x;
  }
}

export function abs(out: usize, x: usize): void {
  number1<Abs>(out, x);
}

@unmanaged
class Sign {
  @inline
  vector(x: v128): v128 {
    const positive = v128.and(f32x4.lt(all(ZERO), x), all(ONE));
    return f32x4.sub(positive, v128.and(f32x4.lt(x, all(ZERO)), all(ONE)));
  }
  @inline
  scalar<T>(x: T): T {
    return <T>(<T>(x > 0) - <T>(x < 0));
  }
}

export function sign(out: usize, x: usize): void {
  any1<Sign>(out, x);
}

@unmanaged
class Square {
  @inline
  vector(x: v128): v128 {
    return f32x4.mul(x, x);
  }
  @inline
  scalar<T>(x: T): T {
    return <T>(x * x);
  }
}

export function square(out: usize, x: usize): void {
  number1<Square>(out, x);
}

@unmanaged
class Reciprocal {
  @inline
  vector(x: v128): v128 {
    return f32x4.div(all(ONE), x);
  }
  @inline
  scalar<T>(x: T): T {
    return <T>(<T>1 / x);
  }
}

export function reciprocal(out: usize, x: usize): void {
  float1<Reciprocal>(out, x);
}

@unmanaged
class Sqrt {
  @inline
  vector(x: v128): v128 {
    return f32x4.sqrt(x);
  }
  @inline
  scalar<T>(x: T): T {
    return sqrtOf<T>(x);
  }
}

export function sqrt(out: usize, x: usize): void {
  float1<Sqrt>(out, x);
}

@unmanaged
class Rsqrt {
  @inline
  vector(x: v128): v128 {
    return f32x4.div(all(ONE), f32x4.sqrt(x));
  }
  @inline
  scalar<T>(x: T): T {
    return <T>(<T>1 / sqrtOf<T>(x));
  }
}

export function rsqrt(out: usize, x: usize): void {
  float1<Rsqrt>(out, x);
}
