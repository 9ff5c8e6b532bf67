/** Functions of single numbers that several kernels share. */

/** log(e ** x + e ** y) = larger + log(1 + e ** -distance). */
export function logAddExp(x: f64, y: f64): f64 {
  if (x != x || y != y) return x + y;
  const high = x > y ? x : y;
  const low = x > y ? y : x;
  return high == low && abs<f64>(high) == Infinity ? high : high + NativeMath.log1p(NativeMath.exp(low - high));
}

/** The same to base 2. */
export function logAddExp2(x: f64, y: f64): f64 {
  if (x != x || y != y) return x + y;
  const high = x > y ? x : y;
  const low = x > y ? y : x;
  if (high == low && abs<f64>(high) == Infinity) return high;
  return high + NativeMath.log1p(NativeMath.exp2(low - high)) * NativeMath.LOG2E;
}
