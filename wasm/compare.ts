/** Comparisons, predicates and bits. What an operation's class holds is told in `loops.ts`. */
import { bits1, bits2, compare, integer2, predicate } from './dispatch';
import { absOf } from './instructions';
import { all, INFINITE, magnitude, ZERO } from './vector';

/** Of a complex number's two halves, whether both are so, or either, in the first. */
// @ts-ignore: decorator
@inline
function both(mask: v128): v128 { return v128.and(mask, v128.shuffle<f32>(mask, mask, 1, 1, 1, 1)); }
// @ts-ignore: decorator
@inline
function either(mask: v128): v128 { return v128.or(mask, v128.shuffle<f32>(mask, mask, 1, 1, 1, 1)); }

@unmanaged class Equal {
  @inline mask(x: v128, y: v128): v128 { return f32x4.eq(x, y); }
  @inline complex(x: v128, y: v128): v128 { return both(f32x4.eq(x, y)); }
  @inline scalar<T>(x: T, y: T): bool { return x == y; }
}
export function eq(out: usize, x: usize, y: usize): void { compare<Equal>(out, x, y); }

@unmanaged class NotEqual {
  @inline mask(x: v128, y: v128): v128 { return f32x4.ne(x, y); }
  @inline complex(x: v128, y: v128): v128 { return either(f32x4.ne(x, y)); }
  @inline scalar<T>(x: T, y: T): bool { return x != y; }
}
export function ne(out: usize, x: usize, y: usize): void { compare<NotEqual>(out, x, y); }

@unmanaged class Less {
  @inline mask(x: v128, y: v128): v128 { return f32x4.lt(x, y); }
  @inline scalar<T>(x: T, y: T): bool { return x < y; }
}
export function lt(out: usize, x: usize, y: usize): void { compare<Less>(out, x, y); }

@unmanaged class LessEqual {
  @inline mask(x: v128, y: v128): v128 { return f32x4.le(x, y); }
  @inline scalar<T>(x: T, y: T): bool { return x <= y; }
}
export function le(out: usize, x: usize, y: usize): void { compare<LessEqual>(out, x, y); }

@unmanaged class Greater {
  @inline mask(x: v128, y: v128): v128 { return f32x4.gt(x, y); }
  @inline scalar<T>(x: T, y: T): bool { return x > y; }
}
export function gt(out: usize, x: usize, y: usize): void { compare<Greater>(out, x, y); }

@unmanaged class GreaterEqual {
  @inline mask(x: v128, y: v128): v128 { return f32x4.ge(x, y); }
  @inline scalar<T>(x: T, y: T): bool { return x >= y; }
}
export function ge(out: usize, x: usize, y: usize): void { compare<GreaterEqual>(out, x, y); }

@unmanaged class LogicalNot {
  @inline mask(x: v128): v128 { return f32x4.eq(x, all(ZERO)); }
  @inline complex(x: v128): v128 { return both(f32x4.eq(x, all(ZERO))); }
  @inline scalar<T>(x: T): bool { return x == 0; }
}
export function logicalNot(out: usize, x: usize): void { predicate<LogicalNot>(out, x); }

@unmanaged class IsNaN {
  @inline mask(x: v128): v128 { return f32x4.ne(x, x); }
  @inline complex(x: v128): v128 { return either(f32x4.ne(x, x)); }
  @inline scalar<T>(x: T): bool { return x != x; }
}
export function isnan(out: usize, x: usize): void { predicate<IsNaN>(out, x); }

@unmanaged class IsInfinite {
  @inline mask(x: v128): v128 { return f32x4.eq(magnitude(x), all(INFINITE)); }
  @inline complex(x: v128): v128 { return either(f32x4.eq(magnitude(x), all(INFINITE))); }
  @inline scalar<T>(x: T): bool { return isFloat<T>() ? absOf<T>(x) == <T>Infinity : false; }
}
export function isinf(out: usize, x: usize): void { predicate<IsInfinite>(out, x); }

@unmanaged class IsFinite {
  @inline mask(x: v128): v128 { return f32x4.lt(magnitude(x), all(INFINITE)); }
  @inline complex(x: v128): v128 { return both(f32x4.lt(magnitude(x), all(INFINITE))); }
  @inline scalar<T>(x: T): bool { return isFloat<T>() ? absOf<T>(x) < <T>Infinity : true; }
}
export function isfinite(out: usize, x: usize): void { predicate<IsFinite>(out, x); }

@unmanaged class BitwiseNot {
  @inline scalar<T>(x: T): T { return isBoolean<T>() ? <T>!x : <T>~x; }
}
export function bitwiseNot(out: usize, x: usize): void { bits1<BitwiseNot>(out, x); }

@unmanaged class BitwiseAnd {
  @inline scalar<T>(x: T, y: T): T { return <T>(x & y); }
}
export function bitwiseAnd(out: usize, x: usize, y: usize): void { bits2<BitwiseAnd>(out, x, y); }

@unmanaged class BitwiseOr {
  @inline scalar<T>(x: T, y: T): T { return <T>(x | y); }
}
export function bitwiseOr(out: usize, x: usize, y: usize): void { bits2<BitwiseOr>(out, x, y); }

@unmanaged class BitwiseXor {
  @inline scalar<T>(x: T, y: T): T { return <T>(x ^ y); }
}
export function bitwiseXor(out: usize, x: usize, y: usize): void { bits2<BitwiseXor>(out, x, y); }

@unmanaged class BitwiseLeftShift {
  @inline scalar<T>(x: T, y: T): T { return <u64>y < sizeof<T>() * 8 ? <T>(x << y) : 0; }
}
export function bitwiseLeftShift(out: usize, x: usize, y: usize): void { integer2<BitwiseLeftShift>(out, x, y); }

@unmanaged class BitwiseRightShift {
  @inline scalar<T>(x: T, y: T): T {
    if (<u64>y < sizeof<T>() * 8) return <T>(x >> y);
    return isSigned<T>() ? <T>(x >> <T>(sizeof<T>() * 8 - 1)) : 0;
  }
}
export function bitwiseRightShift(out: usize, x: usize, y: usize): void { integer2<BitwiseRightShift>(out, x, y); }
