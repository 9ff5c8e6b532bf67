/** Smooth activations and their gradients. Constants: see parametric.ts. */
import { float1, float2 } from './dispatch';
import { errorFunction } from './error_function';
import { constant, lanes, setConstant } from './parametric';
import { erf, exp, expm1, log1p, sigmoid } from './vector_math';

// @ts-ignore: decorator
@inline
function pick(mask: v128, a: v128, b: v128): v128 { return v128.bitselect(a, b, mask); }

// @ts-ignore: decorator
@inline
function zero(): v128 { return f32x4.splat(0); }

// @ts-ignore: decorator
@inline
function sigmoid64(x: f64): f64 { return 1 / (1 + NativeMath.exp(-x)); }

/** Constants: alpha · scale, scale, inputScale. */
@unmanaged
class Elu {
  @inline vector(x: v128): v128 {
    const negative = f32x4.mul(expm1(f32x4.mul(x, lanes(2))), lanes(0));
    return pick(f32x4.le(x, zero()), negative, f32x4.mul(x, lanes(1)));
  }
  @inline scalar<T>(x: T): T {
    if (!(x <= <T>0)) return x * constant<T>(1);
    return <T>NativeMath.expm1(<f64>(x * constant<T>(2))) * constant<T>(0);
  }
}

/** Constants: alpha · scale · inputScale, scale, inputScale. */
@unmanaged
class EluBackward {
  @inline vector(grad: v128, x: v128): v128 {
    const negative = f32x4.mul(f32x4.mul(grad, exp(f32x4.mul(x, lanes(2)))), lanes(0));
    return pick(f32x4.le(x, zero()), negative, f32x4.mul(grad, lanes(1)));
  }
  @inline scalar<T>(grad: T, x: T): T {
    if (!(x <= <T>0)) return grad * constant<T>(1);
    return grad * <T>NativeMath.exp(<f64>(x * constant<T>(2))) * constant<T>(0);
  }
}

const ROOT_HALF: f64 = 0.7071067811865475244;
const INVERSE_ROOT_2PI: f64 = 0.39894228040143267794;

/** Φ(x). */
// @ts-ignore: decorator
@inline
function normalBelow(x: v128): v128 {
  const y = erf(f32x4.mul(x, f32x4.splat(<f32>ROOT_HALF)));
  return f32x4.mul(f32x4.splat(0.5), f32x4.add(f32x4.splat(1), y));
}

@unmanaged
class Gelu {
  @inline vector(x: v128): v128 { return f32x4.mul(x, normalBelow(x)); }
  @inline scalar<T>(x: T): T { return <T>(<f64>x * 0.5 * (1 + errorFunction(<f64>x * ROOT_HALF))); }
}

@unmanaged
class GeluBackward {
  @inline vector(grad: v128, x: v128): v128 {
    const bell = exp(f32x4.mul(f32x4.mul(f32x4.splat(-0.5), x), x));
    const density = f32x4.mul(bell, f32x4.splat(<f32>INVERSE_ROOT_2PI));
    return f32x4.mul(grad, f32x4.add(normalBelow(x), f32x4.mul(x, density)));
  }
  @inline scalar<T>(grad: T, x: T): T {
    const y = <f64>x;
    const below = 0.5 * (1 + errorFunction(y * ROOT_HALF));
    return <T>(<f64>grad * (below + y * NativeMath.exp(-0.5 * y * y) * INVERSE_ROOT_2PI));
  }
}

const ROOT_2_OVER_PI: f64 = 0.79788456080286535588;
const CUBIC: f64 = 0.044715;

/** ½ (1 + tanh u), u = √(2/π) (x + 0.044715 x³): the sigmoid of 2u. The exponential of its −2u. */
// @ts-ignore: decorator
@inline
function geluExp(x: v128): v128 {
  const cube = f32x4.mul(f32x4.mul(f32x4.mul(f32x4.splat(<f32>CUBIC), x), x), x);
  return exp(f32x4.mul(f32x4.splat(<f32>(-2 * ROOT_2_OVER_PI)), f32x4.add(x, cube)));
}

