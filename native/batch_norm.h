// Batch normalization's sizes and operands.
#pragma once

#include "normalization.h"

namespace ng {
namespace NG_ISA {
namespace {

struct Sizes {
  int64_t batch, channels, inner;
  bool training;
  /** Channels below which one thread does the work. */
  int64_t grain() const { return 32768 / (batch * inner + 1) + 1; }
};

template <class T>
struct Forward {
  T* out;
  const T *x, *weight, *bias;
  T *mean, *variance, *rstd;
  double eps, n;

  explicit Forward(Call& c, const Sizes& sizes)
      : out(static_cast<T*>(c.x[0].data)),
        x(static_cast<const T*>(c.x[1].data)),
        weight(static_cast<const T*>(c.x[2].data)),
        bias(static_cast<const T*>(c.x[3].data)),
        mean(static_cast<T*>(c.x[4].data)),
        variance(static_cast<T*>(c.x[5].data)),
        rstd(static_cast<T*>(c.x[6].data)),
        eps(c.scalars[0]),
        n(static_cast<double>(sizes.batch * sizes.inner)) {}

  void setRstd(int64_t j) const { rstd[j] = static_cast<T>(1.0 / squareRoot(static_cast<double>(variance[j]) + eps)); }
  T weightOf(int64_t j) const { return weight ? weight[j] : T(1); }
  T biasOf(int64_t j) const { return bias ? bias[j] : T(0); }
};

template <class T>
struct Backward {
  T *out, *weightGrad, *biasGrad;
  const T *grad, *x, *weight, *mean, *rstd;
  double n;

  explicit Backward(Call& c, const Sizes& sizes)
      : out(static_cast<T*>(c.x[0].data)),
        weightGrad(static_cast<T*>(c.x[1].data)),
        biasGrad(static_cast<T*>(c.x[2].data)),
        grad(static_cast<const T*>(c.x[3].data)),
        x(static_cast<const T*>(c.x[4].data)),
        weight(static_cast<const T*>(c.x[5].data)),
        mean(static_cast<const T*>(c.x[6].data)),
        rstd(static_cast<const T*>(c.x[7].data)),
        n(static_cast<double>(sizes.batch * sizes.inner)) {}

  T scaleOf(int64_t j) const { return rstd[j] * (weight ? weight[j] : T(1)); }
};

}  // namespace
}  // namespace NG_ISA
}  // namespace ng
