// Steps of optimizers of Adam's kind: by moving averages of the gradient and of its square.
#include "optim.h"

namespace ng {
namespace NG_ISA {

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

}  // namespace NG_ISA
}  // namespace ng
