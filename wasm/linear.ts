/** Loops over rows of float64 that the decompositions share. Addresses are in bytes, counts in elements. */

// @ts-ignore: decorator
@inline
export function at(base: usize, index: i32): usize {
  return base + (<usize>index << 3);
}

// @ts-ignore: decorator
@inline
export function read(base: usize, index: i32): f64 {
  return load<f64>(at(base, index));
}

// @ts-ignore: decorator
@inline
export function write(base: usize, index: i32, value: f64): void {
  store<f64>(at(base, index), value);
}

/** y += factor · x */
export function addScaled(y: usize, x: usize, factor: f64, n: i32): void {
  const f = f64x2.splat(factor);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    v128.store(at(y, i), f64x2.add(v128.load(at(y, i)), f64x2.mul(f, v128.load(at(x, i)))));
  }
  if (i < n) write(y, i, read(y, i) + factor * read(x, i));
}

export function scale(x: usize, factor: f64, n: i32): void {
  for (let i = 0; i < n; i++) write(x, i, read(x, i) * factor);
}

export function dot(x: usize, y: usize, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    a = f64x2.add(a, f64x2.mul(v128.load(at(x, i)), v128.load(at(y, i))));
    b = f64x2.add(b, f64x2.mul(v128.load(at(x, i), 16), v128.load(at(y, i), 16)));
  }
  a = f64x2.add(a, b);
  let sum = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  for (; i < n; i++) sum += read(x, i) * read(y, i);
  return sum;
}

/** √(x² + y²) without overflow. */
export function length(x: f64, y: f64): f64 {
  const large = Math.max(Math.abs(x), Math.abs(y));
  const small = Math.min(Math.abs(x), Math.abs(y));
  if (large == 0) return 0;
  const ratio = small / large;
  return large * Math.sqrt(1.0 + ratio * ratio);
}

export function swapRows(x: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const t = read(x, i);
    write(x, i, read(y, i));
    write(y, i, t);
  }
}

/**
 * x = (I - tau · v · vᵀ) · x on rows begin … end: v is a column (stride `vStride`), x has `width` columns (stride
 * `xStride`). Both are given at row 0. work: width.
 */
export function reflect(
  v: usize,
  vStride: i32,
  tau: f64,
  x: usize,
  work: usize,
  begin: i32,
  end: i32,
  width: i32,
  xStride: i32,
): void {
  if (tau == 0 || width <= 0) return;
  for (let j = 0; j < width; j++) write(work, j, 0);
  for (let i = begin; i < end; i++) addScaled(work, at(x, i * xStride), read(v, i * vStride), width);
  for (let i = begin; i < end; i++) addScaled(at(x, i * xStride), work, -tau * read(v, i * vStride), width);
}

export function larger(x: f64, y: f64): f64 {
  return x > y ? x : y;
}

export function smaller(x: f64, y: f64): f64 {
  return x < y ? x : y;
}

/** x with the sign of another number. */
export function withSign(x: f64, sign: f64): f64 {
  return sign < 0 != x < 0 ? -x : x;
}
