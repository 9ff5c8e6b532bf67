/** Vector mathematics on four float32, within 1 ULP where not said otherwise, NaN, infinities and ±0 as C has them. */

/** 2 ** k for whole k from -126 to 127. */
// @ts-ignore: decorator
@inline
function power2(k: v128): v128 {
  return i32x4.shl(i32x4.add(k, i32x4.splat(127)), 23);
}

/** e ** x: x = k ln 2 + r, a polynomial in r, and the power of two in two steps so that subnormal results round once. */
// @ts-ignore: decorator
@inline
export function expVector(x: v128): v128 {
  const bounded = f32x4.min(f32x4.max(x, f32x4.splat(-104)), f32x4.splat(89));
  const whole = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(bounded, f32x4.mul(whole, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(whole, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  const k = i32x4.trunc_sat_f32x4_s(whole);
  const half = i32x4.shr_s(k, 1);
  return f32x4.mul(f32x4.mul(p, power2(half)), power2(i32x4.sub(k, half)));
}
