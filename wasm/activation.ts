/** Piecewise activations and their gradients; the smooth ones stand in smooth.ts. Constants: see parametric.ts. */
import { float1, float2, number1, number2 } from './dispatch';
import { constant, lanes, setConstant } from './parametric';

// @ts-ignore: decorator
@inline
function pick(mask: v128, a: v128, b: v128): v128 { return v128.bitselect(a, b, mask); }

// @ts-ignore: decorator
@inline
function zero(): v128 { return f32x4.splat(0); }

@unmanaged
class Relu {
  @inline vector(x: v128): v128 { return v128.andnot(x, f32x4.lt(x, zero())); }
  @inline scalar<T>(x: T): T { return x < <T>0 ? <T>0 : x; }
}

@unmanaged
class Threshold {
  @inline vector(x: v128): v128 { return pick(f32x4.le(x, lanes(0)), lanes(1), x); }
  @inline scalar<T>(x: T): T { return x <= constant<T>(0) ? constant<T>(1) : x; }
}

@unmanaged
class ThresholdBackward {
  @inline vector(grad: v128, x: v128): v128 { return v128.andnot(grad, f32x4.le(x, lanes(0))); }
  @inline scalar<T>(grad: T, x: T): T { return x <= constant<T>(0) ? <T>0 : grad; }
}

@unmanaged
class Hardtanh {
  // two steps: where low > high everything becomes high
  @inline vector(x: v128): v128 {
    const y = pick(f32x4.lt(x, lanes(0)), lanes(0), x);
    return pick(f32x4.gt(y, lanes(1)), lanes(1), y);
  }
  @inline scalar<T>(x: T): T {
    const y = x < constant<T>(0) ? constant<T>(0) : x;
    return y > constant<T>(1) ? constant<T>(1) : y;
  }
}

@unmanaged
class HardtanhBackward {
  @inline vector(grad: v128, x: v128): v128 {
    return v128.andnot(grad, v128.or(f32x4.le(x, lanes(0)), f32x4.ge(x, lanes(1))));
  }
  @inline scalar<T>(grad: T, x: T): T { return x <= constant<T>(0) || x >= constant<T>(1) ? <T>0 : grad; }
}

@unmanaged
class LeakyRelu {
  @inline vector(x: v128): v128 { return pick(f32x4.gt(x, zero()), x, f32x4.mul(x, lanes(0))); }
  @inline scalar<T>(x: T): T { return x > <T>0 ? x : x * constant<T>(0); }
}

@unmanaged
class LeakyReluBackward {
  @inline vector(grad: v128, x: v128): v128 { return pick(f32x4.gt(x, zero()), grad, f32x4.mul(grad, lanes(0))); }
  @inline scalar<T>(grad: T, x: T): T { return x > <T>0 ? grad : grad * constant<T>(0); }
}

/** Whether -constant ≤ x ≤ constant. */
// @ts-ignore: decorator
@inline
function narrow(x: v128): v128 { return v128.and(f32x4.ge(x, f32x4.neg(lanes(0))), f32x4.le(x, lanes(0))); }

@unmanaged
class Hardshrink {
  @inline vector(x: v128): v128 { return v128.andnot(x, narrow(x)); }
  @inline scalar<T>(x: T): T { return x >= -constant<T>(0) && x <= constant<T>(0) ? <T>0 : x; }
}

@unmanaged
class Softshrink {
  @inline vector(x: v128): v128 {
    const below = v128.and(f32x4.add(x, lanes(0)), f32x4.lt(x, f32x4.neg(lanes(0))));
    return pick(f32x4.gt(x, lanes(0)), f32x4.sub(x, lanes(0)), below);
  }
  @inline scalar<T>(x: T): T {
    return x > constant<T>(0) ? x - constant<T>(0) : x < -constant<T>(0) ? x + constant<T>(0) : <T>0;
  }
}

@unmanaged
class ShrinkBackward {
  @inline vector(grad: v128, x: v128): v128 { return v128.andnot(grad, narrow(x)); }
  @inline scalar<T>(grad: T, x: T): T { return x >= -constant<T>(0) && x <= constant<T>(0) ? <T>0 : grad; }
}

/** max(0, min(x + 3, 6)), NaN kept. */
// @ts-ignore: decorator
@inline
function relu6(x: v128): v128 {
  const y = f32x4.add(x, f32x4.splat(3));
  return pick(f32x4.lt(y, zero()), zero(), pick(f32x4.gt(y, f32x4.splat(6)), f32x4.splat(6), y));
}

