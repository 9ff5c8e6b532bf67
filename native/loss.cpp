// Losses element by element, and their gradients; reductions are sums of what these give.
#include "parametric.h"

namespace ng {
namespace NG_ISA {
namespace {

template <class V>
struct MseLoss {
  explicit MseLoss(const double*) {}
  V operator()(V x, V y) const {
    const V d = x - y;
    return d * d;
  }
};

template <class V>
struct MseLossBackward {
  V factor;
  explicit MseLossBackward(const double* s) : factor(constant<V>(s[0])) {}
  V operator()(V grad, V x, V y) const { return factor * (x - y) * grad; }
};

/** −(y log x + (1 − y) log(1 − x)), each logarithm at least −100. */
template <class V>
struct BinaryCrossEntropy {
  explicit BinaryCrossEntropy(const double*) {}
  // max takes its second operand for NaN: a NaN of the logarithm stays one
  V operator()(V x, V y) const {
    const V one = constant<V>(1), least = constant<V>(-100);
    return (y - one) * max(least, log(one - x)) - y * max(least, log(x));
  }
};

template <class V>
struct BinaryCrossEntropyBackward {
  explicit BinaryCrossEntropyBackward(const double*) {}
  V operator()(V grad, V x, V y) const { return grad * (x - y) / max((constant<V>(1) - x) * x, constant<V>(1e-12)); }
};

/** (1 − y) x + log(1 + e⁻ˣ) without overflow. */
template <class V>
struct BinaryCrossEntropyWithLogits {
  explicit BinaryCrossEntropyWithLogits(const double*) {}
  V operator()(V x, V y) const {
    const V most = max(constant<V>(0), -x);
    return (constant<V>(1) - y) * x + most + log(exp(-most) + exp(-x - most));
  }
};

template <class V>
struct BinaryCrossEntropyWithLogitsBackward {
  V factor;
  explicit BinaryCrossEntropyWithLogitsBackward(const double* s) : factor(constant<V>(s[0])) {}
  V operator()(V grad, V x, V y) const { return (sigmoid(x) - y) * grad * factor; }
};

template <class V>
struct SmoothL1Loss {
  V beta;
  explicit SmoothL1Loss(const double* s) : beta(constant<V>(s[0])) {}
  V operator()(V x, V y) const {
    const V z = abs(x - y), half = constant<V>(0.5);
    return select(z < beta, half * z * z / beta, z - half * beta);
  }
};

template <class V>
struct SmoothL1LossBackward {
  V beta, factor;
  explicit SmoothL1LossBackward(const double* s) : beta(constant<V>(s[0])), factor(constant<V>(s[1])) {}
  V operator()(V grad, V x, V y) const {
    const V d = x - y, g = factor * grad;
    return select(d <= -beta, -g, select(d >= beta, g, d * g / beta));
  }
};

template <class V>
struct HuberLoss {
  V delta;
  explicit HuberLoss(const double* s) : delta(constant<V>(s[0])) {}
  V operator()(V x, V y) const {
    const V z = abs(x - y), half = constant<V>(0.5);
    return select(z < delta, half * z * z, delta * (z - half * delta));
  }
};

template <class V>
struct HuberLossBackward {
  V delta, factor;
  explicit HuberLossBackward(const double* s) : delta(constant<V>(s[0])), factor(constant<V>(s[1])) {}
  V operator()(V grad, V x, V y) const {
    const V d = x - y, g = factor * grad;
    return select(d < -delta, -g * delta, select(d > delta, g * delta, d * g));
  }
};

}  // namespace

PARAMETRIC_FLOAT2(mseLoss, MseLoss, kLight)
PARAMETRIC_FLOAT3(mseLossBackward, MseLossBackward, kLight)
/** Binary cross entropy, reporting an x that is no probability. */
template <template <class> class Op, class T>
struct ProbabilityLoop {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call& call) {
    const T* x = reinterpret_cast<const T*>(p[1]);
    const int64_t count = broadcast & 2 ? 1 : n;
    bool inside = true;
    for (int64_t i = 0; i < count; i++) inside = inside & (x[i] >= T(0)) & (x[i] <= T(1));
    if (!inside) call.fail(3, 0, 1);
    Parametric2<Op, T>::run(p, n, broadcast, call);
  }
};
NG_PARAMETRIC(binaryCrossEntropy, 3, (parametricFloat<ProbabilityLoop, BinaryCrossEntropy>(dtype)), kHeavy)
PARAMETRIC_FLOAT3(binaryCrossEntropyBackward, BinaryCrossEntropyBackward, kMedium)
PARAMETRIC_FLOAT2(binaryCrossEntropyWithLogits, BinaryCrossEntropyWithLogits, kHeavy)
PARAMETRIC_FLOAT3(binaryCrossEntropyWithLogitsBackward, BinaryCrossEntropyWithLogitsBackward, kMedium)
PARAMETRIC_FLOAT2(smoothL1Loss, SmoothL1Loss, kLight)
PARAMETRIC_FLOAT3(smoothL1LossBackward, SmoothL1LossBackward, kLight)
PARAMETRIC_FLOAT2(huberLoss, HuberLoss, kLight)
PARAMETRIC_FLOAT3(huberLossBackward, HuberLossBackward, kLight)

}  // namespace NG_ISA
}  // namespace ng
