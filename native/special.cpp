// Functions that few programs need: float32 is computed in double.
#include <limits>

#include "elementwise.h"

namespace ng {
namespace NG_ISA {
namespace {

constexpr double kLog2E = 1.4426950408889634074, kPi = 3.14159265358979323846;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/** log(eˣ + eʸ) = larger + log(1 + e^-distance). */
inline double logAddExp(double x, double y) {
  if (x != x || y != y) return x + y;
  const double high = x > y ? x : y, low = x > y ? y : x;
  return high == low && __builtin_fabs(high) == kInfinity ? high : high + ::log1p(::exp(low - high));
}
inline double logAddExp2(double x, double y) {
  if (x != x || y != y) return x + y;
  const double high = x > y ? x : y, low = x > y ? y : x;
  return high == low && __builtin_fabs(high) == kInfinity ? high : high + ::log1p(::exp2(low - high)) * kLog2E;
}
inline double xLogY(double x, double y) { return y != y ? y : x == 0 ? 0 : x * ::log(y); }
inline double sincOf(double x) { return x == 0 ? 1 : ::sin(kPi * x) / (kPi * x); }

// The same of vectors.
inline F64 logSum(F64 x, F64 y, F64 rest) {
  const F64 high = select(x > y, x, y);
  const F64 sum = select((x == y) & (abs(x) == F64(kInfinity)), x, high + rest);
  return select((x != x) | (y != y), x + y, sum);
}
inline F64 logAddExp(F64 x, F64 y) { return logSum(x, y, wide::log1p(wide::exp(-abs(x - y)))); }
inline F64 logAddExp2(F64 x, F64 y) {
  return logSum(x, y, wide::log1p(wide::exp(abs(x - y) * F64(-1 / kLog2E))) * F64(kLog2E));
}
inline F64 xLogY(F64 x, F64 y) { return select(y != y, y, select(x == F64(0.0), F64(0.0), x * wide::log(y))); }
inline F64 sincOf(F64 x) {
  const F64 angle = F64(kPi) * x;
  return select(x == F64(0.0), F64(1.0), wide::sin(angle) / angle);
}

#define NG_WIDE2(name)                     \
  inline F32 name(F32 x, F32 y) {          \
    F64 a, b, c, d;                        \
    widen(x, a, b);                        \
    widen(y, c, d);                        \
    return narrow(name(a, c), name(b, d)); \
  }
NG_WIDE2(logAddExp)
NG_WIDE2(logAddExp2)
NG_WIDE2(xLogY)
#undef NG_WIDE2
inline F32 sincOf(F32 x) {
  F64 low, high;
  widen(x, low, high);
  return narrow(sincOf(low), sincOf(high));
}

template <class T>
inline T step(T x, T y) {
  return x == T(0) ? y : static_cast<T>(x > T(0));
}
inline F32 step(F32 x, F32 y) { return select(x == F32(0.0f), y, select(x > F32(0.0f), F32(1.0f), F32(0.0f))); }
inline Bool step(Bool x, Bool y) { return x.value ? Bool{1} : y; }

template <class T>
inline uint64_t size(T x) {
  return x < T(0) ? uint64_t{0} - static_cast<uint64_t>(static_cast<int64_t>(x)) : static_cast<uint64_t>(x);
}
/** Euclid's algorithm on magnitudes. */
template <class T>
inline T divisor(T x, T y) {
  uint64_t a = size(x), b = size(y);
  while (b != 0) {
    const uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return static_cast<T>(a);
}
template <class T>
inline T multiple(T x, T y) {
  const T common = divisor(x, y);
  if (common == T(0)) return T(0);
  const T product = times(static_cast<T>(x / common), y);
  return product < T(0) ? negative(product) : product;
}

/** log(x / (1 − x)) of x between eps and 1 − eps, unless eps is NaN. */
inline F64 logitOf(F64 x, double eps) {
  if (eps == eps) x = select(x < F64(eps), F64(eps), select(x > F64(1 - eps), F64(1 - eps), x));
  return wide::log(x / (F64(1.0) - x));
}
void logitLoop(char* const* p, int64_t n, uint32_t, const Call& call) {
  const float* x = reinterpret_cast<const float*>(p[1]);
  const auto vector = [&](F32 value) {
    F64 low, high;
    widen(value, low, high);
    return narrow(logitOf(low, call.scalars[0]), logitOf(high, call.scalars[0]));
  };
  writeVectors(
      reinterpret_cast<float*>(p[0]), n, call, [&](int64_t i) { return vector(load(x + i)); },
      [&](int64_t i, int64_t count) { return vector(loadPartial(x + i, count)); });
}
void wideLogitLoop(char* const* p, int64_t n, uint32_t, const Call& call) {
  double* out = reinterpret_cast<double*>(p[0]);
  const double* x = reinterpret_cast<const double*>(p[1]);
  const double eps = call.scalars[0];
  for (int64_t i = 0; i < n; i++) {
    double value = x[i];
    if (eps == eps) value = value < eps ? eps : value > 1 - eps ? 1 - eps : value;
    out[i] = ::log(value / (1 - value));
  }
}

/** One operand and the call's numbers. */
template <class T>
void nanToNumLoop(char* const* p, int64_t n, uint32_t, const Call& call) {
  T* out = reinterpret_cast<T*>(p[0]);
  const T* x = reinterpret_cast<const T*>(p[1]);
  const T nan = static_cast<T>(call.scalars[0]), high = static_cast<T>(call.scalars[1]);
  const T low = static_cast<T>(call.scalars[2]), infinity = std::numeric_limits<T>::infinity();
  for (int64_t i = 0; i < n; i++) {
    const T value = x[i];
    out[i] = value != value ? nan : value == infinity ? high : value == -infinity ? low : value;
  }
}

void floats(Call& call, Loop single, Loop wide, int64_t grain) {
  if (!sameDType(call, 0, 2)) return;
  const int32_t dtype = call.x[1].dtype;
  runLoop(call, 2, dtype == kFloat32 ? single : dtype == kFloat64 ? wide : nullptr, grain, 0);
}

template <class T>
void splitExponents(Call& call, int64_t n) {
  T* mantissa = static_cast<T*>(call.x[0].data);
  int32_t* exponent = static_cast<int32_t*>(call.x[1].data);
  const T* x = static_cast<const T*>(call.x[2].data);
  parallelFor(call.pool, n, kMedium, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      int power = 0;
      mantissa[i] = static_cast<T>(::frexp(static_cast<double>(x[i]), &power));
      exponent[i] = __builtin_fabs(static_cast<double>(x[i])) <= std::numeric_limits<double>::max() ? power : 0;
    }
  });
}

}  // namespace

BINARY(float, logaddexp, kMedium, logAddExp(x, y))
BINARY(float, logaddexp2, kMedium, logAddExp2(x, y))
BINARY(float, xlogy, kMedium, xLogY(x, y))
UNARY(float, sinc, kMedium, sincOf(x))
BINARY(real, heaviside, kLight, step(x, y))
BINARY(integer, gcd, kHeavy, divisor(x, y))
BINARY(integer, lcm, kHeavy, multiple(x, y))

void kernel_logit(Call& call) { floats(call, logitLoop, wideLogitLoop, kMedium); }
void kernel_nanToNum(Call& call) { floats(call, nanToNumLoop<float>, nanToNumLoop<double>, kLight); }

void kernel_frexp(Call& call) {
  const int64_t n = call.x[2].length;
  if (!call.need(0, n) || !call.need(1, n)) return;
  if (call.x[1].dtype != kInt32) return call.badDType(1);
  if (call.x[0].dtype != call.x[2].dtype) return call.badDType(0);
  if (call.x[2].dtype == kFloat32) return splitExponents<float>(call, n);
  if (call.x[2].dtype == kFloat64) return splitExponents<double>(call, n);
  call.badDType(2);
}

}  // namespace NG_ISA
}  // namespace ng
