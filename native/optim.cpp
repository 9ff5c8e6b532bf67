// Optimizer steps: one pass over a parameter, its gradient and its state. Multiplications and additions are rounded
// one by one, so every instruction set and the WASM build give the same bits.
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

void kernel_sgdStep(Call& call) {
  const double lr = call.scalars[0], momentum = call.scalars[1], dampening = call.scalars[2];
  const Direction direction = {call.scalars[4], call.scalars[3]};
  if (call.x[2].data == nullptr) {
    return run(call, {0, 1}, [=](auto* x) {
      typedef decltype(x[0] + x[0]) V;
      x[0] = x[0] - direction.of(x[0], x[1]) * constant<V>(lr);
    });
  }
  const bool first = call.ints[0] != 0, nesterov = call.ints[1] != 0;
  run(call, {0, 1, 2}, [=](auto* x) {
    typedef decltype(x[0] + x[0]) V;
    const V g = direction.of(x[0], x[1]);
    x[2] = first ? g : x[2] * constant<V>(momentum) + g * constant<V>(1 - dampening);
    x[0] = x[0] - (nesterov ? g + x[2] * constant<V>(momentum) : x[2]) * constant<V>(lr);
  });
}

void kernel_adamStep(Call& call) {
  const double* s = call.scalars;
  const double stepSize = s[0], beta1 = s[1], beta2 = s[2], eps = s[3], correction = s[4], shrink = s[6];
  const Direction direction = {s[7], s[5]};
  const auto step = [=](auto* x, auto& square) {
    typedef decltype(x[0] + x[0]) V;
    if (shrink != 1) x[0] = x[0] * constant<V>(shrink);
    x[0] = x[0] - x[2] * constant<V>(stepSize) / (sqrt(square) / constant<V>(correction) + constant<V>(eps));
  };
  const auto averages = [=](auto* x) {
    const auto g = direction.of(x[0], x[1]);
    x[2] = average(x[2], g, beta1);
    x[3] = averageSquare(x[3], g, beta2);
  };
  if (call.x[4].data == nullptr) {
    return run(call, {0, 1, 2, 3}, [=](auto* x) {
      averages(x);
      step(x, x[3]);
    });
  }
  run(call, {0, 1, 2, 3, 4}, [=](auto* x) {
    averages(x);
    x[4] = larger(x[4], x[3]);
    step(x, x[4]);
  });
}

void kernel_adamaxStep(Call& call) {
  const double* s = call.scalars;
  const double stepSize = s[0], beta1 = s[1], beta2 = s[2], eps = s[3];
  const Direction direction = {s[5], s[4]};
  run(call, {0, 1, 2, 3}, [=](auto* x) {
    typedef decltype(x[0] + x[0]) V;
    const V g = direction.of(x[0], x[1]);
    x[2] = average(x[2], g, beta1);
    x[3] = larger(x[3] * constant<V>(beta2), abs(g) + constant<V>(eps));
    x[0] = x[0] - x[2] * constant<V>(stepSize) / x[3];
  });
}

void kernel_nadamStep(Call& call) {
  const double* s = call.scalars;
  const double gradStep = s[0], averageStep = s[1], beta1 = s[2], beta2 = s[3], eps = s[4], correction = s[5];
  const Direction direction = {s[7], s[6]};
  run(call, {0, 1, 2, 3}, [=](auto* x) {
    typedef decltype(x[0] + x[0]) V;
    const V g = direction.of(x[0], x[1]);
    x[2] = average(x[2], g, beta1);
    x[3] = averageSquare(x[3], g, beta2);
    const V scale = sqrt(x[3] / constant<V>(correction)) + constant<V>(eps);
    x[0] = x[0] - g * constant<V>(gradStep) / scale;
    x[0] = x[0] - x[2] * constant<V>(averageStep) / scale;
  });
}

void kernel_radamStep(Call& call) {
  const double* s = call.scalars;
  const double stepSize = s[0], beta1 = s[1], beta2 = s[2], eps = s[3];
  const Direction direction = {s[5], s[4]};
  const bool rectified = call.ints[0] != 0;
  run(call, {0, 1, 2, 3}, [=](auto* x) {
    typedef decltype(x[0] + x[0]) V;
    const V g = direction.of(x[0], x[1]);
    x[2] = average(x[2], g, beta1);
    x[3] = averageSquare(x[3], g, beta2);
    const V step = x[2] * constant<V>(stepSize);
    x[0] = x[0] - (rectified ? step / (sqrt(x[3]) + constant<V>(eps)) : step);
  });
}

