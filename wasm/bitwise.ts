/** Bitwise operations. A shift by a negative count, or by more bits than there are, shifts everything out. */
import { bits1, bits2, integer2 } from './dispatch';

@unmanaged
class BitwiseNot {
  @inline
  scalar<T>(x: T): T {
    return isBoolean<T>() ? <T>!x : <T>~x;
  }
}

export function bitwiseNot(out: usize, x: usize): void {
  bits1<BitwiseNot>(out, x);
}

@unmanaged
class BitwiseAnd {
  @inline
  scalar<T>(x: T, y: T): T {
    return <T>(x & y);
  }
}

export function bitwiseAnd(out: usize, x: usize, y: usize): void {
  bits2<BitwiseAnd>(out, x, y);
}

@unmanaged
class BitwiseOr {
  @inline
  scalar<T>(x: T, y: T): T {
    return <T>(x | y);
  }
}

export function bitwiseOr(out: usize, x: usize, y: usize): void {
  bits2<BitwiseOr>(out, x, y);
}

@unmanaged
class BitwiseXor {
  @inline
  scalar<T>(x: T, y: T): T {
    return <T>(x ^ y);
  }
}

export function bitwiseXor(out: usize, x: usize, y: usize): void {
  bits2<BitwiseXor>(out, x, y);
}

@unmanaged
class BitwiseLeftShift {
  @inline
  scalar<T>(x: T, y: T): T {
    return <u64>y < sizeof<T>() * 8 ? <T>(x << y) : 0;
  }
}

export function bitwiseLeftShift(out: usize, x: usize, y: usize): void {
  integer2<BitwiseLeftShift>(out, x, y);
}

@unmanaged
class BitwiseRightShift {
  @inline
  scalar<T>(x: T, y: T): T {
    return <u64>y < sizeof<T>() * 8 ? <T>(x >> y) : isSigned<T>() ? <T>(x >> <T>(sizeof<T>() * 8 - 1)) : 0;
  }
}

export function bitwiseRightShift(out: usize, x: usize, y: usize): void {
  integer2<BitwiseRightShift>(out, x, y);
}
