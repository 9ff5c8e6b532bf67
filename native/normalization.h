// What normalizations share: vectors of float32 and float64 under one name, and checks.
#pragma once

#include "kernel.h"
#include "linear.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {
namespace {

template <class T>
struct Lanes;
template <>
struct Lanes<float> {
  typedef F32 V;
  static constexpr int64_t n = kLanes;
};
template <>
struct Lanes<double> {
  typedef F64 V;
  static constexpr int64_t n = kLanes64;
};

/** f(V, place, count) over n elements, the last piece partial. */
template <class T, class F>
inline void pieces(int64_t n, F&& f) {
  constexpr int64_t step = Lanes<T>::n;
  int64_t i = 0;
  for (; i + step <= n; i += step) f(i, step);
  if (i < n) f(i, n - i);
}

template <class T>
inline typename Lanes<T>::V take(const T* p, int64_t count) {
  return count == Lanes<T>::n ? load(p) : loadPartial(p, count);
}

template <class T>
inline void put(T* p, typename Lanes<T>::V x, int64_t count) {
  if (count == Lanes<T>::n) {
    store(p, x);
  } else {
    storePartial(p, x, count);
  }
}

/** The elements beyond `count` as zeros: a shift has made something of them. */
template <class T>
inline typename Lanes<T>::V cutOff(typename Lanes<T>::V x, int64_t count) {
  if (count == Lanes<T>::n) return x;
  T kept[64];
  storePartial(kept, x, count);
  return loadPartial(kept, count);
}

/** Whether all operands given are of one float dtype. */
inline bool floats(Call& c, int count) {
  for (int i = 0; i < count; i++) {
    if (c.x[i].data == nullptr) continue;
    if (c.x[i].dtype != c.x[0].dtype || (c.x[0].dtype != kFloat32 && c.x[0].dtype != kFloat64)) {
      c.badDType(i);
      return false;
    }
  }
  return true;
}

inline bool needVector(Call& c, int i, int64_t n) { return c.x[i].data == nullptr || c.need(i, n); }

}  // namespace
}  // namespace NG_ISA
}  // namespace ng
