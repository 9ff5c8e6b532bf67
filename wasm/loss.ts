/** Losses element by element, and their gradients; reductions are sums of what these give. */
import { DType, dtypeOf, Problem, report, unsupported } from './descriptor';
import { float2, float3 } from './dispatch';
import { absOf } from './instructions';
import { begin3, next, pointer } from './iterator';
import { getPart, putPart, width } from './lanes';
import { op } from './loops';
import { constant, lanes, setConstant } from './parametric';
import { exp, log, sigmoid } from './vector_math';

@unmanaged
class MseLoss {
  @inline vector(x: v128, y: v128): v128 {
    const d = f32x4.sub(x, y);
    return f32x4.mul(d, d);
  }
  @inline scalar<T>(x: T, y: T): T { return (x - y) * (x - y); }
}

@unmanaged
class MseLossBackward {
  @inline vector(grad: v128, x: v128, y: v128): v128 { return f32x4.mul(f32x4.mul(lanes(0), f32x4.sub(x, y)), grad); }
  @inline scalar<T>(grad: T, x: T, y: T): T { return constant<T>(0) * (x - y) * grad; }
}

/** log x, at least -100; NaN stays NaN. */
// @ts-ignore: decorator
@inline
function boundedLog(x: v128): v128 {
  const y = log(x);
  const least = f32x4.splat(-100);
  return v128.bitselect(least, y, f32x4.lt(y, least));
}

function boundedLog64(x: f64): f64 {
  const y = NativeMath.log(x);
  return y < -100 ? -100 : y;
}

@unmanaged
class BinaryCrossEntropy {
  @inline vector(x: v128, y: v128): v128 {
    const one = f32x4.splat(1);
    const first = f32x4.mul(f32x4.sub(y, one), boundedLog(f32x4.sub(one, x)));
    return f32x4.sub(first, f32x4.mul(y, boundedLog(x)));
  }
  @inline scalar<T>(x: T, y: T): T {
    return <T>(((<f64>y) - 1) * boundedLog64(1 - <f64>x) - <f64>y * boundedLog64(<f64>x));
  }
}

@unmanaged
class BinaryCrossEntropyBackward {
  @inline vector(grad: v128, x: v128, y: v128): v128 {
    const bound = f32x4.mul(f32x4.sub(f32x4.splat(1), x), x);
    const least = f32x4.splat(1e-12);
    return f32x4.div(f32x4.mul(grad, f32x4.sub(x, y)), v128.bitselect(least, bound, f32x4.lt(bound, least)));
  }
  @inline scalar<T>(grad: T, x: T, y: T): T {
    const bound = (<T>1 - x) * x;
    return (grad * (x - y)) / (bound < <T>1e-12 ? <T>1e-12 : bound);
  }
}

/** (1 - y) x + log(1 + e⁻ˣ) without overflow. */
@unmanaged
class BinaryCrossEntropyWithLogits {
  @inline vector(x: v128, y: v128): v128 {
    const minusX = f32x4.neg(x);
    const most = v128.andnot(minusX, f32x4.gt(x, f32x4.splat(0)));
    const sum = f32x4.add(exp(f32x4.neg(most)), exp(f32x4.sub(minusX, most)));
    return f32x4.add(f32x4.add(f32x4.mul(f32x4.sub(f32x4.splat(1), y), x), most), log(sum));
  }
  @inline scalar<T>(x: T, y: T): T {
    const most: T = x > <T>0 ? <T>0 : -x;
    const sum = NativeMath.exp(-(<f64>most)) + NativeMath.exp(<f64>(-x - most));
    return (<T>1 - y) * x + most + <T>NativeMath.log(sum);
  }
}

@unmanaged
class BinaryCrossEntropyWithLogitsBackward {
  @inline vector(grad: v128, x: v128, y: v128): v128 {
    return f32x4.mul(f32x4.mul(f32x4.sub(sigmoid(x), y), grad), lanes(0));
  }
  @inline scalar<T>(grad: T, x: T, y: T): T {
    return (<T>(1 / (1 + NativeMath.exp(-(<f64>x)))) - y) * grad * constant<T>(0);
  }
}

@unmanaged
class SmoothL1Loss {
  @inline vector(x: v128, y: v128): v128 {
    const z = f32x4.abs(f32x4.sub(x, y));
    const half = f32x4.splat(0.5);
    const near = f32x4.div(f32x4.mul(f32x4.mul(half, z), z), lanes(0));
    return v128.bitselect(near, f32x4.sub(z, f32x4.mul(half, lanes(0))), f32x4.lt(z, lanes(0)));
  }
  @inline scalar<T>(x: T, y: T): T {
    const z = absOf<T>(x - y);
    const beta = constant<T>(0);
    return z < beta ? (<T>0.5 * z * z) / beta : z - <T>0.5 * beta;
  }
}

@unmanaged
class SmoothL1LossBackward {
  @inline vector(grad: v128, x: v128, y: v128): v128 {
    const d = f32x4.sub(x, y);
    const g = f32x4.mul(lanes(1), grad);
    const near = f32x4.div(f32x4.mul(d, g), lanes(0));
    const above = v128.bitselect(g, near, f32x4.ge(d, lanes(0)));
    return v128.bitselect(f32x4.neg(g), above, f32x4.le(d, f32x4.neg(lanes(0))));
  }
  @inline scalar<T>(grad: T, x: T, y: T): T {
    const d = x - y;
    const g = constant<T>(1) * grad;
    const beta = constant<T>(0);
    return d <= -beta ? -g : d >= beta ? g : (d * g) / beta;
  }
}

