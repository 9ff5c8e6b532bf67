/** Comparisons, tests and what is chosen by them. */
import { any2, compare, test } from './dispatch';
import { all, INFINITE, magnitude, pick, ZERO } from './vector';

@unmanaged
class Equal {
  @inline
  mask(x: v128, y: v128): v128 {
    return f32x4.eq(x, y);
  }
  @inline
  scalar<T>(x: T, y: T): bool {
    return x == y;
  }
}

export function eq(out: usize, x: usize, y: usize): void {
  compare<Equal>(out, x, y);
}

@unmanaged
class NotEqual {
  @inline
  mask(x: v128, y: v128): v128 {
    return f32x4.ne(x, y);
  }
  @inline
  scalar<T>(x: T, y: T): bool {
    return x != y;
  }
}

export function ne(out: usize, x: usize, y: usize): void {
  compare<NotEqual>(out, x, y);
}

@unmanaged
class Less {
  @inline
  mask(x: v128, y: v128): v128 {
    return f32x4.lt(x, y);
  }
  @inline
  scalar<T>(x: T, y: T): bool {
    return x < y;
  }
}

export function lt(out: usize, x: usize, y: usize): void {
  compare<Less>(out, x, y);
}

@unmanaged
class LessEqual {
  @inline
  mask(x: v128, y: v128): v128 {
    return f32x4.le(x, y);
  }
  @inline
  scalar<T>(x: T, y: T): bool {
    return x <= y;
  }
}

export function le(out: usize, x: usize, y: usize): void {
  compare<LessEqual>(out, x, y);
}

@unmanaged
class Greater {
  @inline
  mask(x: v128, y: v128): v128 {
    return f32x4.gt(x, y);
  }
  @inline
  scalar<T>(x: T, y: T): bool {
    return x > y;
  }
}

export function gt(out: usize, x: usize, y: usize): void {
  compare<Greater>(out, x, y);
}

@unmanaged
class GreaterEqual {
  @inline
  mask(x: v128, y: v128): v128 {
    return f32x4.ge(x, y);
  }
  @inline
  scalar<T>(x: T, y: T): bool {
    return x >= y;
  }
}

export function ge(out: usize, x: usize, y: usize): void {
  compare<GreaterEqual>(out, x, y);
}

@unmanaged
class IsNaN {
  @inline
  mask(x: v128): v128 {
    return f32x4.ne(x, x);
  }
  @inline
  scalar<T>(x: T): bool {
    return x != x;
  }
}

export function isnan(out: usize, x: usize): void {
  test<IsNaN>(out, x);
}

@unmanaged
class IsInfinite {
  @inline
  mask(x: v128): v128 {
    return f32x4.eq(magnitude(x), all(INFINITE));
  }
  @inline
  scalar<T>(x: T): bool {
    return isFloat<T>() ? abs<T>(x) == <T>Infinity : false;
  }
}

export function isinf(out: usize, x: usize): void {
  test<IsInfinite>(out, x);
}

@unmanaged
class IsFinite {
  @inline
  mask(x: v128): v128 {
    return f32x4.lt(magnitude(x), all(INFINITE));
  }
  @inline
  scalar<T>(x: T): bool {
    return isFloat<T>() ? abs<T>(x) < <T>Infinity : true;
  }
}

export function isfinite(out: usize, x: usize): void {
  test<IsFinite>(out, x);
}

@unmanaged
class LogicalNot {
  @inline
  mask(x: v128): v128 {
    return f32x4.eq(x, all(ZERO));
  }
  @inline
  scalar<T>(x: T): bool {
    return x == 0;
  }
}

export function logicalNot(out: usize, x: usize): void {
  test<LogicalNot>(out, x);
}

@unmanaged
class Maximum {
  @inline
  vector(x: v128, y: v128): v128 {
    return pick(f32x4.ne(x, x), x, f32x4.pmax(y, x));
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return x > y || x != x ? x : y;
  }
}

export function maximum(out: usize, x: usize, y: usize): void {
  any2<Maximum>(out, x, y);
}

@unmanaged
class Minimum {
  @inline
  vector(x: v128, y: v128): v128 {
    return pick(f32x4.ne(x, x), x, f32x4.pmin(y, x));
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return x < y || x != x ? x : y;
  }
}

export function minimum(out: usize, x: usize, y: usize): void {
  any2<Minimum>(out, x, y);
}

@unmanaged
class Fmax {
  @inline
  vector(x: v128, y: v128): v128 {
    return pick(f32x4.ne(x, x), y, f32x4.pmax(x, y));
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return x < y || x != x ? y : x;
  }
}

export function fmax(out: usize, x: usize, y: usize): void {
  any2<Fmax>(out, x, y);
}

@unmanaged
class Fmin {
  @inline
  vector(x: v128, y: v128): v128 {
    return pick(f32x4.ne(x, x), y, f32x4.pmin(x, y));
  }
  @inline
  scalar<T>(x: T, y: T): T {
    return y < x || x != x ? y : x;
  }
}

export function fmin(out: usize, x: usize, y: usize): void {
  any2<Fmin>(out, x, y);
}
