/** The gamma function's family: its logarithm, ψ and its derivatives, zeta, and the incomplete gamma functions. */
import { float1, float2 } from './dispatch';
import { errorComplement } from './error_function';
import { digammaOf, logGamma, logGamma1p, stirlingRest, trigammaOf, zetaOf } from './gamma_functions';

/** The order of the derivative. */
let order: f64 = 0;

/** n! ζ(n + 1, x) with the sign of (-1)^(n + 1). */
function polygammaOf(n: f64, x: f64): f64 {
  if (n == 0) return digammaOf(x);
  if (n == 1) return trigammaOf(x);
  let factorial: f64 = 1;
  for (let k: f64 = 2; k <= n && factorial < Infinity; k++) factorial *= k;
  const y = factorial * zetaOf(n + 1, x);
  return n % 2 == 1 ? y : -y;
}

/** Temme's coefficients: row k holds those of c_k(η) = Σ c[n] ηⁿ, the rows one after the other. */
const TEMME: usize = memory.data<f64>([
  -0.3333333333333333, 0.08333333333333333, -0.014814814814814815, 0.0011574074074074073, 0.0003527336860670194,
  -0.0001787551440329218, 3.919263178522438e-05, -2.185448510679992e-06, -1.85406221071516e-06,
  8.296711340953087e-07, -1.7665952736826078e-07, 6.707853543401498e-09, 1.0261809784240309e-08,
  -4.382036018453353e-09, 9.14769958223679e-10, -2.5514193994946248e-11, -5.830772132550426e-11,
  2.4361948020667415e-11, -5.0276692801141755e-12, 1.1004392031956135e-13, 3.371763262400985e-13,
  -1.392388722418162e-13, 2.8534893807047445e-14, -0.001851851851851852, -0.003472222222222222,
  0.0026455026455026454, -0.0009902263374485596, 0.00020576131687242798, -4.018775720164609e-07,
  -1.8098550334489977e-05, 7.64916091608111e-06, -1.6120900894563446e-06, 4.647127802807434e-09,
  1.378633446915721e-07, -5.752545603517705e-08, 1.1951628599778148e-08, -1.7543241719747647e-11,
  -1.0091543710600413e-09, 4.162792991842583e-10, -8.56390702649298e-11, 6.067215101604758e-14,
  7.1624989648114856e-12, -2.933186643771437e-12, 5.996696365683689e-13, 0.004133597883597883,
  -0.0026813271604938273, 0.0007716049382716049, 2.0093878600823047e-06, -0.0001073665322636516,
  5.2923448829120125e-05, -1.2760635188618728e-05, 3.423578734096138e-08, 1.3721957309062934e-06,
  -6.298992138380055e-07, 1.4280614206064242e-07, -2.0477098421990866e-10, -1.409252991086752e-08,
  6.228974084922022e-09, -1.3670488396617114e-09, 9.428356159014678e-13, 1.2872252400089318e-10,
  -5.5645956134363323e-11, 0.0006494341563786008, 0.00022947209362139917, -0.0004691894943952557,
  0.00026772063206283885, -7.561801671883977e-05, -2.396505113867297e-07, 1.1082654115347302e-05,
  -5.6749528269915965e-06, 1.4230900732435883e-06, -2.7861080291528143e-11, -1.6958404091930278e-07,
  8.099464905388083e-08, -1.9111168485973655e-08, 2.3928620439808118e-12, 2.0620131815488797e-09,
  -0.0008618882909167117, 0.0007840392217200666, -0.0002990724803031902, -1.4638452578843418e-06,
  6.641498215465122e-05, -3.968365047179435e-05, 1.1375726970678419e-05, 2.507497226237533e-10,
  -1.6954149536558305e-06, 8.907507532205309e-07, -2.292934834000805e-07, -0.00033679855336635813,
  -6.972813758365857e-05, 0.0002772753244959392, -0.00019932570516188847, 6.797780477937208e-05,
  1.419062920643967e-07, -1.3594048189768693e-05, 8.018470256334202e-06, 0.0005313079364639922,
  -0.0005921664373536939, 0.0002708782096718045, 0.00034436760689237765,
]);
const TEMME_TERMS: usize = memory.data<i32>([23, 21, 18, 15, 11, 8, 3, 1]);

/** μ - log(1 + μ), x = a (1 + μ), without cancellation near 0. */
function logGap(a: f64, x: f64): f64 {
  const mu = (x - a) / a;
  if (abs<f64>(mu) > 0.4) return mu - NativeMath.log(x / a);
  const r = mu / (2 + mu);
  const square = r * r;
  let sum: f64 = 0;
  for (let k: f64 = 27; k >= 3; k -= 2) sum = sum * square + 1 / k;
  return mu * r - 2 * r * square * sum;
}

/** xᵃ e⁻ˣ / Γ(a + 1). */
function gammaFactor(a: f64, x: f64): f64 {
  // x¹⁰ e⁻ˣ is 0 beyond 1000, where xᵃ might overflow.
  if (a < 10) return x > 1000 ? 0 : NativeMath.pow(x, a) * NativeMath.exp(-x) * NativeMath.exp(-logGamma(a + 1));
  return NativeMath.exp(-a * logGap(a, x) - stirlingRest(a)) / sqrt<f64>(2 * NativeMath.PI * a);
}

