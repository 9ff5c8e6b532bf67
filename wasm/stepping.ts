/**
 * How an optimizer's step walks over a parameter, its gradient and its state: in one pass. T is f32 or f64, a vector is
 * 16 bytes of them. Multiplications and additions are rounded one by one, as in the native build.
 */
import { DType, check, dtypeOf, int, lengthOf, unsupported } from './descriptor';

/** Stand for a choice in a type argument, which `isInteger` asks for. */
export type Yes = i32;
export type No = f32;

/** Where the last elements, too few for a vector, are widened to one, operand by operand. */
const TAIL: usize = memory.data(5 * 16, 16);

/** The operands' addresses while a step runs. */
let p0: usize = 0;
let p1: usize = 0;
let p2: usize = 0;
let p3: usize = 0;
let p4: usize = 0;

/** The scalars of the running step, in its own order. */
export let s0: f64 = 0;
export let s1: f64 = 0;
export let s2: f64 = 0;
export let s3: f64 = 0;
export let s4: f64 = 0;
export let s5: f64 = 0;
export let decay: f64 = 0;
export let sign: f64 = 0;
export let flag0: bool = false;
export let flag1: bool = false;

/** Sets what the step reads: the weight decay, the sign of the gradient, and its own scalars. */
export function setScalars(weightDecay: f64, direction: f64, a: f64, b: f64, c: f64 = 0, d: f64 = 0, e: f64 = 0, f: f64 = 0): void {
  decay = weightDecay;
  sign = direction;
  s0 = a;
  s1 = b;
  s2 = c;
  s3 = d;
  s4 = e;
  s5 = f;
}

export function setFlags(first: bool, second: bool): void {
  flag0 = first;
  flag1 = second;
}

// @ts-ignore: decorator
@inline
export function spread<T>(x: f64): v128 {
  return sizeof<T>() == 4 ? f32x4.splat(<f32>x) : f64x2.splat(x);
}

// @ts-ignore: decorator
@inline
export function scaled<T>(x: v128, by: f64): v128 {
  return v128.mul<T>(x, spread<T>(by));
}

// @ts-ignore: decorator
@inline
export function plus<T>(x: v128, by: f64): v128 {
  return v128.add<T>(x, spread<T>(by));
}

/** The gradient to follow: negated to maximize, plus the weight decay. */
// @ts-ignore: decorator
@inline
export function direction<T>(param: v128, grad: v128): v128 {
  let g = grad;
  if (sign != 1) g = scaled<T>(g, sign);
  if (decay != 0) g = v128.add<T>(g, scaled<T>(param, decay));
  return g;
}

/** mean · beta + value · (1 − beta). */
// @ts-ignore: decorator
@inline
export function average<T>(mean: v128, value: v128, beta: f64): v128 {
  return v128.add<T>(scaled<T>(mean, beta), scaled<T>(value, 1 - beta));
}

/** The same of value²; the factors in PyTorch's order. */
// @ts-ignore: decorator
@inline
export function averageSquare<T>(mean: v128, value: v128, beta: f64): v128 {
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
export function run<Op>(k: i32, a: usize, b: usize, c: usize, d: usize, e: usize): void {
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
    if (dtypeOf(i) != dtype) unsupported();
  }
  if (dtype == DType.float32) floats<f32, Op>(n, k);
  else if (dtype == DType.float64) floats<f64, Op>(n, k);
  else unsupported();
}
