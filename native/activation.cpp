// Activations and their gradients.
#include "parametric.h"

namespace ng {
namespace NG_ISA {
namespace {

template <class V>
struct Relu {
  explicit Relu(const double*) {}
  V operator()(V x) const { return select(x < V(0), V(0), x); }
};

template <class V>
struct Threshold {
  V threshold, value;
  explicit Threshold(const double* s) : threshold(constant<V>(s[0])), value(constant<V>(s[1])) {}
  V operator()(V x) const { return select(x <= threshold, value, x); }
};

template <class V>
struct ThresholdBackward {
  V threshold;
  explicit ThresholdBackward(const double* s) : threshold(constant<V>(s[0])) {}
  V operator()(V grad, V x) const { return select(x <= threshold, V(0), grad); }
};

}  // namespace

PARAMETRIC1(relu, Relu, kLight)
PARAMETRIC1(threshold, Threshold, kLight)
PARAMETRIC2(thresholdBackward, ThresholdBackward, kLight)

}  // namespace NG_ISA
}  // namespace ng
