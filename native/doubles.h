// Elementwise kernels of functions that are computed in double: float32 elements are widened, and rounded once.
#pragma once

#include <limits>

#include "elementwise.h"

namespace ng {
namespace NG_ISA {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/** Σ c[k] T_k(t) for t in [-1, 1], by Clenshaw's recurrence. */
template <int N>
inline double chebyshev(const double (&c)[N], double t) {
  double a = 0, b = 0;
  for (int k = N - 1; k > 0; k--) {
    const double next = 2 * t * a - b + c[k];
    b = a;
    a = next;
  }
  return t * a - b + c[0];
}

template <class T, double (*f)(double)>
void doubles1(char* const* p, int64_t n, uint32_t, const Call&) {
  T* out = reinterpret_cast<T*>(p[0]);
  const T* x = reinterpret_cast<const T*>(p[1]);
  for (int64_t i = 0; i < n; i++) out[i] = static_cast<T>(f(x[i]));
}

template <class T, double (*f)(double, double)>
void doubles2(char* const* p, int64_t n, uint32_t broadcast, const Call&) {
  T* out = reinterpret_cast<T*>(p[0]);
  const T* x = reinterpret_cast<const T*>(p[1]);
  const T* y = reinterpret_cast<const T*>(p[2]);
  const int64_t stepX = broadcast & 2 ? 0 : 1, stepY = broadcast & 4 ? 0 : 1;
  for (int64_t i = 0; i < n; i++) out[i] = static_cast<T>(f(x[i * stepX], y[i * stepY]));
}

}  // namespace

/** A kernel of f(x). An element costs some 50 to 500 ns, so even few of them are shared out to threads. */
#define DOUBLE1(name, f)                                                                                          \
  void kernel_##name(Call& call) {                                                                                \
    if (!sameDType(call, 0, 2)) return;                                                                           \
    const int32_t dtype = call.x[1].dtype;                                                                        \
    const Loop loop = dtype == kFloat32 ? doubles1<float, f> : dtype == kFloat64 ? doubles1<double, f> : nullptr; \
    runLoop(call, 2, loop, kCostly, 0);                                                                           \
  }

/** A kernel of f(x, y). */
#define DOUBLE2(name, f)                                                                                          \
  void kernel_##name(Call& call) {                                                                                \
    if (!sameDType(call, 0, 3)) return;                                                                           \
    const int32_t dtype = call.x[1].dtype;                                                                        \
    const Loop loop = dtype == kFloat32 ? doubles2<float, f> : dtype == kFloat64 ? doubles2<double, f> : nullptr; \
    runLoop(call, 3, loop, kCostly, 6);                                                                           \
  }

constexpr int64_t kCostly = 1024;

}  // namespace NG_ISA
}  // namespace ng
