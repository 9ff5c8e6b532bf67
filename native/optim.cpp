// Steps of the other optimizers.
#include "optim.h"

namespace ng {
namespace NG_ISA {

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