namespace {

/** What RMSprop divides the gradient by; x[Mean], if there is one, is the mean gradient. */
template <int Mean>
struct RmsScale {
  double alpha, eps;
  template <class V>
  V of(V* x, V g) const {
    x[2] = averageSquare(x[2], g, alpha);
    V variance = x[2];
    if (Mean > 0) {
      x[Mean] = average(x[Mean], g, alpha);
      variance = variance - x[Mean] * x[Mean];
    }
    return sqrt(variance) + constant<V>(eps);
  }
};

template <int Mean, int N>
void rmsprop(Call& call, const int (&slot)[N], bool hasMomentum) {
  const double* s = call.scalars;
  const double lr = s[0], momentum = s[3];
  const RmsScale<Mean> scale = {s[1], s[2]};
  const Direction direction = {s[5], s[4]};
  if (!hasMomentum) {
    return run(call, slot, [=](auto* x) {
      typedef decltype(x[0] + x[0]) V;
      const V g = direction.of(x[0], x[1]);
      x[0] = x[0] - g * constant<V>(lr) / scale.of(x, g);
    });
  }
  run(call, slot, [=](auto* x) {
    typedef decltype(x[0] + x[0]) V;
    const V g = direction.of(x[0], x[1]);
    x[N - 1] = x[N - 1] * constant<V>(momentum) + g / scale.of(x, g);
    x[0] = x[0] - x[N - 1] * constant<V>(lr);
  });
}

}  // namespace

void kernel_rmspropStep(Call& call) {
  const bool centered = call.x[3].data != nullptr, momentum = call.x[4].data != nullptr;
  if (centered && momentum) return rmsprop<3>(call, {0, 1, 2, 3, 4}, true);
  if (centered) return rmsprop<3>(call, {0, 1, 2, 3}, false);
  if (momentum) return rmsprop<0>(call, {0, 1, 2, 4}, true);
  rmsprop<0>(call, {0, 1, 2}, false);
}

void kernel_rpropStep(Call& call) {
  const double* s = call.scalars;
  const double smaller = s[0], greater = s[1], least = s[2], most = s[3], sign = s[4];
  run(call, {0, 1, 2, 3}, [=](auto* x) {
    typedef decltype(x[0] + x[0]) V;
    const V zero = constant<V>(0);
    const V g = sign != 1 ? x[1] * constant<V>(sign) : x[1];
    const V turn = g * x[2];
    const V factor =
        select(turn > zero, constant<V>(greater), select(turn < zero, constant<V>(smaller), constant<V>(1)));
    x[3] = min(max(x[3] * factor, constant<V>(least)), constant<V>(most));
    x[2] = select(turn < zero, zero, g);
    x[0] = x[0] - select(x[2] > zero, x[3], select(x[2] < zero, zero - x[3], zero));
  });
}

void kernel_adagradStep(Call& call) {
  const double* s = call.scalars;
  const double stepSize = s[0], eps = s[1];
  const Direction direction = {s[3], s[2]};
  run(call, {0, 1, 2}, [=](auto* x) {
    typedef decltype(x[0] + x[0]) V;
    const V g = direction.of(x[0], x[1]);
    x[2] = x[2] + g * g;
    x[0] = x[0] - g * constant<V>(stepSize) / (sqrt(x[2]) + constant<V>(eps));
  });
}

void kernel_adadeltaStep(Call& call) {
  const double* s = call.scalars;
  const double lr = s[0], rho = s[1], eps = s[2];
  const Direction direction = {s[4], s[3]};
  run(call, {0, 1, 2, 3}, [=](auto* x) {
    typedef decltype(x[0] + x[0]) V;
    const V g = direction.of(x[0], x[1]);
    x[2] = averageSquare(x[2], g, rho);
    const V delta = sqrt(x[3] + constant<V>(eps)) / sqrt(x[2] + constant<V>(eps)) * g;
    x[0] = x[0] - delta * constant<V>(lr);
    x[3] = averageSquare(x[3], delta, rho);
  });
}

void kernel_asgdStep(Call& call) {
  const double* s = call.scalars;
  const double decay = s[0], eta = s[1], mu = s[2];
  const Direction direction = {s[4], s[3]};
  run(call, {0, 1, 2}, [=](auto* x) {
    typedef decltype(x[0] + x[0]) V;
    const V g = direction.of(x[0], x[1]);
    x[0] = x[0] * constant<V>(decay) - g * constant<V>(eta);
    x[2] = mu == 1 ? x[0] : x[2] + (x[0] - x[2]) * constant<V>(mu);
  });
}

}  // namespace NG_ISA
}  // namespace ng
