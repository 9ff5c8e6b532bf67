/** The normal distribution's functions and the error functions' kin. */
import { chebyshev } from './chebyshev';
import { float1, float2 } from './dispatch';
import { errorComplement, errorFunction } from './error_function';

/** (1 + 2x) erfcx(x), in (x - 3.75) / (x + 3.75) on [-1, 1]. */
const ERFCX: usize = memory.data<f64>([
  1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189, -0.026658668435305753,
  0.009074997670705265, -0.002413163540417608, 0.0004907758365258086, -6.916973302501207e-05, 4.13902798607301e-06,
  7.74038306619849e-07, -2.1886401049234397e-07, 1.076499946567091e-08, 4.521959811218287e-09,
  -7.754400208831351e-10, -6.318088340886684e-11, 2.86879501093067e-11, 1.9455868545777347e-13,
  -9.65469674843344e-13, 3.25254814814874e-14, 3.3478119482868056e-14, -1.864562880419313e-15,
  -1.2507950530688648e-15, 7.418235256624044e-17, 5.068148904796111e-17,
]);
const ERFCX_TERMS = 25;

/** A rational start, then two steps of Newton's method; near ±1 on erfc, where erf has lost its digits. */
function inverseErf(y: f64): f64 {
  const a = abs<f64>(y);
  if (!(a < 1)) return a == 1 ? y * Infinity : NaN;
  const slope = 1.1283791670955125739;
  let x: f64;
  if (a <= 0.7) {
    const z = a * a;
    x =
      (a * (((-0.140543331 * z + 0.914624893) * z - 1.645349621) * z + 0.886226899)) /
      ((((0.012229801 * z - 0.329097515) * z + 1.442710462) * z - 2.118377725) * z + 1);
    for (let i = 0; i < 2; i++) x -= (errorFunction(x) - a) / (slope * NativeMath.exp(-x * x));
  } else {
    const z = sqrt<f64>(-NativeMath.log((1 - a) / 2));
    x =
      (((1.641345311 * z + 3.429567803) * z - 1.624906493) * z - 1.970840454) /
      ((1.6370678 * z + 3.5438892) * z + 1);
    for (let i = 0; i < 2; i++) x += (errorComplement(x) - (1 - a)) / (slope * NativeMath.exp(-x * x));
  }
  return copysign<f64>(x, y);
}

/** e^(x²) erfc x. */
function scaledErfc(x: f64): f64 {
  if (x >= 0) return x == Infinity ? 0 : chebyshev(ERFCX, ERFCX_TERMS, (x - 3.75) / (x + 3.75)) / (1 + 2 * x);
  if (!(x >= -27)) return x < 0 ? Infinity : x;
  // x² in two parts: the first has so few digits that it is exact.
  const high = floor<f64>(x * 65536) / 65536;
  return 2 * (NativeMath.exp(high * high) * NativeMath.exp((x - high) * (x + high))) - scaledErfc(-x);
}

/** log of the normal distribution's integral to x. */
function logNormal(x: f64): f64 {
  const t = x * 0.7071067811865475244;
  return x < -1 ? NativeMath.log(scaledErfc(-t) / 2) - t * t : NativeMath.log1p(-errorComplement(t) / 2);
}

/** Where log Φ is log p, p ≤ 0.16: Hastings's start, then Newton's method. */
function normalTail(p: f64): f64 {
  const goal = NativeMath.log(p);
  const t = sqrt<f64>(-2 * goal);
  let x = (2.30753 + 0.27061 * t) / (1 + (0.99229 + 0.04481 * t) * t) - t;
  for (let i = 0; i < 4; i++) {
    const ratio = scaledErfc(-x * 0.7071067811865475244);
    x -= (NativeMath.log(ratio / 2) - 0.5 * x * x - goal) * ratio * 1.2533141373155002512; // √(π / 2)
  }
  return x;
}

/** The x whose normal distribution is p. */
function inverseNormal(p: f64): f64 {
  if (!(p > 0 && p < 1)) return p == 0 ? -Infinity : p == 1 ? Infinity : NaN;
  if (p < 0.16) return normalTail(p);
  if (p > 0.84) return -normalTail(1 - p);
  return 1.4142135623730950488 * inverseErf(2 * p - 1);
}

function entropy(x: f64): f64 {
  return x > 0 ? -x * NativeMath.log(x) : x == 0 ? 0 : x < 0 ? -Infinity : x;
}

function xLog1pY(x: f64, y: f64): f64 {
  return y != y ? y : x == 0 ? 0 : x * NativeMath.log1p(y);
}

@unmanaged
class Erfinv {
  @inline scalar<T>(x: T): T { return <T>inverseErf(<f64>x); }
}
export function erfinv(out: usize, x: usize): void { float1<Erfinv>(out, x); }

@unmanaged
class Erfcx {
  @inline scalar<T>(x: T): T { return <T>scaledErfc(<f64>x); }
}
export function erfcx(out: usize, x: usize): void { float1<Erfcx>(out, x); }

@unmanaged
class LogNdtr {
  @inline scalar<T>(x: T): T { return <T>logNormal(<f64>x); }
}
export function logNdtr(out: usize, x: usize): void { float1<LogNdtr>(out, x); }

@unmanaged
class Ndtri {
  @inline scalar<T>(x: T): T { return <T>inverseNormal(<f64>x); }
}
export function ndtri(out: usize, x: usize): void { float1<Ndtri>(out, x); }

@unmanaged
class Entr {
  @inline scalar<T>(x: T): T { return <T>entropy(<f64>x); }
}
export function entr(out: usize, x: usize): void { float1<Entr>(out, x); }

@unmanaged
class Xlog1py {
  @inline scalar<T>(x: T, y: T): T { return <T>xLog1pY(<f64>x, <f64>y); }
}
export function xlog1py(out: usize, x: usize, y: usize): void { float2<Xlog1py>(out, x, y); }
