/**
 * Elementwise kernels with constants: the loops of loops.ts, with operations that read their constants from here. The
 * kernel sets them from its scalars before it runs its loop; `vector` loads them four times over, `scalar` as f64.
 */
const FLOATS: usize = memory.data(8 * 4, 16);
const DOUBLES: usize = memory.data(8 * 8, 16);

/** Sets constant `index` (0 to 7). */
export function setConstant(index: i32, value: f64): void {
  store<f32>(FLOATS + (<usize>index << 2), <f32>value);
  store<f64>(DOUBLES + (<usize>index << 3), value);
}

/** Constant `index` in all four lanes. */
// @ts-ignore: decorator
@inline
export function lanes(index: i32): v128 {
  return v128.load32_splat(FLOATS + (<usize>index << 2));
}

/** Constant `index` as a T. */
// @ts-ignore: decorator
@inline
export function constant<T>(index: i32): T {
  return <T>load<f64>(DOUBLES + (<usize>index << 3));
}
