/** Activations and their gradients. */
import { number1, number2 } from './dispatch';
import { constant, lanes, setConstant } from './parametric';

@unmanaged
class Relu {
  @inline
  vector(x: v128): v128 {
    return v128.andnot(x, f32x4.lt(x, f32x4.splat(0)));
  }
  @inline
  scalar<T>(x: T): T {
    return x < <T>0 ? <T>0 : x;
  }
}

@unmanaged
class Threshold {
  @inline
  vector(x: v128): v128 {
    return v128.bitselect(lanes(1), x, f32x4.le(x, lanes(0)));
  }
  @inline
  scalar<T>(x: T): T {
    return x <= constant<T>(0) ? constant<T>(1) : x;
  }
}

@unmanaged
class ThresholdBackward {
  @inline
  vector(grad: v128, x: v128): v128 {
    return v128.andnot(grad, f32x4.le(x, lanes(0)));
  }
  @inline
  scalar<T>(grad: T, x: T): T {
    return x <= constant<T>(0) ? <T>0 : grad;
  }
}

export function relu(out: usize, x: usize): void {
  number1<Relu>(out, x);
}

export function threshold(out: usize, x: usize, limit: f64, value: f64): void {
  setConstant(0, limit);
  setConstant(1, value);
  number1<Threshold>(out, x);
}

export function thresholdBackward(out: usize, grad: usize, x: usize, limit: f64): void {
  setConstant(0, limit);
  number2<ThresholdBackward>(out, grad, x);
}