// @ts-ignore: decorator
@inline
function relu664<T>(x: T): T {
  const y = x + <T>3;
  return y < <T>0 ? <T>0 : y > <T>6 ? <T>6 : y;
}

@unmanaged
class Hardsigmoid {
  @inline vector(x: v128): v128 { return f32x4.div(relu6(x), f32x4.splat(6)); }
  @inline scalar<T>(x: T): T { return relu664<T>(x) / <T>6; }
}

@unmanaged
class HardsigmoidBackward {
  @inline vector(grad: v128, x: v128): v128 {
    const inside = v128.and(f32x4.gt(x, f32x4.splat(-3)), f32x4.lt(x, f32x4.splat(3)));
    return v128.and(f32x4.div(grad, f32x4.splat(6)), inside);
  }
  @inline scalar<T>(grad: T, x: T): T { return x > <T>-3 && x < <T>3 ? grad / <T>6 : <T>0; }
}

@unmanaged
class Hardswish {
  @inline vector(x: v128): v128 { return f32x4.div(f32x4.mul(x, relu6(x)), f32x4.splat(6)); }
  @inline scalar<T>(x: T): T { return (x * relu664<T>(x)) / <T>6; }
}

@unmanaged
class HardswishBackward {
  @inline vector(grad: v128, x: v128): v128 {
    const slope = f32x4.mul(grad, f32x4.add(f32x4.div(x, f32x4.splat(3)), f32x4.splat(0.5)));
    return v128.andnot(pick(f32x4.le(x, f32x4.splat(3)), slope, grad), f32x4.lt(x, f32x4.splat(-3)));
  }
  @inline scalar<T>(grad: T, x: T): T { return x < <T>-3 ? <T>0 : x <= <T>3 ? grad * (x / <T>3 + <T>0.5) : grad; }
}

/** x > 0 ? x : w x. */
@unmanaged
class Prelu {
  @inline vector(x: v128, w: v128): v128 { return pick(f32x4.gt(x, zero()), x, f32x4.mul(w, x)); }
  @inline scalar<T>(x: T, w: T): T { return x > <T>0 ? x : w * x; }
}

export function relu(out: usize, x: usize): void { number1<Relu>(out, x); }

export function threshold(out: usize, x: usize, limit: f64, value: f64): void {
  setConstant(0, limit);
  setConstant(1, value);
  number1<Threshold>(out, x);
}

export function thresholdBackward(out: usize, grad: usize, x: usize, limit: f64): void {
  setConstant(0, limit);
  number2<ThresholdBackward>(out, grad, x);
}

export function hardtanh(out: usize, x: usize, low: f64, high: f64): void {
  setConstant(0, low);
  setConstant(1, high);
  number1<Hardtanh>(out, x);
}

export function hardtanhBackward(out: usize, grad: usize, x: usize, low: f64, high: f64): void {
  setConstant(0, low);
  setConstant(1, high);
  float2<HardtanhBackward>(out, grad, x);
}

export function leakyRelu(out: usize, x: usize, slope: f64): void {
  setConstant(0, slope);
  float1<LeakyRelu>(out, x);
}

export function leakyReluBackward(out: usize, grad: usize, x: usize, slope: f64): void {
  setConstant(0, slope);
  float2<LeakyReluBackward>(out, grad, x);
}

export function hardshrink(out: usize, x: usize, width: f64): void {
  setConstant(0, width);
  float1<Hardshrink>(out, x);
}

export function softshrink(out: usize, x: usize, width: f64): void {
  setConstant(0, width);
  float1<Softshrink>(out, x);
}

export function shrinkBackward(out: usize, grad: usize, x: usize, width: f64): void {
  setConstant(0, width);
  float2<ShrinkBackward>(out, grad, x);
}

export function hardsigmoid(out: usize, x: usize): void { float1<Hardsigmoid>(out, x); }

export function hardsigmoidBackward(out: usize, grad: usize, x: usize): void {
  float2<HardsigmoidBackward>(out, grad, x);
}

export function hardswish(out: usize, x: usize): void { float1<Hardswish>(out, x); }

export function hardswishBackward(out: usize, grad: usize, x: usize): void {
  float2<HardswishBackward>(out, grad, x);
}

export function prelu(out: usize, x: usize, w: usize): void { float2<Prelu>(out, x, w); }
