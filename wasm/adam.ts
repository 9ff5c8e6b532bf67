/** Steps of optimizers of Adam's kind: by moving averages of the gradient and of its square. */
import { int } from './descriptor';
import {
  No,
  Yes,
  average,
  averageSquare,
  direction,
  flag0,
  plus,
  run,
  s0,
  s1,
  s2,
  s3,
  s4,
  s5,
  scaled,
  setFlags,
  setScalars,
  spread,
} from './stepping';

/** The moving averages of Adam's kind; returns that of the squares. */
// @ts-ignore: decorator
@inline
function averages<T>(grad: v128, a: usize, b: usize, beta1: f64, beta2: f64): v128 {
  v128.store(a, average<T>(v128.load(a), grad, beta1));
  const squares = averageSquare<T>(v128.load(b), grad, beta2);
  v128.store(b, squares);
  return squares;
}

// @ts-ignore: decorator
@inline
function adam<T>(p: usize, g: usize, a: usize, b: usize, c: usize, withMaximum: bool): void {
  const param = v128.load(p);
  let squares = averages<T>(direction<T>(param, v128.load(g)), a, b, s1, s2);
  if (withMaximum) {
    squares = v128.max<T>(v128.load(c), squares);
    v128.store(c, squares);
  }
  const scale = plus<T>(v128.div<T>(v128.sqrt<T>(squares), spread<T>(s4)), s3);
  const shrunk = s5 != 1 ? scaled<T>(param, s5) : param;
  v128.store(p, v128.sub<T>(shrunk, v128.div<T>(scaled<T>(v128.load(a), s0), scale)));
}

@unmanaged
class Adam<Maximum> {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    adam<T>(p, g, a, b, c, isInteger<Maximum>());
  }
}

@unmanaged
class Adamax {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    const param = v128.load(p);
    const grad = direction<T>(param, v128.load(g));
    const mean = average<T>(v128.load(a), grad, s1);
    const norm = v128.max<T>(scaled<T>(v128.load(b), s2), plus<T>(v128.abs<T>(grad), s3));
    v128.store(a, mean);
    v128.store(b, norm);
    v128.store(p, v128.sub<T>(param, v128.div<T>(scaled<T>(mean, s0), norm)));
  }
}

@unmanaged
class NAdam {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    let param = v128.load(p);
    const grad = direction<T>(param, v128.load(g));
    const squares = averages<T>(grad, a, b, s2, s3);
    const scale = plus<T>(v128.sqrt<T>(v128.div<T>(squares, spread<T>(s5))), s4);
    param = v128.sub<T>(param, v128.div<T>(scaled<T>(grad, s0), scale));
    v128.store(p, v128.sub<T>(param, v128.div<T>(scaled<T>(v128.load(a), s1), scale)));
  }
}

@unmanaged
class RAdam {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    const param = v128.load(p);
    const squares = averages<T>(direction<T>(param, v128.load(g)), a, b, s1, s2);
    let way = scaled<T>(v128.load(a), s0);
    if (flag0) way = v128.div<T>(way, plus<T>(v128.sqrt<T>(squares), s3));
    v128.store(p, v128.sub<T>(param, way));
  }
}

export function adamStep(
  param: usize,
  grad: usize,
  mean: usize,
  squares: usize,
  maximum: usize,
  stepSize: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  correction: f64,
  weightDecay: f64,
  shrink: f64,
  direction: f64,
): void {
  setScalars(weightDecay, direction, stepSize, beta1, beta2, eps, correction, shrink);
  if (maximum == 0) run<Adam<No>>(5, param, grad, mean, squares, 0);
  else run<Adam<Yes>>(5, param, grad, mean, squares, maximum);
}

export function adamaxStep(
  param: usize,
  grad: usize,
  mean: usize,
  norm: usize,
  stepSize: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weightDecay: f64,
  direction: f64,
): void {
  setScalars(weightDecay, direction, stepSize, beta1, beta2, eps);
  run<Adamax>(4, param, grad, mean, norm, 0);
}

export function nadamStep(
  param: usize,
  grad: usize,
  mean: usize,
  squares: usize,
  gradStep: f64,
  averageStep: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  correction: f64,
  weightDecay: f64,
  direction: f64,
): void {
  setScalars(weightDecay, direction, gradStep, averageStep, beta1, beta2, eps, correction);
  run<NAdam>(4, param, grad, mean, squares, 0);
}

export function radamStep(
  param: usize,
  grad: usize,
  mean: usize,
  squares: usize,
  stepSize: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weightDecay: f64,
  direction: f64,
): void {
  setFlags(int(4, 0) != 0, false);
  setScalars(weightDecay, direction, stepSize, beta1, beta2, eps);
  run<RAdam>(4, param, grad, mean, squares, 0);
}