function geluExp64(x: f64): f64 { return NativeMath.exp(-2 * ROOT_2_OVER_PI * (x + CUBIC * x * x * x)); }

@unmanaged
class GeluTanh {
  @inline vector(x: v128): v128 { return f32x4.div(x, f32x4.add(f32x4.splat(1), geluExp(x))); }
  @inline scalar<T>(x: T): T { return <T>(<f64>x / (1 + geluExp64(<f64>x))); }
}

@unmanaged
class GeluTanhBackward {
  @inline vector(grad: v128, x: v128): v128 {
    const one = f32x4.splat(1);
    const s = f32x4.div(one, f32x4.add(one, geluExp(x)));
    const square = f32x4.mul(f32x4.mul(f32x4.splat(<f32>(3 * CUBIC)), x), x);
    const slope = f32x4.mul(f32x4.splat(<f32>(2 * ROOT_2_OVER_PI)), f32x4.add(one, square));
    const curve = f32x4.mul(f32x4.mul(f32x4.mul(x, s), f32x4.sub(one, s)), slope);
    return f32x4.mul(grad, f32x4.add(s, curve));
  }
  @inline scalar<T>(grad: T, x: T): T {
    const y = <f64>x;
    const s = 1 / (1 + geluExp64(y));
    const slope = 2 * ROOT_2_OVER_PI * (1 + 3 * CUBIC * y * y);
    return <T>(<f64>grad * (s + y * s * (1 - s) * slope));
  }
}

@unmanaged
class Silu {
  @inline vector(x: v128): v128 { return f32x4.div(x, f32x4.add(f32x4.splat(1), exp(f32x4.neg(x)))); }
  @inline scalar<T>(x: T): T { return <T>(<f64>x / (1 + NativeMath.exp(-(<f64>x)))); }
}

@unmanaged
class SiluBackward {
  @inline vector(grad: v128, x: v128): v128 {
    const one = f32x4.splat(1);
    const s = sigmoid(x);
    return f32x4.mul(f32x4.mul(grad, s), f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))));
  }
  @inline scalar<T>(grad: T, x: T): T {
    const s = sigmoid64(<f64>x);
    return <T>(<f64>grad * s * (1 + <f64>x * (1 - s)));
  }
}

/** eˣ for x ≤ 20, from where on {@link tanhOfLog} is 1. */
// @ts-ignore: decorator
@inline
function boundedExp(x: v128): v128 { return exp(f32x4.min(x, f32x4.splat(20))); }

/** tanh(ln(1 + e)). */
// @ts-ignore: decorator
@inline
function tanhOfLog(e: v128): v128 {
  const n = f32x4.mul(e, f32x4.add(e, f32x4.splat(2)));
  return f32x4.div(n, f32x4.add(n, f32x4.splat(2)));
}

function boundedExp64(x: f64): f64 { return NativeMath.exp(min(x, 20)); }

function tanhOfLog64(e: f64): f64 {
  const n = e * (e + 2);
  return n / (n + 2);
}

@unmanaged
class Mish {
  @inline vector(x: v128): v128 { return f32x4.mul(x, tanhOfLog(boundedExp(x))); }
  @inline scalar<T>(x: T): T { return <T>(<f64>x * tanhOfLog64(boundedExp64(<f64>x))); }
}

@unmanaged
class MishBackward {
  @inline vector(grad: v128, x: v128): v128 {
    const one = f32x4.splat(1);
    const e = boundedExp(x);
    const t = tanhOfLog(e);
    const sigmoid = f32x4.div(e, f32x4.add(one, e));
    const slope = f32x4.mul(f32x4.mul(x, sigmoid), f32x4.sub(one, f32x4.mul(t, t)));
    return f32x4.mul(grad, f32x4.add(t, slope));
  }
  @inline scalar<T>(grad: T, x: T): T {
    const y = <f64>x;
    const e = boundedExp64(y);
    const t = tanhOfLog64(e);
    return <T>(<f64>grad * (t + y * (e / (1 + e)) * (1 - t * t)));
  }
}

