/**
 * Optimizer steps: one pass over a parameter, its gradient and its state. T is f32 or f64, a vector is 16 bytes of
 * them. Multiplications and additions are rounded one by one, as in the native build.
 */
import { DType, check, dtypeOf, int, lengthOf } from './descriptor';

/** Where the last elements, too few for a vector, are widened to one, operand by operand. */
const TAIL: usize = memory.data(5 * 16, 16);

/** The operands' addresses while a step runs. */
let p0: usize = 0;
let p1: usize = 0;
let p2: usize = 0;
let p3: usize = 0;
let p4: usize = 0;

/** The scalars of the running step, in its own order. */
let s0: f64 = 0;
let s1: f64 = 0;
let s2: f64 = 0;
let s3: f64 = 0;
let s4: f64 = 0;
let s5: f64 = 0;
let decay: f64 = 0;
let sign: f64 = 0;
let flag0: bool = false;
let flag1: bool = false;

// @ts-ignore: decorator
@inline
function spread<T>(x: f64): v128 {
  return sizeof<T>() == 4 ? f32x4.splat(<f32>x) : f64x2.splat(x);
}

// @ts-ignore: decorator
@inline
function scaled<T>(x: v128, by: f64): v128 {
  return v128.mul<T>(x, spread<T>(by));
}

// @ts-ignore: decorator
@inline
function plus<T>(x: v128, by: f64): v128 {
  return v128.add<T>(x, spread<T>(by));
}

/** The gradient to follow: negated to maximize, plus the weight decay. */
// @ts-ignore: decorator
@inline
function direction<T>(param: v128, grad: v128): v128 {
  let g = grad;
  if (sign != 1) g = scaled<T>(g, sign);
  if (decay != 0) g = v128.add<T>(g, scaled<T>(param, decay));
  return g;
}

/** mean · beta + value · (1 − beta). */
// @ts-ignore: decorator
@inline
function average<T>(mean: v128, value: v128, beta: f64): v128 {
  return v128.add<T>(scaled<T>(mean, beta), scaled<T>(value, 1 - beta));
}

/** The same of value²; the factors in PyTorch's order. */
// @ts-ignore: decorator
@inline
function averageSquare<T>(mean: v128, value: v128, beta: f64): v128 {
  return v128.add<T>(scaled<T>(mean, beta), v128.mul<T>(scaled<T>(value, 1 - beta), value));
}

/** An operation as a type: its step reads and writes the vectors at these addresses. */
// @ts-ignore: decorator
@inline
function op<Op>(): Op {
  return changetype<Op>(0);
}

/** Runs a step over n elements of `count` operands; only operand 1 is left as it is. */
function floats<T, Op>(n: i32, count: i32): void {
  const lanes = 16 / <i32>sizeof<T>();
  const bytes = <usize>(n / lanes) << 4;
  for (let at: usize = 0; at < bytes; at += 16) op<Op>().step<T>(p0 + at, p1 + at, p2 + at, p3 + at, p4 + at);
  const rest = <usize>(n % lanes) * sizeof<T>();
  if (rest == 0) return;
  copyTail(bytes, rest, count, true);
  op<Op>().step<T>(TAIL, TAIL + 16, TAIL + 32, TAIL + 48, TAIL + 64);
  copyTail(bytes, rest, count, false);
}

function operand(index: i32): usize {
  return index == 0 ? p0 : index == 1 ? p1 : index == 2 ? p2 : index == 3 ? p3 : p4;
}

function copyTail(at: usize, bytes: usize, count: i32, fill: bool): void {
  for (let i = 0; i < count; i++) {
    const tail = TAIL + (<usize>i << 4);
    if (operand(i) == 0) continue;
    if (fill) memory.copy(tail, operand(i) + at, bytes);
    else if (i != 1) memory.copy(operand(i) + at, tail, bytes);
  }
}

