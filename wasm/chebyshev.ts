/** Σ c[k] T_k(t) of `count` coefficients for t in [-1, 1], by Clenshaw's recurrence. */
export function chebyshev(c: usize, count: i32, t: f64): f64 {
  let a: f64 = 0;
  let b: f64 = 0;
  for (let k = count - 1; k > 0; k--) {
    const next = 2 * t * a - b + load<f64>(c + (<usize>k << 3));
    b = a;
    a = next;
  }
  return t * a - b + load<f64>(c);
}

/** Σ c[k] y^k. */
export function polynomial(c: usize, count: i32, y: f64): f64 {
  let sum: f64 = 0;
  for (let k = count - 1; k >= 0; k--) sum = sum * y + load<f64>(c + (<usize>k << 3));
  return sum;
}
