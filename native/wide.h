// One spelling for vectors of float32 and single float64 values: a kernel written as a template over the element type
// runs on F32 vectors for float and on plain doubles for double.
#pragma once

#include <math.h>

#include "simd.h"
#include "vmath.h"

namespace ng {
namespace NG_ISA {

template <class T>
struct Wide;

template <>
struct Wide<float> {
  typedef F32 V;
  typedef M32 M;
  static constexpr int n = kLanes;
  static V get(const float* p) { return load(p); }
  static V get(const float* p, int64_t count) { return loadPartial(p, count); }
  static void put(float* p, V x) { store(p, x); }
  static void put(float* p, V x, int64_t count) { storePartial(p, x, count); }
  /** start, start + 1, … */
  static V from(int64_t start) {
    alignas(64) static const float lanes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return load(lanes) + V(static_cast<float>(start));
  }
};

template <>
struct Wide<double> {
  typedef double V;
  typedef bool M;
  static constexpr int n = 1;
  static V get(const double* p) { return *p; }
  static V get(const double* p, int64_t) { return *p; }
  static void put(double* p, V x) { *p = x; }
  static void put(double* p, V x, int64_t) { *p = x; }
  static V from(int64_t start) { return static_cast<double>(start); }
};

// Plain numbers under the names of simd.h. As there, min and max give the second operand when either is NaN.
inline float max(float x, float y) { return x > y ? x : y; }
inline double max(double x, double y) { return x > y ? x : y; }
inline float min(float x, float y) { return x < y ? x : y; }
inline double min(double x, double y) { return x < y ? x : y; }
inline double reduceAdd(double x) { return x; }
inline double reduceMax(double x) { return x; }

/** The largest of n ≥ 1 elements. One that is NaN may be passed over, or be what is found: an exponential shows it. */
template <class T>
inline T rowMax(const T* x, int64_t n) {
  typedef Wide<T> L;
  typename L::V a(x[0]), b(x[0]);
  int64_t i = 0;
  for (; i + 2 * L::n <= n; i += 2 * L::n) {
    a = max(a, L::get(x + i));
    b = max(b, L::get(x + i + L::n));
  }
  T most = reduceMax(max(a, b));
  for (; i < n; i++) most = x[i] > most ? x[i] : most;
  return most;
}

}  // namespace NG_ISA
}  // namespace ng
