/** Orthogonal polynomials of degree n, by their recurrences. n is cut off to a whole number; below 0 they are 0. */
import { float2 } from './dispatch';

/** Chebyshev's polynomials of the first to the fourth kind. */
const T = 0;
const U = 1;
const V = 2;
const W = 3;

/** At x = 1; at -1 by parity: U is as T, V and W change places. */
function atOne(kind: i32, n: f64): f64 {
  return kind == U ? n + 1 : kind == W ? 2 * n + 1 : 1;
}

function atMinusOne(kind: i32, n: f64): f64 {
  const size = kind == U ? n + 1 : kind == V ? 2 * n + 1 : 1;
  return n % 2 == 0 ? size : -size;
}

/** The polynomial at cos θ. */
function ofAngle(kind: i32, theta: f64, n: f64): f64 {
  if (kind == T) return NativeMath.cos(n * theta);
  if (kind == U) return NativeMath.sin((n + 1) * theta) / NativeMath.sin(theta);
  if (kind == V) return NativeMath.cos((n + 0.5) * theta) / NativeMath.cos(theta / 2);
  return NativeMath.sin((n + 0.5) * theta) / NativeMath.sin(theta / 2);
}

/** The polynomial at cosh θ, θ > 0. */
function ofHyperbolicAngle(kind: i32, theta: f64, n: f64): f64 {
  if (kind == T) return NativeMath.cosh(n * theta);
  if (kind == U) return NativeMath.sinh((n + 1) * theta) / NativeMath.sinh(theta);
  if (kind == V) return NativeMath.cosh((n + 0.5) * theta) / NativeMath.cosh(theta / 2);
  return NativeMath.sinh((n + 0.5) * theta) / NativeMath.sinh(theta / 2);
}

/** |x| > 1 and a degree that its recurrence would be long for; NaN where it overflows, as the recurrence has it. */
function farChebyshev(kind: i32, x: f64, n: f64): f64 {
  const mirrored = kind == V ? W : kind == W ? V : kind;
  const y = ofHyperbolicAngle(x > 0 ? kind : mirrored, NativeMath.acosh(abs<f64>(x)), n);
  return y < Infinity ? (x < 0 && n % 2 != 0 ? -y : y) : NaN;
}

/** A degree that a polynomial has: a whole number from 0 on. Others, NaN among them, count as none. */
function isDegree(n: f64): bool {
  return n >= 0 && n < 9223372036854775808.0;
}

function chebyshevOf(kind: i32, x: f64, degree: f64): f64 {
  const n = trunc<f64>(degree);
  if (!isDegree(n)) return 0;
  if (n == 0) return 1;
  if (x == 1) return atOne(kind, n);
  if (x == -1) return atMinusOne(kind, n);
  if (n > 8 && abs<f64>(x) < 1) return ofAngle(kind, NativeMath.acos(x), n);
  if (n > 1000) return farChebyshev(kind, x, n);
  let before: f64 = 1;
  let y: f64 = kind == T ? x : kind == U ? 2 * x : kind == V ? 2 * x - 1 : 2 * x + 1;
  for (let k: f64 = 1; k < n && y == y; k++) {
    const next = 2 * x * y - before;
    before = y;
    y = next;
  }
  return y;
}

/** The degree from which on a recurrence takes too long: its result is NaN. */
const ENDLESS_DEGREE: f64 = 33554432;

/** The recurrences below give yₖ₊₁ from yₖ and yₖ₋₁, and end early where NaN has come. */
function hermiteH(x: f64, degree: f64): f64 {
  const n = trunc<f64>(degree);
  if (!isDegree(n)) return 0;
  if (n >= ENDLESS_DEGREE) return NaN;
  let before: f64 = 0;
  let y: f64 = 1;
  for (let k: f64 = 0; k < n && y == y; k++) {
    const next = 2 * (x * y - k * before);
    before = y;
    y = next;
  }
  return y;
}

function hermiteHe(x: f64, degree: f64): f64 {
  const n = trunc<f64>(degree);
  if (!isDegree(n)) return 0;
  if (n >= ENDLESS_DEGREE) return NaN;
  let before: f64 = 0;
  let y: f64 = 1;
  for (let k: f64 = 0; k < n && y == y; k++) {
    const next = x * y - k * before;
    before = y;
    y = next;
  }
  return y;
}

function laguerre(x: f64, degree: f64): f64 {
  const n = trunc<f64>(degree);
  if (!isDegree(n)) return 0;
  if (n >= ENDLESS_DEGREE) return NaN;
  let before: f64 = 0;
  let y: f64 = 1;
  for (let k: f64 = 0; k < n && y == y; k++) {
    const next = ((2 * k + 1 - x) * y - k * before) / (k + 1);
    before = y;
    y = next;
  }
  return y;
}

