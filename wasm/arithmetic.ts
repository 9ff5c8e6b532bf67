/**
 * Arithmetic that needs more than an operator. Of integers, x / 0 is 0 and is reported, and the smallest number / -1
 * wraps; the plain instructions would end the call for either.
 */
import { Problem, report } from './descriptor';

/** Whether an integer divisor is zero, which is reported. */
// @ts-ignore: decorator
@inline
function isZero<T>(divisor: T): bool {
  if (divisor != 0) return false;
  report(Problem.zeroDivision, 0, 0);
  return true;
}

/** x / y, rounded towards zero. */
// @ts-ignore: decorator
@inline
export function truncQuotient<T>(x: T, y: T): T {
  if (isFloat<T>()) return trunc<T>(<T>(x / y));
  if (isZero<T>(y)) return 0;
  return isSigned<T>() && y == -1 ? <T>(0 - x) : <T>(x / y);
}

/** x - y · truncQuotient(x, y), with the sign of x. */
// @ts-ignore: decorator
@inline
export function truncRemainder<T>(x: T, y: T): T {
  if (isInteger<T>() && isZero<T>(y)) return 0;
  return <T>(x % y);
}

/** x / y, rounded down. */
export function floorQuotient<T>(x: T, y: T): T {
  if (isInteger<T>()) {
    if (isZero<T>(y)) return 0;
    const quotient = truncQuotient<T>(x, y);
    return x % y != 0 && x < 0 != y < 0 ? <T>(quotient - 1) : quotient;
  }
  // The remainder is exact, so the quotient of what it leaves is whole but for rounding.
  if (y == 0) return <T>(x / y);
  const rest = <T>(x % y);
  let whole = <T>((x - rest) / y);
  if (rest != 0 && y < 0 != rest < 0) whole = <T>(whole - 1);
  if (whole == 0) return copysign<T>(0, <T>(x / y));
  const result = floor<T>(whole);
  return whole - result > <T>0.5 ? <T>(result + 1) : result;
}

/** x - y · floorQuotient(x, y), with the sign of y. */
// @ts-ignore: decorator
@inline
export function floorRemainder<T>(x: T, y: T): T {
  const rest = truncRemainder<T>(x, y);
  return rest != 0 && rest < 0 != y < 0 ? <T>(rest + y) : rest;
}

/** xʸ: 1 to any power is 1, and so is -1 to an infinite one; integers but ±1 to a negative power are 0. */
export function power<T>(x: T, y: T): T {
  if (isFloat<T>()) {
    if (x == 1 || (x == -1 && abs<T>(y) == <T>Infinity)) return 1;
    return <T>NativeMath.pow(<f64>x, <f64>y);
  }
  if (isSigned<T>() && y < 0) return x == 1 ? 1 : x == -1 ? <T>(1 - 2 * (y & 1)) : 0;
  let result: T = 1;
  while (y != 0) {
    if (y & 1) result = <T>(result * x);
    x = <T>(x * x);
    y = <T>(y >> 1);
  }
  return result;
}

/** The float next to x on the way to y. */
export function neighbour<T>(x: T, y: T): T {
  if (x != x || y != y) return <T>(x + y);
  if (x == y) return y;
  if (sizeof<T>() == 4) {
    if (x == 0) return <T>copysign<f32>(reinterpret<f32>(1), <f32>y);
    const bits = reinterpret<u32>(<f32>x);
    return <T>reinterpret<f32>(x < y == x > 0 ? bits + 1 : bits - 1);
  }
  if (x == 0) return <T>copysign<f64>(reinterpret<f64>(<u64>1), <f64>y);
  const bits = reinterpret<u64>(<f64>x);
  return <T>reinterpret<f64>(x < y == x > 0 ? bits + 1 : bits - 1);
}

/** The sign bit of the first of four. */
const FIRST_SIGN: usize = memory.data<u32>([0x80000000, 0]);

/** (a + bi)(c + di) of two halves of vectors. */
// @ts-ignore: decorator
@inline
export function complexProduct(x: v128, y: v128): v128 {
  const real = f32x4.mul(x, v128.shuffle<f32>(y, y, 0, 0, 0, 0));
  const turned = f32x4.mul(v128.shuffle<f32>(x, x, 1, 0, 1, 0), v128.shuffle<f32>(y, y, 1, 1, 1, 1));
  return f32x4.add(real, v128.xor(turned, v128.load64_zero(FIRST_SIGN)));
}

/** (a + bi) / (c + di), in float64, so that nothing overflows on the way. */
// @ts-ignore: decorator
@inline
export function complexQuotient(x: v128, y: v128): v128 {
  const a = <f64>f32x4.extract_lane(x, 0);
  const b = <f64>f32x4.extract_lane(x, 1);
  const c = <f64>f32x4.extract_lane(y, 0);
  const d = <f64>f32x4.extract_lane(y, 1);
  const norm = c * c + d * d;
  return f32x4(<f32>((a * c + b * d) / norm), <f32>((b * c - a * d) / norm), 0, 0);
}
