// Functions that few programs need: computed element by element, float32 in double.
#include <limits>

#include "elementwise.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Lets a function of doubles be called on vectors. */
#define NG_LANES1(name)                                                                                \
  inline F32 name(F32 x) {                                                                             \
    alignas(64) float lane[kLanes];                                                                    \
    store(lane, x);                                                                                    \
    for (int i = 0; i < kLanes; i++) lane[i] = static_cast<float>(name(static_cast<double>(lane[i]))); \
    return load(lane);                                                                                 \
  }
#define NG_LANES2(name)                                                                      \
  inline F32 name(F32 x, F32 y) {                                                            \
    alignas(64) float a[kLanes], b[kLanes];                                                  \
    store(a, x);                                                                             \
    store(b, y);                                                                             \
    for (int i = 0; i < kLanes; i++) {                                                       \
      a[i] = static_cast<float>(name(static_cast<double>(a[i]), static_cast<double>(b[i]))); \
    }                                                                                        \
    return load(a);                                                                          \
  }

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

NG_LANES2(logAddExp)
NG_LANES2(logAddExp2)
NG_LANES2(xLogY)
NG_LANES1(sincOf)

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

/** One operand and the call's numbers. */
template <class T>
void logitLoop(char* const* p, int64_t n, uint32_t, const Call& call) {
  T* out = reinterpret_cast<T*>(p[0]);
  const T* x = reinterpret_cast<const T*>(p[1]);
  const double eps = call.scalars[0];
  for (int64_t i = 0; i < n; i++) {
    double value = x[i];
    if (eps == eps) value = value < eps ? eps : value > 1 - eps ? 1 - eps : value;
    out[i] = static_cast<T>(::log(value / (1 - value)));
  }
}
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

BINARY(float, logaddexp, kHeavy, logAddExp(x, y))
BINARY(float, logaddexp2, kHeavy, logAddExp2(x, y))
BINARY(float, xlogy, kHeavy, xLogY(x, y))
UNARY(float, sinc, kHeavy, sincOf(x))
BINARY(real, heaviside, kLight, step(x, y))
BINARY(integer, gcd, kHeavy, divisor(x, y))
BINARY(integer, lcm, kHeavy, multiple(x, y))

void kernel_logit(Call& call) { floats(call, logitLoop<float>, logitLoop<double>, kHeavy); }
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
