/** Functions that few programs need: computed element by element, float32 in f64. */
import { check, DType, dtypeOf, lengthOf, unsupported } from './descriptor';
import { float1, float2, integer2, number2 } from './dispatch';
import { scalars2 } from './loops';
import { logAddExp, logAddExp2 } from './scalars';

@unmanaged
class LogAddExp {
  @inline scalar<T>(x: T, y: T): T { return <T>logAddExp(<f64>x, <f64>y); }
}

export function logaddexp(out: usize, x: usize, y: usize): void {
  float2<LogAddExp>(out, x, y);
}

@unmanaged
class LogAddExp2 {
  @inline scalar<T>(x: T, y: T): T { return <T>logAddExp2(<f64>x, <f64>y); }
}

export function logaddexp2(out: usize, x: usize, y: usize): void {
  float2<LogAddExp2>(out, x, y);
}

@unmanaged
class Xlogy {
  @inline scalar<T>(x: T, y: T): T { return y != y ? y : x == <T>0 ? <T>0 : <T>(<f64>x * NativeMath.log(<f64>y)); }
}

export function xlogy(out: usize, x: usize, y: usize): void {
  float2<Xlogy>(out, x, y);
}

@unmanaged
class Sinc {
  @inline
  scalar<T>(x: T): T {
    const angle = NativeMath.PI * <f64>x;
    return x == <T>0 ? <T>1 : <T>(NativeMath.sin(angle) / angle);
  }
}

export function sinc(out: usize, x: usize): void {
  float1<Sinc>(out, x);
}

@unmanaged
class Heaviside {
  @inline scalar<T>(x: T, y: T): T { return x == <T>0 ? y : <T>(x > <T>0); }
}

export function heaviside(out: usize, x: usize, y: usize): void {
  if (dtypeOf(0) == DType.bool) scalars2<u8, u8, Heaviside>(out, x, y);
  else number2<Heaviside>(out, x, y);
}

/** The call's numbers. */
let first: f64 = 0;
let second: f64 = 0;
let third: f64 = 0;

@unmanaged
class Logit {
  @inline
  scalar<T>(x: T): T {
    let value = <f64>x;
    if (first == first) value = value < first ? first : value > 1 - first ? 1 - first : value;
    return <T>NativeMath.log(value / (1 - value));
  }
}

export function logit(out: usize, x: usize, eps: f64): void {
  first = eps;
  float1<Logit>(out, x);
}

@unmanaged
class NanToNum {
  @inline scalar<T>(x: T): T { return x != x ? <T>first : x == <T>Infinity ? <T>second : x == <T>-Infinity ? <T>third : x; }
}

export function nanToNum(out: usize, x: usize, nan: f64, high: f64, low: f64): void {
  first = nan;
  second = high;
  third = low;
  float1<NanToNum>(out, x);
}

function splitExponents<T>(mantissa: usize, exponent: usize, x: usize, n: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    let value = <f64>load<T>(x + i * sizeof<T>());
    let power = 0;
    if (value != 0 && isFinite(value)) {
      // A subnormal is brought into the normal range first.
      if (abs<f64>(value) < 2.2250738585072014e-308) {
        value *= 18014398509481984;
        power = -54;
      }
      const bits = reinterpret<u64>(value);
      power += <i32>((bits >> 52) & 0x7ff) - 1022;
      value = reinterpret<f64>((bits & 0x800fffffffffffff) | 0x3fe0000000000000);
    }
    store<T>(mantissa + i * sizeof<T>(), <T>value);
    store<i32>(exponent + (i << 2), power);
  }
}

export function frexp(mantissa: usize, exponent: usize, x: usize): void {
  const n = lengthOf(3, 2);
  check(3, 0, n);
  check(3, 1, n);
  if (dtypeOf(2) == DType.float32) splitExponents<f32>(mantissa, exponent, x, n);
  else if (dtypeOf(2) == DType.float64) splitExponents<f64>(mantissa, exponent, x, n);
  else unsupported();
}

/** Euclid's algorithm on magnitudes. */
function divisor<T>(x: T, y: T): T {
  let a = x < <T>0 ? <u64>(0 - <i64>x) : <u64>x;
  let b = y < <T>0 ? <u64>(0 - <i64>y) : <u64>y;
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return <T>a;
}

@unmanaged
class Gcd {
  @inline scalar<T>(x: T, y: T): T { return divisor<T>(x, y); }
}

export function gcd(out: usize, x: usize, y: usize): void {
  integer2<Gcd>(out, x, y);
}

@unmanaged
class Lcm {
  @inline
  scalar<T>(x: T, y: T): T {
    const common = divisor<T>(x, y);
    if (common == <T>0) return <T>0;
    const product = <T>(<T>(x / common) * y);
    return product < <T>0 ? <T>(<T>0 - product) : product;
  }
}

export function lcm(out: usize, x: usize, y: usize): void {
  integer2<Lcm>(out, x, y);
}
