/** Orthogonal polynomials of degree n, by their recurrences. n is cut off to a whole number; below 0 they are 0. */
import { float2 } from './dispatch';
import { op } from './loops';

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

/**
 * yₙ of the recurrence of class R, whose `next` gives yₖ₊₁ from yₖ and yₖ₋₁, from y₋₁ = 0 and y₀ = 1; it ends early where
 * NaN has come.
 */
function recurrence<R>(x: f64, degree: f64): f64 {
  const n = trunc<f64>(degree);
  if (!isDegree(n)) return 0;
  if (n >= ENDLESS_DEGREE) return NaN;
  let before: f64 = 0;
  let y: f64 = 1;
  for (let k: f64 = 0; k < n && y == y; k++) {
    const next = op<R>().next(x, y, before, k);
    before = y;
    y = next;
  }
  return y;
}

/** The elementwise operation of a polynomial: P has `at`, its value at x for a degree. */
@unmanaged
class Polynomial<P> {
  @inline scalar<X>(x: X, degree: X): X { return <X>op<P>().at(<f64>x, <f64>degree); }
}

/** P of 2x - 1, on [0, 1]. */
@unmanaged
class Shifted<P> {
  @inline at(x: f64, degree: f64): f64 { return op<P>().at(2 * x - 1, degree); }
}

@unmanaged
class ChebyshevT {
  @inline at(x: f64, degree: f64): f64 { return chebyshevOf(T, x, degree); }
}
@unmanaged
class ChebyshevU {
  @inline at(x: f64, degree: f64): f64 { return chebyshevOf(U, x, degree); }
}
@unmanaged
class ChebyshevV {
  @inline at(x: f64, degree: f64): f64 { return chebyshevOf(V, x, degree); }
}
@unmanaged
class ChebyshevW {
  @inline at(x: f64, degree: f64): f64 { return chebyshevOf(W, x, degree); }
}

/** The polynomial of a recurrence. */
@unmanaged
class Recurrent<R> {
  @inline at(x: f64, degree: f64): f64 { return recurrence<R>(x, degree); }
}

@unmanaged
class HermiteH {
  @inline next(x: f64, y: f64, before: f64, k: f64): f64 { return 2 * (x * y - k * before); }
}
@unmanaged
class HermiteHe {
  @inline next(x: f64, y: f64, before: f64, k: f64): f64 { return x * y - k * before; }
}
@unmanaged
class Laguerre {
  @inline next(x: f64, y: f64, before: f64, k: f64): f64 { return ((2 * k + 1 - x) * y - k * before) / (k + 1); }
}
@unmanaged
class Legendre {
  @inline next(x: f64, y: f64, before: f64, k: f64): f64 { return ((2 * k + 1) * x * y - k * before) / (k + 1); }
}

export function chebyshevPolynomialT(out: usize, x: usize, degree: usize): void {
  float2<Polynomial<ChebyshevT>>(out, x, degree);
}
export function chebyshevPolynomialU(out: usize, x: usize, degree: usize): void {
  float2<Polynomial<ChebyshevU>>(out, x, degree);
}
export function chebyshevPolynomialV(out: usize, x: usize, degree: usize): void {
  float2<Polynomial<ChebyshevV>>(out, x, degree);
}
export function chebyshevPolynomialW(out: usize, x: usize, degree: usize): void {
  float2<Polynomial<ChebyshevW>>(out, x, degree);
}
export function shiftedChebyshevPolynomialT(out: usize, x: usize, degree: usize): void {
  float2<Polynomial<Shifted<ChebyshevT>>>(out, x, degree);
}
export function shiftedChebyshevPolynomialU(out: usize, x: usize, degree: usize): void {
  float2<Polynomial<Shifted<ChebyshevU>>>(out, x, degree);
}
export function shiftedChebyshevPolynomialV(out: usize, x: usize, degree: usize): void {
  float2<Polynomial<Shifted<ChebyshevV>>>(out, x, degree);
}
export function shiftedChebyshevPolynomialW(out: usize, x: usize, degree: usize): void {
  float2<Polynomial<Shifted<ChebyshevW>>>(out, x, degree);
}
export function hermitePolynomialH(out: usize, x: usize, degree: usize): void {
  float2<Polynomial<Recurrent<HermiteH>>>(out, x, degree);
}
export function hermitePolynomialHe(out: usize, x: usize, degree: usize): void {
  float2<Polynomial<Recurrent<HermiteHe>>>(out, x, degree);
}
export function laguerrePolynomialL(out: usize, x: usize, degree: usize): void {
  float2<Polynomial<Recurrent<Laguerre>>>(out, x, degree);
}
export function legendrePolynomialP(out: usize, x: usize, degree: usize): void {
  float2<Polynomial<Recurrent<Legendre>>>(out, x, degree);
}
