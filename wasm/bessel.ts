/**
 * Bessel functions of order 0 and 1, and Airy's. Near 0 they are Chebyshev series of what is smooth in them; far from it
 * an amplitude and a phase, or a power times an exponential.
 */
import * as table from './bessel_tables';
import { chebyshev } from './chebyshev';
import { float1 } from './dispatch';

/** √(2/πx) (P cos w - Q sin w), where `along` is √2 cos w and `across` √2 sin w; x > 8. */
function waveJ(p: f64, q: f64, along: f64, across: f64, x: f64): f64 {
  return (p * along - q * (8 / x) * across) / sqrt<f64>(NativeMath.PI * x);
}

/** √(2/πx) (P sin w + Q cos w). */
function waveY(p: f64, q: f64, along: f64, across: f64, x: f64): f64 {
  return waveJ(p, q, across, -along, x);
}

/** The two amplitudes at x > 8, of order 0 and 1. */
function p0(x: f64): f64 { return chebyshev(table.P0, table.P0_TERMS, 128 / x / x - 1); }
function q0(x: f64): f64 { return chebyshev(table.Q0, table.Q0_TERMS, 128 / x / x - 1); }
function p1(x: f64): f64 { return chebyshev(table.P1, table.P1_TERMS, 128 / x / x - 1); }
function q1(x: f64): f64 { return chebyshev(table.Q1, table.Q1_TERMS, 128 / x / x - 1); }

/** x² - r², the root in two parts. */
function aroundRoot(x: f64, root: f64, rest: f64): f64 {
  return (x - root - rest) * (x + root);
}

function j0(x: f64): f64 {
  const a = abs<f64>(x);
  if (a > 8) {
    const s = NativeMath.sin(a);
    const c = NativeMath.cos(a);
    return waveJ(p0(a), q0(a), c + s, s - c, a);
  }
  const roots =
    aroundRoot(a, 2.404825557695773, -1.176691651530894e-16) * aroundRoot(a, 5.520078110286311, 8.088597146146722e-17);
  return roots * chebyshev(table.J0, table.J0_TERMS, (x * x) / 32 - 1);
}

function j1(x: f64): f64 {
  const a = abs<f64>(x);
  if (a > 8) {
    const s = NativeMath.sin(a);
    const c = NativeMath.cos(a);
    return copysign<f64>(1, x) * waveJ(p1(a), q1(a), s - c, -s - c, a);
  }
  const roots =
    aroundRoot(a, 3.8317059702075125, -1.5269184090088067e-16) *
    aroundRoot(a, 7.015586669815619, -9.414165653410389e-17);
  return x * roots * chebyshev(table.J1, table.J1_TERMS, (x * x) / 32 - 1);
}

function y0(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x > 8) {
    const s = NativeMath.sin(x);
    const c = NativeMath.cos(x);
    return waveY(p0(x), q0(x), c + s, s - c, x);
  }
  return chebyshev(table.Y0, table.Y0_TERMS, (x * x) / 32 - 1) + (2 / NativeMath.PI) * NativeMath.log(x) * j0(x);
}

function y1(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x > 8) {
    const s = NativeMath.sin(x);
    const c = NativeMath.cos(x);
    return waveY(p1(x), q1(x), s - c, -s - c, x);
  }
  const smooth = x * chebyshev(table.Y1, table.Y1_TERMS, (x * x) / 32 - 1);
  return smooth + (2 / NativeMath.PI) * (NativeMath.log(x) * j1(x) - 1 / x);
}

/** e^-|x| I₀(x). */
function scaledI0(x: f64): f64 {
  const a = abs<f64>(x);
  if (a <= 8) return chebyshev(table.I0_NEAR, table.I0_NEAR_TERMS, a / 4 - 1);
  return chebyshev(table.I0_FAR, table.I0_FAR_TERMS, 16 / a - 1) / sqrt<f64>(a);
}

/** e^-|x| I₁(x). */
function scaledI1(x: f64): f64 {
  const a = abs<f64>(x);
  const y =
    a <= 8
      ? a * chebyshev(table.I1_NEAR, table.I1_NEAR_TERMS, a / 4 - 1)
      : chebyshev(table.I1_FAR, table.I1_FAR_TERMS, 16 / a - 1) / sqrt<f64>(a);
  return x < 0 ? -y : y;
}

/** y e^|x|, in two steps: the exponential alone may overflow where the product does not. */
function unscaled(y: f64, x: f64): f64 {
  const half = NativeMath.exp(abs<f64>(x) / 2);
  return y * half * half;
}

function besselI0(x: f64): f64 { return unscaled(scaledI0(x), x); }
function besselI1(x: f64): f64 { return unscaled(scaledI1(x), x); }

/** K₀ and K₁ for 0 < x ≤ 2, and times √x eˣ beyond. */
function nearK0(x: f64): f64 {
  return chebyshev(table.K0_NEAR, table.K0_NEAR_TERMS, (x * x) / 2 - 1) - NativeMath.log(x / 2) * besselI0(x);
}
function nearK1(x: f64): f64 {
  return chebyshev(table.K1_NEAR, table.K1_NEAR_TERMS, (x * x) / 2 - 1) / x + NativeMath.log(x / 2) * besselI1(x);
}
function farK0(x: f64): f64 { return chebyshev(table.K0_FAR, table.K0_FAR_TERMS, 4 / x - 1); }
function farK1(x: f64): f64 { return chebyshev(table.K1_FAR, table.K1_FAR_TERMS, 4 / x - 1); }