/** Constants: beta, threshold. */
@unmanaged
class Softplus {
  @inline vector(x: v128): v128 {
    const scaled = f32x4.mul(x, lanes(0));
    return pick(f32x4.gt(scaled, lanes(1)), x, f32x4.div(log1p(exp(scaled)), lanes(0)));
  }
  @inline scalar<T>(x: T): T {
    const scaled = <f64>(x * constant<T>(0));
    if (scaled > constant<f64>(1)) return x;
    return <T>(NativeMath.log1p(NativeMath.exp(scaled)) / constant<f64>(0));
  }
}

@unmanaged
class SoftplusBackward {
  @inline vector(grad: v128, x: v128): v128 {
    const scaled = f32x4.mul(x, lanes(0));
    return pick(f32x4.gt(scaled, lanes(1)), grad, f32x4.mul(grad, sigmoid(scaled)));
  }
  @inline scalar<T>(grad: T, x: T): T {
    const scaled = <f64>(x * constant<T>(0));
    return scaled > constant<f64>(1) ? grad : <T>(<f64>grad * sigmoid64(scaled));
  }
}

@unmanaged
class LogSigmoid {
  @inline vector(x: v128): v128 {
    const low = v128.andnot(x, f32x4.gt(x, zero()));
    return f32x4.sub(low, log1p(exp(f32x4.neg(f32x4.abs(x)))));
  }
  @inline scalar<T>(x: T): T {
    const y = <f64>x;
    return <T>((y > 0 ? 0 : y) - NativeMath.log1p(NativeMath.exp(-NativeMath.abs(y))));
  }
}

@unmanaged
class LogSigmoidBackward {
  @inline vector(grad: v128, x: v128): v128 { return f32x4.mul(grad, sigmoid(f32x4.neg(x))); }
  @inline scalar<T>(grad: T, x: T): T { return <T>(<f64>grad * sigmoid64(-(<f64>x))); }
}

export function elu(out: usize, x: usize, alpha: f64, scale: f64, inputScale: f64): void {
  setConstant(0, alpha * scale);
  setConstant(1, scale);
  setConstant(2, inputScale);
  float1<Elu>(out, x);
}

export function eluBackward(out: usize, grad: usize, x: usize, alpha: f64, scale: f64, inputScale: f64): void {
  setConstant(0, alpha * scale * inputScale);
  setConstant(1, scale);
  setConstant(2, inputScale);
  float2<EluBackward>(out, grad, x);
}

export function gelu(out: usize, x: usize): void { float1<Gelu>(out, x); }

export function geluBackward(out: usize, grad: usize, x: usize): void { float2<GeluBackward>(out, grad, x); }

export function geluTanh(out: usize, x: usize): void { float1<GeluTanh>(out, x); }

export function geluTanhBackward(out: usize, grad: usize, x: usize): void { float2<GeluTanhBackward>(out, grad, x); }

export function silu(out: usize, x: usize): void { float1<Silu>(out, x); }

export function siluBackward(out: usize, grad: usize, x: usize): void { float2<SiluBackward>(out, grad, x); }

export function mish(out: usize, x: usize): void { float1<Mish>(out, x); }

export function mishBackward(out: usize, grad: usize, x: usize): void { float2<MishBackward>(out, grad, x); }

export function softplus(out: usize, x: usize, beta: f64, limit: f64): void {
  setConstant(0, beta);
  setConstant(1, limit);
  float1<Softplus>(out, x);
}

export function softplusBackward(out: usize, grad: usize, x: usize, beta: f64, limit: f64): void {
  setConstant(0, beta);
  setConstant(1, limit);
  float2<SoftplusBackward>(out, grad, x);
}

export function logSigmoid(out: usize, x: usize): void { float1<LogSigmoid>(out, x); }

export function logSigmoidBackward(out: usize, grad: usize, x: usize): void {
  float2<LogSigmoidBackward>(out, grad, x);
}
