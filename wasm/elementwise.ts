/** Elementwise kernels: arithmetic and comparison. */
import { expVector } from './vector';
import { compare, float1, float2, number1, number2 } from './loops';

@unmanaged
class Add {
  @inline
  vector(x: v128, y: v128): v128 {
    return f32x4.add(x, y);
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return isBoolean<T>() ? <T>(x | y) : <T>(x + y);
  }
}

@unmanaged
class Sub {
  @inline
  vector(x: v128, y: v128): v128 {
    return f32x4.sub(x, y);
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return isBoolean<T>() ? <T>(x ^ y) : <T>(x - y);
  }
}

@unmanaged
class Mul {
  @inline
  vector(x: v128, y: v128): v128 {
    return f32x4.mul(x, y);
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return isBoolean<T>() ? <T>(x & y) : <T>(x * y);
  }
}

@unmanaged
class Div {
  @inline
  vector(x: v128, y: v128): v128 {
    return f32x4.div(x, y);
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return <T>(x / y);
  }
}

@unmanaged
class Neg {
  @inline
  vector(x: v128): v128 {
    return f32x4.neg(x);
  }
  @inline
  scalar<T>(x: T): T {
    return isBoolean<T>() ? x : <T>-x;
  }
}

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

@unmanaged
class Equal {
  @inline
  scalar<T>(x: T, y: T): bool {
    return x == y;
  }
}

@unmanaged
class Less {
  @inline
  scalar<T>(x: T, y: T): bool {
    return x < y;
  }
}

@unmanaged
class LessEqual {
  @inline
  scalar<T>(x: T, y: T): bool {
    return x <= y;
  }
}

export function add(out: usize, x: usize, y: usize): void {
  number2<Add>(out, x, y);
}

export function sub(out: usize, x: usize, y: usize): void {
  number2<Sub>(out, x, y);
}

export function mul(out: usize, x: usize, y: usize): void {
  number2<Mul>(out, x, y);
}

export function div(out: usize, x: usize, y: usize): void {
  float2<Div>(out, x, y);
}

export function neg(out: usize, x: usize): void {
  number1<Neg>(out, x);
}

export function exp(out: usize, x: usize): void {
  float1<Exp>(out, x);
}

export function eq(out: usize, x: usize, y: usize): void {
  compare<Equal>(out, x, y);
}

export function lt(out: usize, x: usize, y: usize): void {
  compare<Less>(out, x, y);
}

export function le(out: usize, x: usize, y: usize): void {
  compare<LessEqual>(out, x, y);
}
