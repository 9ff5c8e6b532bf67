// Activations and their gradients. An operation's constants come from the call's scalars, in the order of its fields.
#include "parametric.h"

namespace ng {
namespace NG_ISA {
namespace {

// ACTIVATION(name, constants' assignments, body of f(x)); GRADIENT the same of f(grad, x).
#define NG_FUNCTOR(name, fields, set, parameters, expression) \
  template <class V>                                          \
  struct name {                                               \
    fields explicit name(const double* s) {                   \
      (void)s;                                                \
      set                                                     \
    }                                                         \
    V operator() parameters const { return expression; }      \
  };
#define FUNCTION0(name, expression) NG_FUNCTOR(name, , , (V x), expression)
#define FUNCTION1(name, a, expression) NG_FUNCTOR(name, V a;, a = constant<V>(s[0]);, (V x), expression)
#define FUNCTION2(name, a, b, expression) \
  NG_FUNCTOR(name, V a; V b;, a = constant<V>(s[0]); b = constant<V>(s[1]);, (V x), expression)
#define GRADIENT0(name, expression) NG_FUNCTOR(name, , , (V grad, V x), expression)
#define GRADIENT1(name, a, expression) NG_FUNCTOR(name, V a;, a = constant<V>(s[0]);, (V grad, V x), expression)
#define GRADIENT2(name, a, b, expression) \
  NG_FUNCTOR(name, V a; V b;, a = constant<V>(s[0]); b = constant<V>(s[1]);, (V grad, V x), expression)

template <class V>
inline V number(double value) {
  return constant<V>(value);
}

FUNCTION0(Relu, select(x < V(0), V(0), x))
FUNCTION2(Threshold, threshold, value, select(x <= threshold, value, x))
GRADIENT1(ThresholdBackward, threshold, select(x <= threshold, V(0), grad))
// As two steps: where low > high everything becomes high.
FUNCTION2(Hardtanh, low, high, select(select(x < low, low, x) > high, high, select(x < low, low, x)))
GRADIENT2(HardtanhBackward, low, high, select((x <= low) | (x >= high), V(0), grad))
FUNCTION1(LeakyRelu, slope, select(x > V(0), x, x* slope))
GRADIENT1(LeakyReluBackward, slope, select(x > V(0), grad, grad* slope))
FUNCTION1(Hardshrink, width, select((x >= -width) & (x <= width), V(0), x))
FUNCTION1(Softshrink, width, select(x > width, x - width, select(x < -width, x + width, V(0))))
GRADIENT1(ShrinkBackward, width, select((x >= -width) & (x <= width), V(0), grad))

/** max(0, min(x + 3, 6)), NaN kept. */
template <class V>
inline V relu6(V x) {
  return max(V(0), min(number<V>(6), x));
}
FUNCTION0(Hardsigmoid, relu6(x + number<V>(3)) / number<V>(6))
GRADIENT0(HardsigmoidBackward, select((x > number<V>(-3)) & (x < number<V>(3)), grad / number<V>(6), V(0)))
FUNCTION0(Hardswish, x* relu6(x + number<V>(3)) / number<V>(6))
GRADIENT0(HardswishBackward,
          select(x < number<V>(-3), V(0), select(x <= number<V>(3), grad*(x / number<V>(3) + number<V>(0.5)), grad)))

/** scale · (x > 0 ? x : alpha (e^(inputScale x) − 1)). */
template <class V>
struct Elu {
  V negative, scale, inputScale;
  explicit Elu(const double* s)
      : negative(constant<V>(s[0] * s[1])), scale(constant<V>(s[1])), inputScale(constant<V>(s[2])) {}
  V operator()(V x) const { return select(x <= V(0), expm1(x * inputScale) * negative, x * scale); }
};
template <class V>
struct EluBackward {
  V negative, scale, inputScale;
  explicit EluBackward(const double* s)
      : negative(constant<V>(s[0] * s[1] * s[2])), scale(constant<V>(s[1])), inputScale(constant<V>(s[2])) {}
  V operator()(V grad, V x) const { return select(x <= V(0), grad * exp(x * inputScale) * negative, grad * scale); }
};

FUNCTION0(Gelu, x* number<V>(0.5) * (number<V>(1) + erf(x * number<V>(0.70710678118654752440))))
/** Φ(x) + x φ(x). */
template <class V>
struct GeluBackward {
  explicit GeluBackward(const double*) {}
  V operator()(V grad, V x) const {
    const V below = number<V>(0.5) * (number<V>(1) + erf(x * number<V>(0.70710678118654752440)));
    const V density = exp(number<V>(-0.5) * x * x) * number<V>(0.39894228040143267794);
    return grad * (below + x * density);
  }
};

constexpr double kRoot2OverPi = 0.79788456080286535588, kCubic = 0.044715;
/** ½ (1 + tanh u), u = √(2/π) (x + 0.044715 x³): the sigmoid of 2u. The exponential of its −2u. */
template <class V>
inline V geluExp(V x) {
  return exp(number<V>(-2 * kRoot2OverPi) * (x + number<V>(kCubic) * x * x * x));
}
/** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
FUNCTION0(GeluTanh, x / (number<V>(1) + geluExp(x)))
template <class V>
struct GeluTanhBackward {
  explicit GeluTanhBackward(const double*) {}
  V operator()(V grad, V x) const {
    const V one = number<V>(1), s = one / (one + geluExp(x));
    const V slope = number<V>(2 * kRoot2OverPi) * (one + number<V>(3 * kCubic) * x * x);
    return grad * (s + x * s * (one - s) * slope);
  }
};

FUNCTION0(Silu, x / (number<V>(1) + exp(-x)))
template <class V>
struct SiluBackward {
  explicit SiluBackward(const double*) {}
  V operator()(V grad, V x) const {
    const V one = number<V>(1), s = sigmoid(x);
    return grad * s * (one + x * (one - s));
  }
};

/** tanh(ln(1 + e)) of e = eˣ, for x ≤ 20, from where on it is 1. */
template <class V>
inline V tanhOfLog(V e) {
  const V n = e * (e + number<V>(2));
  return n / (n + number<V>(2));
}
FUNCTION0(Mish, x* tanhOfLog(exp(min(number<V>(20), x))))
template <class V>
struct MishBackward {
  explicit MishBackward(const double*) {}
  V operator()(V grad, V x) const {
    const V one = number<V>(1), e = exp(min(number<V>(20), x)), t = tanhOfLog(e);
    return grad * (t + x * (e / (one + e)) * (one - t * t));
  }
};

FUNCTION2(Softplus, beta, threshold, select(x* beta > threshold, x, log1p(exp(x* beta)) / beta))
GRADIENT2(SoftplusBackward, beta, threshold, select(x* beta > threshold, grad, grad* sigmoid(x* beta)))
FUNCTION0(LogSigmoid, min(V(0), x) - log1p(exp(-abs(x))))
GRADIENT0(LogSigmoidBackward, grad* sigmoid(-x))

/** x > 0 ? x : w x, w an operand. */
template <class V>
struct Prelu {
  explicit Prelu(const double*) {}
  V operator()(V x, V w) const { return select(x > V(0), x, w * x); }
};

}  // namespace

PARAMETRIC1(relu, Relu, kLight)
PARAMETRIC1(threshold, Threshold, kLight)
PARAMETRIC2(thresholdBackward, ThresholdBackward, kLight)
PARAMETRIC1(hardtanh, Hardtanh, kLight)
PARAMETRIC_FLOAT2(hardtanhBackward, HardtanhBackward, kLight)
PARAMETRIC_FLOAT1(leakyRelu, LeakyRelu, kLight)
PARAMETRIC_FLOAT2(leakyReluBackward, LeakyReluBackward, kLight)
PARAMETRIC_FLOAT1(hardshrink, Hardshrink, kLight)
PARAMETRIC_FLOAT1(softshrink, Softshrink, kLight)
PARAMETRIC_FLOAT2(shrinkBackward, ShrinkBackward, kLight)
PARAMETRIC_FLOAT1(hardsigmoid, Hardsigmoid, kLight)
PARAMETRIC_FLOAT2(hardsigmoidBackward, HardsigmoidBackward, kLight)
PARAMETRIC_FLOAT1(hardswish, Hardswish, kLight)
PARAMETRIC_FLOAT2(hardswishBackward, HardswishBackward, kLight)
PARAMETRIC_FLOAT1(elu, Elu, kMedium)
PARAMETRIC_FLOAT2(eluBackward, EluBackward, kMedium)
PARAMETRIC_FLOAT1(gelu, Gelu, kHeavy)
PARAMETRIC_FLOAT2(geluBackward, GeluBackward, kHeavy)
PARAMETRIC_FLOAT1(geluTanh, GeluTanh, kHeavy)
PARAMETRIC_FLOAT2(geluTanhBackward, GeluTanhBackward, kHeavy)
PARAMETRIC_FLOAT1(silu, Silu, kMedium)
PARAMETRIC_FLOAT2(siluBackward, SiluBackward, kMedium)
PARAMETRIC_FLOAT1(mish, Mish, kHeavy)
PARAMETRIC_FLOAT2(mishBackward, MishBackward, kHeavy)
PARAMETRIC_FLOAT1(softplus, Softplus, kHeavy)
PARAMETRIC_FLOAT2(softplusBackward, SoftplusBackward, kMedium)
PARAMETRIC_FLOAT1(logSigmoid, LogSigmoid, kHeavy)
PARAMETRIC_FLOAT2(logSigmoidBackward, LogSigmoidBackward, kMedium)
PARAMETRIC_FLOAT2(prelu, Prelu, kLight)

}  // namespace NG_ISA
}  // namespace ng
