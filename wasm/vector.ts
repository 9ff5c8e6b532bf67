/**
 * What functions of four float32 are made of (vector_math.ts).
 *
 * Constants are loaded from memory: one instruction, where an engine builds a literal vector anew in every round of a
 * loop, in three. For the same reason there is no f32x4.min, max, neg, abs or trunc_sat here: each is up to eight
 * instructions on x86, and a comparison or a logical operation does.
 */

/** The number at a constant's address, four times. */
// @ts-ignore: decorator
@inline
export function all(constant: usize): v128 {
  return v128.load32_splat(constant);
}

export const ZERO: usize = memory.data<f32>([0]);
export const I_ZERO: usize = memory.data<i32>([0]);
export const HALF: usize = memory.data<f32>([0.5]);
export const ONE: usize = memory.data<f32>([1]);
export const I_ONE: usize = memory.data<i32>([1]);
export const TWO: usize = memory.data<f32>([2]);
const SIGN: usize = memory.data<u32>([0x80000000]);
const MAGNITUDE: usize = memory.data<u32>([0x7fffffff]);
export const INFINITE: usize = memory.data<u32>([0x7f800000]);
export const NOT_A_NUMBER: usize = memory.data<u32>([0x7fc00000]);

/** -x. */
// @ts-ignore: decorator
@inline
export function negative(x: v128): v128 {
  return v128.xor(x, all(SIGN));
}

/** |x|. */
// @ts-ignore: decorator
@inline
export function magnitude(x: v128): v128 {
  return v128.and(x, all(MAGNITUDE));
}

/** The magnitude of x with the sign of y. */
// @ts-ignore: decorator
@inline
export function withSign(x: v128, y: v128): v128 {
  return v128.bitselect(y, x, all(SIGN));
}

/** a · b + c; rounded once where the engine has relaxed SIMD and the machine a fused instruction. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Where mask is set a, elsewhere b. */
// @ts-ignore: decorator
@inline
export function pick(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}
