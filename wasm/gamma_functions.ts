/** log Γ, its derivatives and the Hurwitz zeta function, in f64. */
import { chebyshev, polynomial } from './chebyshev';

/** log Γ(1 + z) / z, in z on [-½, ½]. */
const GAMMA_ONE: usize = memory.data<f64>([
  -0.633011426275031, 0.4405675574678963, -0.057857409449912446, 0.010513973690267811, -0.002163989092091715,
  0.0004744402338724658, -0.00010799644528099427, 2.5201155299530276e-05, -5.986014498026819e-06,
  1.4410616180293054e-06, -3.5060690575761177e-07, 8.603823016763753e-08, -2.126510912478688e-08,
  5.287778091463614e-09, -1.3217135752166157e-09, 3.3186698554450495e-10, -8.365902567746219e-11,
  2.116338666160694e-11, -5.370507653794381e-12, 1.3666688100545857e-12, -3.486660039885161e-13,
  8.915622432767707e-14, -2.28454959350908e-14, 5.86514671522212e-15, -1.5084071183968602e-15, 3.885614648428306e-16,
  -1.0024188186640361e-16, 2.5896418565384152e-17, -6.69867474095857e-18, 1.7348373407131055e-18,
]);
const GAMMA_ONE_TERMS = 30;
/** log Γ(2 + z) / z, in z on [-½, 1]. */
const GAMMA_TWO: usize = memory.data<f64>([
  0.48362763659842517, 0.22408351337696908, -0.016061611364725618, 0.0016796351005504537, -0.000206207082576848,
  2.7619482587698902e-05, -3.902432064395172e-06, 5.712600238782988e-07, -8.57232441585347e-08,
  1.3098706178370361e-08, -2.0291174319191596e-09, 3.177019404112652e-10, -5.0168902255267044e-11,
  7.977607508944761e-12, -1.2759320707466868e-12, 2.0507506001786822e-13, -3.309998326505828e-14,
  5.362087191185866e-15, -8.714427500704616e-16, 1.4203170417419452e-16, -2.3208252786405174e-17,
  3.801021892031957e-18,
]);
const GAMMA_TWO_TERMS = 22;
/** ψ(x) / (x - x₀) of its zero, in x on [1, 2]. */
const DIGAMMA: usize = memory.data<f64>([
  0.983570260441567, -0.2270640863346444, 0.03336889902393011, -0.005320077271596548, 0.0008788656937820505,
  -0.00014773492650606044, 2.5060543468359146e-05, -4.2721034029993324e-06, 7.302769272465923e-07,
  -1.2502886813559594e-07, 2.1425009322359472e-08, -3.673295918565179e-09, 6.299717236108931e-10,
  -1.080593028883266e-10, 1.853735192053638e-11, -3.18023536582553e-12, 5.456147570322795e-13,
  -9.360993131036438e-14, 1.606064636295075e-14, -2.7555431377438815e-15, 4.727736178601912e-16,
  -8.11148420346509e-17, 1.391707769474154e-17, -2.3877901082188625e-18,
]);
const DIGAMMA_TERMS = 24;
/** B₂ₖ / (2k (2k - 1)): log Γ's asymptotic series; B₂ₖ / 2k: ψ's; B₂ₖ: ψ′'s; B₂ₖ / (2k)!: Euler and Maclaurin's. */
const STIRLING: usize = memory.data<f64>([
  0.08333333333333333, -0.002777777777777778, 0.0007936507936507937, -0.0005952380952380953, 0.0008417508417508417,
  -0.0019175269175269176, 0.00641025641025641, -0.029550653594771242,
]);
const DIGAMMA_TAIL: usize = memory.data<f64>([
  0.08333333333333333, -0.008333333333333333, 0.003968253968253968, -0.004166666666666667, 0.007575757575757576,
  -0.021092796092796094, 0.08333333333333333, -0.4432598039215686,
]);
const BERNOULLI: usize = memory.data<f64>([
  0.16666666666666666, -0.03333333333333333, 0.023809523809523808, -0.03333333333333333, 0.07575757575757576,
  -0.2531135531135531, 1.1666666666666667, -7.092156862745098,
]);
const MACLAURIN: usize = memory.data<f64>([
  8.333333333333333e-2, -1.388888888888889e-3, 3.306878306878307e-5, -8.267195767195768e-7, 2.08767569878681e-8,
  -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13, 8.586062056277845e-15,
  -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812525e-19,
]);

/** sin πx, exact at whole numbers. */
function sinPi(x: f64): f64 {
  let r = abs<f64>(x);
  r -= 2 * floor<f64>(r / 2);
  const isNegative = r >= 1 != x < 0;
  if (r >= 1) r -= 1;
  const y = NativeMath.sin(NativeMath.PI * (r > 0.5 ? 1 - r : r));
  return isNegative ? -y : y;
}

/** log Γ(1 + z), |z| ≤ ½: right to the last digits where it is near 0. */
export function logGamma1p(z: f64): f64 {
  return z * chebyshev(GAMMA_ONE, GAMMA_ONE_TERMS, 2 * z);
}

