/** Steps of the other optimizers. */
import { int } from './descriptor';
import {
  No,
  Yes,
  average,
  averageSquare,
  direction,
  flag0,
  flag1,
  plus,
  run,
  s0,
  s1,
  s2,
  s3,
  scaled,
  setFlags,
  setScalars,
  sign,
  spread,
} from './stepping';

@unmanaged
class Sgd {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    const param = v128.load(p);
    v128.store(p, v128.sub<T>(param, scaled<T>(direction<T>(param, v128.load(g)), s0)));
  }
}

@unmanaged
class SgdMomentum {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    const param = v128.load(p);
    const grad = direction<T>(param, v128.load(g));
    const momentum = flag0 ? grad : v128.add<T>(scaled<T>(v128.load(a), s1), scaled<T>(grad, 1 - s2));
    v128.store(a, momentum);
    const way = flag1 ? v128.add<T>(grad, scaled<T>(momentum, s1)) : momentum;
    v128.store(p, v128.sub<T>(param, scaled<T>(way, s0)));
  }
}

// @ts-ignore: decorator
@inline
function rmsprop<T>(p: usize, g: usize, a: usize, b: usize, c: usize, centered: bool, withMomentum: bool): void {
  const param = v128.load(p);
  const grad = direction<T>(param, v128.load(g));
  let variance = averageSquare<T>(v128.load(a), grad, s1);
  v128.store(a, variance);
  if (centered) {
    const mean = average<T>(v128.load(b), grad, s1);
    v128.store(b, mean);
    variance = v128.sub<T>(variance, v128.mul<T>(mean, mean));
  }
  const scale = plus<T>(v128.sqrt<T>(variance), s2);
  if (withMomentum) {
    const momentum = v128.add<T>(scaled<T>(v128.load(c), s3), v128.div<T>(grad, scale));
    v128.store(c, momentum);
    v128.store(p, v128.sub<T>(param, scaled<T>(momentum, s0)));
  } else {
    v128.store(p, v128.sub<T>(param, v128.div<T>(scaled<T>(grad, s0), scale)));
  }
}

@unmanaged
class RmsProp<Centered, Momentum> {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    rmsprop<T>(p, g, a, b, c, isInteger<Centered>(), isInteger<Momentum>());
  }
}

@unmanaged
class Rprop {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    const param = v128.load(p);
    const zero = spread<T>(0);
    let grad = v128.load(g);
    if (sign != 1) grad = scaled<T>(grad, sign);
    const turn = v128.mul<T>(grad, v128.load(a));
    const back = v128.lt<T>(turn, zero);
    let factor = v128.bitselect(spread<T>(s0), spread<T>(1), back);
    factor = v128.bitselect(spread<T>(s1), factor, v128.gt<T>(turn, zero));
    // pmax(y, x) is x > y ? x : y, as the native build has it
    const size = v128.pmin<T>(spread<T>(s3), v128.pmax<T>(spread<T>(s2), v128.mul<T>(v128.load(b), factor)));
    v128.store(b, size);
    grad = v128.andnot(grad, back);
    v128.store(a, grad);
    const up = v128.and(size, v128.gt<T>(grad, zero));
    const down = v128.and(v128.sub<T>(zero, size), v128.lt<T>(grad, zero));
    v128.store(p, v128.sub<T>(param, v128.or(up, down)));
  }
}

@unmanaged
class Adagrad {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    const param = v128.load(p);
    const grad = direction<T>(param, v128.load(g));
    const total = v128.add<T>(v128.load(a), v128.mul<T>(grad, grad));
    v128.store(a, total);
    v128.store(p, v128.sub<T>(param, v128.div<T>(scaled<T>(grad, s0), plus<T>(v128.sqrt<T>(total), s1))));
  }
}

@unmanaged
class Adadelta {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    const param = v128.load(p);
    const grad = direction<T>(param, v128.load(g));
    const squares = averageSquare<T>(v128.load(a), grad, s1);
    v128.store(a, squares);
    const deltas = v128.load(b);
    const ratio = v128.div<T>(v128.sqrt<T>(plus<T>(deltas, s2)), v128.sqrt<T>(plus<T>(squares, s2)));
    const delta = v128.mul<T>(ratio, grad);
    v128.store(p, v128.sub<T>(param, scaled<T>(delta, s0)));
    v128.store(b, averageSquare<T>(deltas, delta, s1));
  }
}

@unmanaged
class Asgd {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    let param = v128.load(p);
    const grad = direction<T>(param, v128.load(g));
    param = v128.sub<T>(scaled<T>(param, s0), scaled<T>(grad, s1));
    v128.store(p, param);
    const mean = v128.load(a);
    v128.store(a, s2 == 1 ? param : v128.add<T>(mean, scaled<T>(v128.sub<T>(param, mean), s2)));
  }
}

export function sgdStep(param: usize, grad: usize, momentum: usize, lr: f64, momentumFactor: f64, dampening: f64, weightDecay: f64, direction: f64): void {
  setFlags(int(3, 0) != 0, int(3, 1) != 0);
  setScalars(weightDecay, direction, lr, momentumFactor, dampening);
  if (momentum == 0) run<Sgd>(3, param, grad, 0, 0, 0);
  else run<SgdMomentum>(3, param, grad, momentum, 0, 0);
}

export function rmspropStep(
  param: usize,
  grad: usize,
  squares: usize,
  mean: usize,
  momentum: usize,
  lr: f64,
  alpha: f64,
  eps: f64,
  momentumFactor: f64,
  weightDecay: f64,
  direction: f64,
): void {
  setScalars(weightDecay, direction, lr, alpha, eps, momentumFactor);
  if (mean != 0 && momentum != 0) run<RmsProp<Yes, Yes>>(5, param, grad, squares, mean, momentum);
  else if (mean != 0) run<RmsProp<Yes, No>>(5, param, grad, squares, mean, 0);
  else if (momentum != 0) run<RmsProp<No, Yes>>(5, param, grad, squares, 0, momentum);
  else run<RmsProp<No, No>>(5, param, grad, squares, 0, 0);
}

export function rpropStep(
  param: usize,
  grad: usize,
  previous: usize,
  step: usize,
  smaller: f64,
  greater: f64,
  least: f64,
  most: f64,
  direction: f64,
): void {
  setScalars(0, direction, smaller, greater, least, most);
  run<Rprop>(4, param, grad, previous, step, 0);
}

export function adagradStep(param: usize, grad: usize, total: usize, stepSize: f64, eps: f64, weightDecay: f64, direction: f64): void {
  setScalars(weightDecay, direction, stepSize, eps);
  run<Adagrad>(3, param, grad, total, 0, 0);
}

export function adadeltaStep(
  param: usize,
  grad: usize,
  squares: usize,
  deltas: usize,
  lr: f64,
  rho: f64,
  eps: f64,
  weightDecay: f64,
  direction: f64,
): void {
  setScalars(weightDecay, direction, lr, rho, eps);
  run<Adadelta>(4, param, grad, squares, deltas, 0);
}

export function asgdStep(
  param: usize,
  grad: usize,
  mean: usize,
  decayFactor: f64,
  eta: f64,
  mu: f64,
  weightDecay: f64,
  direction: f64,
): void {
  setScalars(weightDecay, direction, decayFactor, eta, mu);
  run<Asgd>(3, param, grad, mean, 0, 0);
}
