/** The error function and its complement in float64. */

/** Coefficients, highest first: `p` over `q` in each of the ranges that fdlibm cuts the half line into. */
const SMALL_P: usize = memory.data<f64>([
  -2.37630166566501626084e-5, -5.77027029648944159157e-3, -2.84817495755985104766e-2, -3.25042107247001499370e-1,
  1.28379167095512558561e-1,
]);
const SMALL_Q: usize = memory.data<f64>([
  -3.96022827877536812320e-6, 1.32494738004321644526e-4, 5.08130628187576562776e-3, 6.50222499887672944485e-2,
  3.97917223959155352819e-1, 1,
]);
const MIDDLE_P: usize = memory.data<f64>([
  -2.16637559486879084300e-3, 3.54783043256182359371e-2, -1.10894694282396677476e-1, 3.18346619901161753674e-1,
  -3.72207876035701323847e-1, 4.14856118683748331666e-1, -2.36211856075265944077e-3,
]);
const MIDDLE_Q: usize = memory.data<f64>([
  1.19844998467991074170e-2, 1.36370839120290507362e-2, 1.26171219808761642112e-1, 7.18286544141962662868e-2,
  5.40397917702171048937e-1, 1.06420880400844228286e-1, 1,
]);
const LARGE_P: usize = memory.data<f64>([
  -9.81432934416914548592, -8.12874355063065934246e1, -1.84605092906711035994e2, -1.62396669462573470355e2,
  -6.23753324503260060396e1, -1.05586262253232909814e1, -6.93858572707181764372e-1, -9.86494403484714822705e-3,
]);
const LARGE_Q: usize = memory.data<f64>([
  -6.04244152148580987438e-2, 6.57024977031928170135, 1.08635005541779435134e2, 4.29008140027567833386e2,
  6.45387271733267880336e2, 4.34565877475229228821e2, 1.37657754143519042600e2, 1.96512716674392571292e1, 1,
]);
const HUGE_P: usize = memory.data<f64>([
  -4.83519191608651397019e2, -1.02509513161107724954e3, -6.37566443368389627722e2, -1.60636384855821916062e2,
  -1.77579549177547519889e1, -7.99283237680523006574e-1, -9.86494292470009928597e-3,
]);
const HUGE_Q: usize = memory.data<f64>([
  -2.24409524465858183362e1, 4.74528541206955367215e2, 2.55305040643316442583e3, 3.19985821950859553908e3,
  1.53672958608443695994e3, 3.25792512996573918826e2, 3.03380607434824582924e1, 1,
]);
/** erf 1, in float32's precision. */
const ERF_ONE: f64 = 8.45062911510467529297e-1;

function polynomial(coefficients: usize, count: i32, x: f64): f64 {
  let y: f64 = 0;
  for (let i = 0; i < count; i++) y = y * x + load<f64>(coefficients + (<usize>i << 3));
  return y;
}

/** erfc x for x ≥ 1.25. */
function farComplement(x: f64): f64 {
  const s = 1 / (x * x);
  const ratio =
    x < 2.857142857142857
      ? polynomial(LARGE_P, 8, s) / polynomial(LARGE_Q, 9, s)
      : polynomial(HUGE_P, 7, s) / polynomial(HUGE_Q, 8, s);
  // x² in two parts: z has so few digits that its square is exact
  const z = reinterpret<f64>(reinterpret<u64>(x) & 0xffffffff00000000);
  return (NativeMath.exp(-z * z - 0.5625) * NativeMath.exp((z - x) * (z + x) + ratio)) / x;
}

/** erf x - ERF_ONE for 0.84375 ≤ x < 1.25. */
function nearOne(x: f64): f64 {
  return polynomial(MIDDLE_P, 7, x - 1) / polynomial(MIDDLE_Q, 7, x - 1);
}

/** erf x / x - 1 for |x| < 0.84375. */
function nearZero(x: f64): f64 {
  const square = x * x;
  return polynomial(SMALL_P, 5, square) / polynomial(SMALL_Q, 6, square);
}

export function errorFunction(x: f64): f64 {
  const a = abs<f64>(x);
  if (a != a) return x;
  if (a < 0.84375) return x + x * nearZero(x);
  if (a < 1.25) return copysign<f64>(ERF_ONE + nearOne(a), x);
  return copysign<f64>(a < 6 ? 1 - farComplement(a) : 1, x);
}

export function errorComplement(x: f64): f64 {
  const a = abs<f64>(x);
  if (a != a) return x;
  if (a < 0.84375) {
    const rest = x * nearZero(x);
    return x < 0.25 ? 1 - (x + rest) : 0.5 - (x - 0.5 + rest);
  }
  if (a < 1.25) return x > 0 ? 1 - ERF_ONE - nearOne(a) : 1 + (ERF_ONE + nearOne(a));
  if (x > 0) return a < 28 ? farComplement(a) : 0;
  return a < 6 ? 2 - farComplement(a) : 2;
}