/** Checks the operands, in the contract's order and 0 where there is none, and runs the step; k is how many a call has. */
function run<Op>(k: i32, a: usize, b: usize, c: usize, d: usize, e: usize): void {
  p0 = a;
  p1 = b;
  p2 = c;
  p3 = d;
  p4 = e;
  const n = lengthOf(k, 0);
  const dtype = dtypeOf(0);
  for (let i = 1; i < k; i++) {
    if (operand(i) == 0) continue;
    check(k, i, n);
    if (dtypeOf(i) != dtype) abort();
  }
  if (dtype == DType.float32) floats<f32, Op>(n, k);
  else if (dtype == DType.float64) floats<f64, Op>(n, k);
  else abort();
}

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
class Adam {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    adam<T>(p, g, a, b, c, false);
  }
}

@unmanaged
class AdamMaximum {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    adam<T>(p, g, a, b, c, true);
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
class RmsProp {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    rmsprop<T>(p, g, a, b, c, false, false);
  }
}

@unmanaged
class RmsPropMomentum {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    rmsprop<T>(p, g, a, b, c, false, true);
  }
}

@unmanaged
class RmsPropCentered {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    rmsprop<T>(p, g, a, b, c, true, false);
  }
}

@unmanaged
class RmsPropCenteredMomentum {
  @inline
  step<T>(p: usize, g: usize, a: usize, b: usize, c: usize): void {
    rmsprop<T>(p, g, a, b, c, true, true);
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
  flag0 = int(3, 0) != 0;
  flag1 = int(3, 1) != 0;
  s0 = lr;
  s1 = momentumFactor;
  s2 = dampening;
  decay = weightDecay;
  sign = direction;
  if (momentum == 0) run<Sgd>(3, param, grad, 0, 0, 0);
  else run<SgdMomentum>(3, param, grad, momentum, 0, 0);
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
  s0 = stepSize;
  s1 = beta1;
  s2 = beta2;
  s3 = eps;
  s4 = correction;
  s5 = shrink;
  decay = weightDecay;
  sign = direction;
  if (maximum == 0) run<Adam>(5, param, grad, mean, squares, 0);
  else run<AdamMaximum>(5, param, grad, mean, squares, maximum);
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
  s0 = stepSize;
  s1 = beta1;
  s2 = beta2;
  s3 = eps;
  decay = weightDecay;
  sign = direction;
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
  s0 = gradStep;
  s1 = averageStep;
  s2 = beta1;
  s3 = beta2;
  s4 = eps;
  s5 = correction;
  decay = weightDecay;
  sign = direction;
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
  flag0 = int(4, 0) != 0;
  s0 = stepSize;
  s1 = beta1;
  s2 = beta2;
  s3 = eps;
  decay = weightDecay;
  sign = direction;
  run<RAdam>(4, param, grad, mean, squares, 0);
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
  s0 = lr;
  s1 = alpha;
  s2 = eps;
  s3 = momentumFactor;
  decay = weightDecay;
  sign = direction;
  if (mean != 0 && momentum != 0) run<RmsPropCenteredMomentum>(5, param, grad, squares, mean, momentum);
  else if (mean != 0) run<RmsPropCentered>(5, param, grad, squares, mean, 0);
  else if (momentum != 0) run<RmsPropMomentum>(5, param, grad, squares, 0, momentum);
  else run<RmsProp>(5, param, grad, squares, 0, 0);
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
  s0 = smaller;
  s1 = greater;
  s2 = least;
  s3 = most;
  sign = direction;
  run<Rprop>(4, param, grad, previous, step, 0);
}

export function adagradStep(param: usize, grad: usize, total: usize, stepSize: f64, eps: f64, weightDecay: f64, direction: f64): void {
  s0 = stepSize;
  s1 = eps;
  decay = weightDecay;
  sign = direction;
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
  s0 = lr;
  s1 = rho;
  s2 = eps;
  decay = weightDecay;
  sign = direction;
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
  s0 = decayFactor;
  s1 = eta;
  s2 = mu;
  decay = weightDecay;
  sign = direction;
  run<Asgd>(3, param, grad, mean, 0, 0);
}
