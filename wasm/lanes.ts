/**
 * One spelling for vectors of float32 and single float64 values, for kernels written once over the element type T:
 * where T is f32 the values are v128 of four, where it is f64 they are v128 whose first lane counts.
 */
import { exp } from './vector_math';

/** How many elements a value holds. */
// @ts-ignore: decorator
@inline
export function width<T>(): i32 {
  return sizeof<T>() == 4 ? 4 : 1;
}

// @ts-ignore: decorator
@inline
export function get<T>(from: usize): v128 {
  return sizeof<T>() == 4 ? v128.load(from) : v128.load64_zero(from);
}

// @ts-ignore: decorator
@inline
export function put<T>(to: usize, x: v128): void {
  if (sizeof<T>() == 4) v128.store(to, x);
  else v128.store64_lane(to, x, 0);
}

/** The first `count` elements at `from`, 0 in the other lanes. */
export function getPart<T>(from: usize, count: i32): v128 {
  if (sizeof<T>() == 8) return v128.load64_zero(from);
  if (count >= 4) return v128.load(from);
  let x = v128.load32_zero(from);
  if (count > 1) x = v128.load32_lane(from + 4, x, 1);
  if (count > 2) x = v128.load32_lane(from + 8, x, 2);
  return x;
}

/** The first `count` lanes of x to `to`. */
// @ts-ignore: decorator
@inline
export function putPart<T>(to: usize, x: v128, count: i32): void {
  if (sizeof<T>() == 8) v128.store64_lane(to, x, 0);
  else if (count >= 4) v128.store(to, x);
  else putFew(to, x, count);
}

function putFew(to: usize, x: v128, count: i32): void {
  v128.store32_lane(to, x, 0);
  if (count > 1) v128.store32_lane(to, x, 1, 4);
  if (count > 2) v128.store32_lane(to, x, 2, 8);
}

// @ts-ignore: decorator
@inline
export function splat<T>(x: T): v128 {
  return sizeof<T>() == 4 ? f32x4.splat(<f32>x) : f64x2.splat(<f64>x);
}

// @ts-ignore: decorator
@inline
export function plus<T>(x: v128, y: v128): v128 {
  return sizeof<T>() == 4 ? f32x4.add(x, y) : f64x2.add(x, y);
}

// @ts-ignore: decorator
@inline
export function minus<T>(x: v128, y: v128): v128 {
  return sizeof<T>() == 4 ? f32x4.sub(x, y) : f64x2.sub(x, y);
}

// @ts-ignore: decorator
@inline
export function times<T>(x: v128, y: v128): v128 {
  return sizeof<T>() == 4 ? f32x4.mul(x, y) : f64x2.mul(x, y);
}

// @ts-ignore: decorator
@inline
export function over<T>(x: v128, y: v128): v128 {
  return sizeof<T>() == 4 ? f32x4.div(x, y) : f64x2.div(x, y);
}

/** The larger one; y where x is NaN, x where y is. */
// @ts-ignore: decorator
@inline
export function larger<T>(x: v128, y: v128): v128 {
  return sizeof<T>() == 4 ? f32x4.pmax(x, y) : f64x2.pmax(x, y);
}

// @ts-ignore: decorator
@inline
export function expOf<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? exp(x) : f64x2.splat(NativeMath.exp(f64x2.extract_lane(x, 0)));
}

/** Lane `i` as a T. */
// @ts-ignore: decorator
@inline
export function lane<T>(x: v128, i: i32): T {
  if (sizeof<T>() == 8) return <T>f64x2.extract_lane(x, 0);
  v128.store(LANES, x);
  return <T>load<f32>(LANES + (<usize>i << 2));
}

const LANES: usize = memory.data(16, 16);

/** The sum of the lanes. */
// @ts-ignore: decorator
@inline
export function sumOf<T>(x: v128): T {
  if (sizeof<T>() == 8) return <T>f64x2.extract_lane(x, 0);
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return <T>(f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1));
}

/** The largest lane that is not NaN. */
// @ts-ignore: decorator
@inline
export function largestOf<T>(x: v128): T {
  if (sizeof<T>() == 8) return <T>f64x2.extract_lane(x, 0);
  const pairs = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  const a = f32x4.extract_lane(pairs, 0);
  const b = f32x4.extract_lane(pairs, 1);
  return <T>(a < b || a != a ? b : a);
}