/** log Γ(x) - (x - ½) log x + x - ½ log 2π, x ≥ 10. */
export function stirlingRest(x: f64): f64 {
  return polynomial(STIRLING, 8, 1 / (x * x)) / x;
}

function logGammaPositive(x: f64): f64 {
  if (x < 0.5) return logGamma1p(x) - NativeMath.log(x);
  if (x < 1.5) return logGamma1p(x - 1);
  if (x >= 10) {
    const halfLogTwoPi = 0.91893853320467274178;
    return (x - 0.5) * (NativeMath.log(x) - 1) + (halfLogTwoPi - 0.5 + stirlingRest(x));
  }
  let product: f64 = 1;
  while (x >= 3) {
    x -= 1;
    product *= x;
  }
  const z = x - 2;
  const base = z * chebyshev(GAMMA_TWO, GAMMA_TWO_TERMS, (z - 0.25) / 0.75);
  return product == 1 ? base : base + NativeMath.log(product);
}

/** log |Γ(x)|; ∞ at the poles and at -∞. */
export function logGamma(x: f64): f64 {
  if (x > 0 || x != x) return x > 0 ? logGammaPositive(x) : x;
  if (x == floor<f64>(x)) return Infinity;
  // Γ(x) Γ(-x) = -π / (x sin πx)
  const a = -x;
  return NativeMath.log(NativeMath.PI / abs<f64>(sinPi(a))) - NativeMath.log(a) - logGammaPositive(a);
}

function digammaPositive(x: f64): f64 {
  if (x >= 10) return NativeMath.log(x) - 0.5 / x - polynomial(DIGAMMA_TAIL, 8, 1 / (x * x)) / (x * x);
  let sum: f64 = 0;
  if (x < 1) {
    sum = -1 / x;
    x += 1;
  }
  while (x > 2) {
    x -= 1;
    sum += 1 / x;
  }
  // The zero in two parts, so that what is near it keeps its digits.
  return sum + (x - 1.4616321449683622 - 9.549995429965697e-17) * chebyshev(DIGAMMA, DIGAMMA_TERMS, 2 * x - 3);
}

/** ψ(x) = Γ′(x) / Γ(x); NaN at the poles below 0. */
export function digammaOf(x: f64): f64 {
  if (x > 0 || x != x) return x > 0 ? digammaPositive(x) : x;
  if (x == 0) return copysign<f64>(Infinity, -x);
  if (x == floor<f64>(x)) return NaN;
  let r = x - trunc<f64>(x);
  if (r < -0.5) r += 1;
  return digammaPositive(1 - x) - NativeMath.PI / NativeMath.tan(NativeMath.PI * r);
}

/** ψ′(x) = Σ 1 / (x + k)²; ∞ at the poles. */
export function trigammaOf(x: f64): f64 {
  if (x <= 0) {
    if (x == -Infinity) return NaN;
    if (x == floor<f64>(x)) return Infinity;
    const ratio = NativeMath.PI / sinPi(x);
    return ratio * ratio - trigammaOf(1 - x);
  }
  let sum: f64 = 0;
  for (; x < 10; x += 1) sum += 1 / (x * x);
  const y = 1 / (x * x);
  return sum + 1 / x + 0.5 * y + (polynomial(BERNOULLI, 8, y) * y) / x;
}

/** ζ(s, q), q > -1000: the first terms, and Euler and Maclaurin's formula for the rest. */
function zetaSum(s: f64, q: f64): f64 {
  let sum: f64 = 0;
  let w = q;
  let term = NativeMath.pow(w, -s);
  for (let i = 0; i < 9 || w <= 10; i++) {
    sum += term;
    w += 1;
    term = NativeMath.pow(w, -s);
    if (w > 0 && term <= 1e-17 * abs<f64>(sum)) return sum + term;
  }
  sum += (term * w) / (s - 1) + 0.5 * term;
  let factor = (term * s) / w;
  for (let k = 0; k < 12; k++) {
    const part = load<f64>(MACLAURIN + (<usize>k << 3)) * factor;
    sum += part;
    if (abs<f64>(part) < 1e-17 * abs<f64>(sum)) break;
    factor *= ((s + 2 * k + 1) / w) * ((s + 2 * k + 2) / w);
  }
  return sum;
}

/** Σ (q + k)^-s over k ≥ 0: ∞ for s = 1 and at poles, NaN for s < 1 and for the roots of negative numbers. */
export function zetaOf(s: f64, q: f64): f64 {
  if (s == 1) return Infinity;
  if (s < 1 || q != q) return NaN;
  if (q <= 0) {
    if (q == floor<f64>(q)) return Infinity;
    if (s != floor<f64>(s)) return NaN;
    if (s == Infinity) return Infinity;
    if (q < -1000) {
      // The terms below 0 are, but for their sign, those of two zeta functions above it.
      const f = q - floor<f64>(q);
      const below = zetaSum(s, 1 - f) - zetaSum(s, 1 - q);
      return zetaSum(s, f) + (s % 2 == 0 ? below : -below);
    }
  }
  if (s != s) return s;
  if (s == Infinity) return q > 1 ? NaN : q == 1 ? 1 : Infinity;
  return q == Infinity ? NaN : zetaSum(s, q);
}