@unmanaged
class HuberLoss {
  @inline vector(x: v128, y: v128): v128 {
    const z = f32x4.abs(f32x4.sub(x, y));
    const half = f32x4.splat(0.5);
    const near = f32x4.mul(f32x4.mul(half, z), z);
    const far = f32x4.mul(lanes(0), f32x4.sub(z, f32x4.mul(half, lanes(0))));
    return v128.bitselect(near, far, f32x4.lt(z, lanes(0)));
  }
  @inline scalar<T>(x: T, y: T): T {
    const z = absOf<T>(x - y);
    const delta = constant<T>(0);
    return z < delta ? <T>0.5 * z * z : delta * (z - <T>0.5 * delta);
  }
}

@unmanaged
class HuberLossBackward {
  @inline vector(grad: v128, x: v128, y: v128): v128 {
    const d = f32x4.sub(x, y);
    const g = f32x4.mul(lanes(1), grad);
    const far = f32x4.mul(g, lanes(0));
    const above = v128.bitselect(far, f32x4.mul(d, g), f32x4.gt(d, lanes(0)));
    return v128.bitselect(f32x4.neg(far), above, f32x4.lt(d, f32x4.neg(lanes(0))));
  }
  @inline scalar<T>(grad: T, x: T, y: T): T {
    const d = x - y;
    const g = constant<T>(1) * grad;
    const delta = constant<T>(0);
    return d < -delta ? -g * delta : d > delta ? g * delta : d * g;
  }
}

export function mseLoss(out: usize, x: usize, y: usize): void { float2<MseLoss>(out, x, y); }

export function mseLossBackward(out: usize, grad: usize, x: usize, y: usize, factor: f64): void {
  setConstant(0, factor);
  float3<MseLossBackward>(out, grad, x, y);
}

/** Whether all of n elements are in [0, 1]. */
function areProbabilities<T>(x: usize, n: i32): bool {
  let inside = true;
  for (const end = x + <usize>n * sizeof<T>(); x < end; x += sizeof<T>()) {
    inside = inside && load<T>(x) >= <T>0 && load<T>(x) <= <T>1;
  }
  return inside;
}

function binaryCrossEntropies<T>(out: usize, x: usize, y: usize): bool {
  let inside = true;
  const step = <usize>width<T>() * sizeof<T>();
  for (let n = begin3(out, x, y); n != 0; n = next()) {
    let o = pointer(0);
    let a = pointer(1);
    let b = pointer(2);
    if (!areProbabilities<T>(a, n)) inside = false;
    for (let i = n; i > 0; i -= width<T>()) {
      if (sizeof<T>() == 8) store<T>(o, op<BinaryCrossEntropy>().scalar<T>(load<T>(a), load<T>(b)));
      else putPart<T>(o, op<BinaryCrossEntropy>().vector(getPart<T>(a, i), getPart<T>(b, i)), i);
      o += step;
      a += step;
      b += step;
    }
  }
  return inside;
}

/** Reports an x that is no probability. */
export function binaryCrossEntropy(out: usize, x: usize, y: usize): void {
  let inside = true;
  if (dtypeOf(0) == DType.float32) inside = binaryCrossEntropies<f32>(out, x, y);
  else if (dtypeOf(0) == DType.float64) inside = binaryCrossEntropies<f64>(out, x, y);
  else unsupported();
  if (!inside) report(Problem.badValue, 0, 1);
}

export function binaryCrossEntropyBackward(out: usize, grad: usize, x: usize, y: usize): void {
  float3<BinaryCrossEntropyBackward>(out, grad, x, y);
}

export function binaryCrossEntropyWithLogits(out: usize, x: usize, y: usize): void {
  float2<BinaryCrossEntropyWithLogits>(out, x, y);
}

export function binaryCrossEntropyWithLogitsBackward(
  out: usize,
  grad: usize,
  x: usize,
  y: usize,
  factor: f64,
): void {
  setConstant(0, factor);
  float3<BinaryCrossEntropyWithLogitsBackward>(out, grad, x, y);
}

export function smoothL1Loss(out: usize, x: usize, y: usize, beta: f64): void {
  setConstant(0, beta);
  float2<SmoothL1Loss>(out, x, y);
}

export function smoothL1LossBackward(out: usize, grad: usize, x: usize, y: usize, beta: f64, factor: f64): void {
  setConstant(0, beta);
  setConstant(1, factor);
  float3<SmoothL1LossBackward>(out, grad, x, y);
}

export function huberLoss(out: usize, x: usize, y: usize, delta: f64): void {
  setConstant(0, delta);
  float2<HuberLoss>(out, x, y);
}

export function huberLossBackward(out: usize, grad: usize, x: usize, y: usize, delta: f64, factor: f64): void {
  setConstant(0, delta);
  setConstant(1, factor);
  float3<HuberLossBackward>(out, grad, x, y);
}
