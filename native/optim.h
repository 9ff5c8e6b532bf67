// How an optimizer's step walks over a parameter, its gradient and its state: in one pass. Multiplications and
// additions are rounded one by one, so every instruction set and the WASM build give the same bits.
#pragma once

#include <math.h>

#include "kernel.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {
namespace {

constexpr int64_t kGrain = 16384;

inline double sqrt(double x) { return ::sqrt(x); }
inline double abs(double x) { return ::fabs(x); }
inline double max(double x, double y) { return x > y ? x : y; }
inline double min(double x, double y) { return x < y ? x : y; }
inline double select(bool mask, double x, double y) { return mask ? x : y; }

/** A scalar in the precision of V. */
template <class V>
inline V constant(double x);
template <>
inline F32 constant<F32>(double x) {
  return F32(static_cast<float>(x));
}
template <>
inline double constant<double>(double x) {
  return x;
}

/** The larger one; NaN if either is. */
template <class V>
inline V larger(V x, V y) {
  return select(x != x, x, select(y > x, y, select(y != y, y, x)));
}

/** The gradient to follow: negated to maximize, plus the weight decay. */
struct Direction {
  double sign, weightDecay;
  template <class V>
  V of(V param, V grad) const {
    V g = grad;
    if (sign != 1) g = g * constant<V>(sign);
    if (weightDecay != 0) g = g + param * constant<V>(weightDecay);
    return g;
  }
};

/** mean · beta + value · (1 − beta). */
template <class V>
inline V average(V mean, V value, double beta) {
  return mean * constant<V>(beta) + value * constant<V>(1 - beta);
}

/** The same of value²; the factors in PyTorch's order. */
template <class V>
inline V averageSquare(V mean, V value, double beta) {
  return mean * constant<V>(beta) + value * constant<V>(1 - beta) * value;
}

/** Runs step over elements [begin, end) of N operands; operand 1, the gradient, is only read. */
template <int N, class Step>
void floats(float* const* p, int64_t begin, int64_t end, const Step& step) {
  F32 x[N];
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) {
    for (int k = 0; k < N; k++) x[k] = load(p[k] + i);
    step(x);
    for (int k = 0; k < N; k++) {
      if (k != 1) store(p[k] + i, x[k]);
    }
  }
  if (i < end) {
    for (int k = 0; k < N; k++) x[k] = loadPartial(p[k] + i, end - i);
    step(x);
    for (int k = 0; k < N; k++) {
      if (k != 1) storePartial(p[k] + i, x[k], end - i);
    }
  }
}

template <int N, class Step>
void doubles(double* const* p, int64_t begin, int64_t end, const Step& step) {
  double x[N];
  for (int64_t i = begin; i < end; i++) {
    for (int k = 0; k < N; k++) x[k] = p[k][i];
    step(x);
    for (int k = 0; k < N; k++) {
      if (k != 1) p[k][i] = x[k];
    }
  }
}

/** Runs step over N operands of one length; `slot` says which of the call's operands each of them is. */
template <int N, class Step>
void run(Call& call, const int (&slot)[N], const Step& step) {
  const int64_t n = call.x[0].length;
  const int32_t dtype = call.x[0].dtype;
  void* data[N];
  for (int k = 0; k < N; k++) {
    const Operand& x = call.x[slot[k]];
    if (x.dtype != dtype) return call.badDType(slot[k]);
    if (!call.need(slot[k], n)) return;
    data[k] = x.data;
  }
  if (dtype == kFloat32) {
    float* p[N];
    for (int k = 0; k < N; k++) p[k] = static_cast<float*>(data[k]);
    parallelFor(
        call.pool, n, kGrain, [&](int64_t begin, int64_t end, int) { floats<N>(p, begin, end, step); }, 64);
  } else if (dtype == kFloat64) {
    double* p[N];
    for (int k = 0; k < N; k++) p[k] = static_cast<double*>(data[k]);
    parallelFor(
        call.pool, n, kGrain, [&](int64_t begin, int64_t end, int) { doubles<N>(p, begin, end, step); }, 64);
  } else {
    call.badDType(0);
  }
}

}  // namespace
}  // namespace NG_ISA
}  // namespace ng
