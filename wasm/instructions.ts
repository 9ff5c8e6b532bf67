/** The instructions whose names kernels take, under other names. */

// @ts-ignore: decorator
@inline
export function absOf<T>(x: T): T {
  return abs<T>(x);
}

// @ts-ignore: decorator
@inline
export function sqrtOf<T>(x: T): T {
  return sqrt<T>(x);
}

// @ts-ignore: decorator
@inline
export function floorOf<T>(x: T): T {
  return floor<T>(x);
}

// @ts-ignore: decorator
@inline
export function ceilOf<T>(x: T): T {
  return ceil<T>(x);
}

// @ts-ignore: decorator
@inline
export function truncOf<T>(x: T): T {
  return trunc<T>(x);
}

// @ts-ignore: decorator
@inline
export function copysignOf<T>(x: T, y: T): T {
  return copysign<T>(x, y);
}