/** P(a, x) by its power series: x not far above a. */
function gammaSeries(a: f64, x: f64): f64 {
  let sum: f64 = 1;
  let term: f64 = 1;
  for (let n = a + 1; term > 1e-17 * sum; n++) {
    term *= x / n;
    sum += term;
  }
  return sum * gammaFactor(a, x);
}

/** Q(a, x) by its continued fraction (Lentz's way): x > a + 1. */
function gammaFraction(a: f64, x: f64): f64 {
  const tiny: f64 = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let h = d;
  for (let i: f64 = 1; i < 10000; i++) {
    const numerator = i * (a - i);
    b += 2;
    d = numerator * d + b;
    c = b + numerator / c;
    if (d == 0) d = tiny;
    if (c == 0) c = tiny;
    d = 1 / d;
    h *= d * c;
    if (abs<f64>(d * c - 1) < 1e-16) break;
  }
  return h * a * gammaFactor(a, x);
}

/** Q(a, x) for small x and a, where P is near 1. */
function gammaRest(a: f64, x: f64): f64 {
  let sum: f64 = 0;
  let term: f64 = 1;
  for (let n: f64 = 1; n < 100; n++) {
    term *= -x / n;
    sum += term / (a + n);
    if (abs<f64>(term) < 1e-17) break;
  }
  const power = a * NativeMath.log(x) - (a <= 0.5 ? logGamma1p(a) : logGamma(a + 1));
  return -NativeMath.expm1(power) - NativeMath.exp(power) * a * sum;
}

/** Temme's expansion for large a and x near it: Q, or P, of a normal distribution with a correction. */
function gammaUniform(a: f64, x: f64, upper: bool): f64 {
  const gap = logGap(a, x);
  const eta = x < a ? -sqrt<f64>(2 * gap) : sqrt<f64>(2 * gap);
  let correction: f64 = 0;
  let power: f64 = 1;
  let row = TEMME;
  for (let k: usize = 0; k < 8; k++) {
    const terms = load<i32>(TEMME_TERMS + (k << 2));
    let sum: f64 = 0;
    for (let n = terms - 1; n >= 0; n--) sum = sum * eta + load<f64>(row + (<usize>n << 3));
    correction += sum * power;
    power /= a;
    row += <usize>terms << 3;
  }
  correction *= NativeMath.exp(-a * gap) / sqrt<f64>(2 * NativeMath.PI * a);
  const root = sqrt<f64>(a / 2);
  return upper ? 0.5 * errorComplement(eta * root) + correction : 0.5 * errorComplement(-eta * root) - correction;
}

function isUniform(a: f64, x: f64): bool {
  return a >= 200 && abs<f64>(x - a) <= 0.5 * a;
}

/** Γ(a, x) / Γ(a). */
function gammaUpper(a: f64, x: f64): f64 {
  if (a < 0 || x < 0) return NaN;
  if (a == 0) return x > 0 ? 0 : NaN;
  if (x == 0) return 1;
  if (a == Infinity) return x == Infinity ? NaN : 1;
  if (x == Infinity) return 0;
  if (a != a || x != x) return NaN;
  if (isUniform(a, x)) return gammaUniform(a, x, true);
  if (x > 1.1) return x > a + 1 ? gammaFraction(a, x) : 1 - gammaSeries(a, x);
  const isLarge = x <= 0.5 ? -0.4 / NativeMath.log(x) < a : x * 1.1 < a;
  return isLarge ? 1 - gammaSeries(a, x) : gammaRest(a, x);
}

/** γ(a, x) / Γ(a). */
function gammaLower(a: f64, x: f64): f64 {
  if (a < 0 || x < 0) return NaN;
  if (a == 0) return x > 0 ? 1 : NaN;
  if (x == 0) return 0;
  if (a == Infinity) return x == Infinity ? NaN : 0;
  if (x == Infinity) return 1;
  if (a != a || x != x) return NaN;
  if (isUniform(a, x)) return gammaUniform(a, x, false);
  return x > 1 && x > a ? 1 - gammaUpper(a, x) : gammaSeries(a, x);
}

@unmanaged
class Lgamma {
  @inline scalar<T>(x: T): T { return <T>logGamma(<f64>x); }
}
export function lgamma(out: usize, x: usize): void { float1<Lgamma>(out, x); }

@unmanaged
class Digamma {
  @inline scalar<T>(x: T): T { return <T>digammaOf(<f64>x); }
}
export function digamma(out: usize, x: usize): void { float1<Digamma>(out, x); }

@unmanaged
class Polygamma {
  @inline scalar<T>(x: T): T { return <T>polygammaOf(order, <f64>x); }
}
export function polygamma(out: usize, x: usize, n: f64): void {
  order = n;
  float1<Polygamma>(out, x);
}

@unmanaged
class Zeta {
  @inline scalar<T>(x: T, y: T): T { return <T>zetaOf(<f64>x, <f64>y); }
}
export function zeta(out: usize, x: usize, y: usize): void { float2<Zeta>(out, x, y); }

@unmanaged
class Igamma {
  @inline scalar<T>(x: T, y: T): T { return <T>gammaLower(<f64>x, <f64>y); }
}
export function igamma(out: usize, x: usize, y: usize): void { float2<Igamma>(out, x, y); }

@unmanaged
class Igammac {
  @inline scalar<T>(x: T, y: T): T { return <T>gammaUpper(<f64>x, <f64>y); }
}
export function igammac(out: usize, x: usize, y: usize): void { float2<Igammac>(out, x, y); }