function k0(x: f64): f64 {
  if (x <= 2) return x > 0 ? nearK0(x) : x == 0 ? Infinity : NaN;
  return (NativeMath.exp(-x) * farK0(x)) / sqrt<f64>(x);
}
function k1(x: f64): f64 {
  if (x <= 2) return x > 0 ? nearK1(x) : x == 0 ? Infinity : NaN;
  return (NativeMath.exp(-x) * farK1(x)) / sqrt<f64>(x);
}
function scaledK0(x: f64): f64 {
  if (x <= 2) return x > 0 ? NativeMath.exp(x) * nearK0(x) : x == 0 ? Infinity : NaN;
  return farK0(x) / sqrt<f64>(x);
}
function scaledK1(x: f64): f64 {
  if (x <= 2) return x > 0 ? NativeMath.exp(x) * nearK1(x) : x == 0 ? Infinity : NaN;
  return farK1(x) / sqrt<f64>(x);
}

/** sin x / x. */
function sphericalJ0(x: f64): f64 {
  return x == 0 ? 1 : abs<f64>(x) == Infinity ? 0 : NativeMath.sin(x) / x;
}

/** ⅔ x^(3/2) at 2 and at 4. */
const ZETA_2: f64 = 1.8856180831641267317;
const ZETA_4: f64 = 5.3333333333333333333;

function airy(x: f64): f64 {
  if (!(abs<f64>(x) < Infinity)) return NaN;
  if (x < -4) {
    const a = -x;
    const zeta = a * sqrt<f64>(a) * (2.0 / 3);
    const ratio = ZETA_4 / zeta;
    const t = 2 * ratio * ratio - 1;
    const s = NativeMath.sin(zeta);
    const c = NativeMath.cos(zeta);
    const f = chebyshev(table.AIRY_F, table.AIRY_F_TERMS, t);
    const g = chebyshev(table.AIRY_G, table.AIRY_G_TERMS, t);
    return ((s + c) * f - (c - s) * ratio * g) / (sqrt<f64>(2 * NativeMath.PI) * sqrt<f64>(sqrt<f64>(a)));
  }
  // The first zero in two parts.
  if (x < 2) {
    return (x + 2.338107410459767 + 3.912260409818305e-17) * chebyshev(table.AIRY_NEAR, table.AIRY_NEAR_TERMS, (x + 1) / 3);
  }
  const zeta = x * sqrt<f64>(x) * (2.0 / 3);
  const series = chebyshev(table.AIRY_RIGHT, table.AIRY_RIGHT_TERMS, (2 * ZETA_2) / zeta - 1);
  return (NativeMath.exp(-zeta) * series) / sqrt<f64>(sqrt<f64>(x));
}

@unmanaged
class BesselJ0 {
  @inline scalar<T>(x: T): T { return <T>j0(<f64>x); }
}
export function besselJ0(out: usize, x: usize): void { float1<BesselJ0>(out, x); }

@unmanaged
class BesselJ1 {
  @inline scalar<T>(x: T): T { return <T>j1(<f64>x); }
}
export function besselJ1(out: usize, x: usize): void { float1<BesselJ1>(out, x); }

@unmanaged
class BesselY0 {
  @inline scalar<T>(x: T): T { return <T>y0(<f64>x); }
}
export function besselY0(out: usize, x: usize): void { float1<BesselY0>(out, x); }

@unmanaged
class BesselY1 {
  @inline scalar<T>(x: T): T { return <T>y1(<f64>x); }
}
export function besselY1(out: usize, x: usize): void { float1<BesselY1>(out, x); }

@unmanaged
class I0 {
  @inline scalar<T>(x: T): T { return <T>besselI0(<f64>x); }
}
export function i0(out: usize, x: usize): void { float1<I0>(out, x); }

@unmanaged
class I0e {
  @inline scalar<T>(x: T): T { return <T>scaledI0(<f64>x); }
}
export function i0e(out: usize, x: usize): void { float1<I0e>(out, x); }

@unmanaged
class I1 {
  @inline scalar<T>(x: T): T { return <T>besselI1(<f64>x); }
}
export function i1(out: usize, x: usize): void { float1<I1>(out, x); }

@unmanaged
class I1e {
  @inline scalar<T>(x: T): T { return <T>scaledI1(<f64>x); }
}
export function i1e(out: usize, x: usize): void { float1<I1e>(out, x); }

@unmanaged
class ModifiedBesselK0 {
  @inline scalar<T>(x: T): T { return <T>k0(<f64>x); }
}
export function modifiedBesselK0(out: usize, x: usize): void { float1<ModifiedBesselK0>(out, x); }

@unmanaged
class ModifiedBesselK1 {
  @inline scalar<T>(x: T): T { return <T>k1(<f64>x); }
}
export function modifiedBesselK1(out: usize, x: usize): void { float1<ModifiedBesselK1>(out, x); }

@unmanaged
class ScaledModifiedBesselK0 {
  @inline scalar<T>(x: T): T { return <T>scaledK0(<f64>x); }
}
export function scaledModifiedBesselK0(out: usize, x: usize): void { float1<ScaledModifiedBesselK0>(out, x); }

@unmanaged
class ScaledModifiedBesselK1 {
  @inline scalar<T>(x: T): T { return <T>scaledK1(<f64>x); }
}
export function scaledModifiedBesselK1(out: usize, x: usize): void { float1<ScaledModifiedBesselK1>(out, x); }

@unmanaged
class SphericalBesselJ0 {
  @inline scalar<T>(x: T): T { return <T>sphericalJ0(<f64>x); }
}
export function sphericalBesselJ0(out: usize, x: usize): void { float1<SphericalBesselJ0>(out, x); }

@unmanaged
class AiryAi {
  @inline scalar<T>(x: T): T { return <T>airy(<f64>x); }
}
export function airyAi(out: usize, x: usize): void { float1<AiryAi>(out, x); }