function legendre(x: f64, degree: f64): f64 {
  const n = trunc<f64>(degree);
  if (!isDegree(n)) return 0;
  if (n >= ENDLESS_DEGREE) return NaN;
  let before: f64 = 0;
  let y: f64 = 1;
  for (let k: f64 = 0; k < n && y == y; k++) {
    const next = ((2 * k + 1) * x * y - k * before) / (k + 1);
    before = y;
    y = next;
  }
  return y;
}

@unmanaged
class ChebyshevPolynomialT {
  @inline scalar<X>(x: X, y: X): X { return <X>chebyshevOf(T, <f64>x, <f64>y); }
}
export function chebyshevPolynomialT(out: usize, x: usize, y: usize): void {
  float2<ChebyshevPolynomialT>(out, x, y);
}

@unmanaged
class ChebyshevPolynomialU {
  @inline scalar<X>(x: X, y: X): X { return <X>chebyshevOf(U, <f64>x, <f64>y); }
}
export function chebyshevPolynomialU(out: usize, x: usize, y: usize): void {
  float2<ChebyshevPolynomialU>(out, x, y);
}

@unmanaged
class ChebyshevPolynomialV {
  @inline scalar<X>(x: X, y: X): X { return <X>chebyshevOf(V, <f64>x, <f64>y); }
}
export function chebyshevPolynomialV(out: usize, x: usize, y: usize): void {
  float2<ChebyshevPolynomialV>(out, x, y);
}

@unmanaged
class ChebyshevPolynomialW {
  @inline scalar<X>(x: X, y: X): X { return <X>chebyshevOf(W, <f64>x, <f64>y); }
}
export function chebyshevPolynomialW(out: usize, x: usize, y: usize): void {
  float2<ChebyshevPolynomialW>(out, x, y);
}

@unmanaged
class ShiftedChebyshevPolynomialT {
  @inline scalar<X>(x: X, y: X): X { return <X>chebyshevOf(T, 2 * <f64>x - 1, <f64>y); }
}
export function shiftedChebyshevPolynomialT(out: usize, x: usize, y: usize): void {
  float2<ShiftedChebyshevPolynomialT>(out, x, y);
}

@unmanaged
class ShiftedChebyshevPolynomialU {
  @inline scalar<X>(x: X, y: X): X { return <X>chebyshevOf(U, 2 * <f64>x - 1, <f64>y); }
}
export function shiftedChebyshevPolynomialU(out: usize, x: usize, y: usize): void {
  float2<ShiftedChebyshevPolynomialU>(out, x, y);
}

@unmanaged
class ShiftedChebyshevPolynomialV {
  @inline scalar<X>(x: X, y: X): X { return <X>chebyshevOf(V, 2 * <f64>x - 1, <f64>y); }
}
export function shiftedChebyshevPolynomialV(out: usize, x: usize, y: usize): void {
  float2<ShiftedChebyshevPolynomialV>(out, x, y);
}

@unmanaged
class ShiftedChebyshevPolynomialW {
  @inline scalar<X>(x: X, y: X): X { return <X>chebyshevOf(W, 2 * <f64>x - 1, <f64>y); }
}
export function shiftedChebyshevPolynomialW(out: usize, x: usize, y: usize): void {
  float2<ShiftedChebyshevPolynomialW>(out, x, y);
}

@unmanaged
class HermitePolynomialH {
  @inline scalar<T>(x: T, y: T): T { return <T>hermiteH(<f64>x, <f64>y); }
}
export function hermitePolynomialH(out: usize, x: usize, y: usize): void { float2<HermitePolynomialH>(out, x, y); }

@unmanaged
class HermitePolynomialHe {
  @inline scalar<T>(x: T, y: T): T { return <T>hermiteHe(<f64>x, <f64>y); }
}
export function hermitePolynomialHe(out: usize, x: usize, y: usize): void { float2<HermitePolynomialHe>(out, x, y); }

@unmanaged
class LaguerrePolynomialL {
  @inline scalar<T>(x: T, y: T): T { return <T>laguerre(<f64>x, <f64>y); }
}
export function laguerrePolynomialL(out: usize, x: usize, y: usize): void { float2<LaguerrePolynomialL>(out, x, y); }

@unmanaged
class LegendrePolynomialP {
  @inline scalar<T>(x: T, y: T): T { return <T>legendre(<f64>x, <f64>y); }
}
export function legendrePolynomialP(out: usize, x: usize, y: usize): void { float2<LegendrePolynomialP>(out, x, y); }
