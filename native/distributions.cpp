// The random streams' further distributions: each number is made from uniform ones in double precision.
#include "random_call.h"

namespace ng {
namespace NG_ISA {
namespace {

/** log(k!) of a whole k ≥ 0: a product up to 15!, then Stirling's series. */
double logFactorial(double k) {
  if (k < 16.0) {
    double product = 1.0;
    for (double i = 2.0; i <= k; i += 1.0) product *= i;
    return accurateLog(product);
  }
  const double x = k + 1.0;
  const double r = 1.0 / x, r2 = r * r;
  const double series = r * (1.0 / 12 - r2 * (1.0 / 360 - r2 * (1.0 / 1260 - r2 * (1.0 / 1680))));
  return (x - 0.5) * accurateLog(x) - x + 0.9189385332046728 + series;
}

/** Knuth's product of uniforms below a rate of 10, Hörmann's transformed rejection (PTRS) from there on. */
double drawPoisson(Engine& engine, double rate) {
  if (!(rate > 0.0)) return 0.0;
  if (rate < 10.0) {
    const double limit = accurateExp(-rate);
    double product = 1.0;
    for (double count = 0.0;; count += 1.0) {
      product *= engine.uniform();
      if (product <= limit) return count;
    }
  }
  const double logRate = accurateLog(rate);
  const double b = 0.931 + 2.53 * sqrt(rate);
  const double a = -0.059 + 0.02483 * b;
  const double logInverseAlpha = accurateLog(1.1239 + 1.1328 / (b - 3.4));
  const double accept = 0.9277 - 3.6224 / (b - 2.0);
  for (;;) {
    const double u = engine.uniform() - 0.5;
    const double v = engine.uniform();
    const double edge = 0.5 - (u < 0.0 ? -u : u);
    const double k = floor((2.0 * a / edge + b) * u + rate + 0.43);
    if (edge >= 0.07 && v <= accept) return k;
    if (k < 0.0 || (edge < 0.013 && v > edge)) continue;
    if (accurateLog(v) + logInverseAlpha - accurateLog(a / (edge * edge) + b) <=
        -rate + k * logRate - logFactorial(k)) {
      return k;
    }
  }
}

/** A row's cumulative probabilities; false (and a report) where a weight is not finite and ≥ 0 or all are 0. */
template <class T>
bool accumulate(Call& call, const T* weights, T* cumulative, int64_t categories) {
  T sum = T(0);
  for (int64_t j = 0; j < categories; j++) {
    const T weight = weights[j];
    if (!(weight >= T(0)) || weight > (sizeof(T) == 4 ? T(3.4028234e38f) : T(1.7976931348623157e308))) {
      call.fail(3, j, static_cast<int32_t>(categories));
      return false;
    }
    sum += weight;
    cumulative[j] = sum;
  }
  if (!(sum > T(0))) {
    call.fail(3, 0, static_cast<int32_t>(categories));
    return false;
  }
  for (int64_t j = 0; j < categories; j++) cumulative[j] /= sum;
  cumulative[categories - 1] = T(1);
  return true;
}

/** With replacement: each sample is a binary search among the cumulative weights of its row. */
template <class T>
void multinomial(Call& call, int64_t rows, int64_t categories, int64_t samples) {
  Engine engine(call.x[1].data);
  auto* out = static_cast<int64_t*>(call.x[0].data);
  const auto* weights = static_cast<const T*>(call.x[2].data);
  auto* cumulative = static_cast<T*>(call.x[3].data);
  for (int64_t row = 0; row < rows; row++) {
    if (!accumulate(call, weights + row * categories, cumulative, categories)) break;
    for (int64_t i = 0; i < samples; i++) {
      const double u = engine.uniform();
      int64_t left = 0, right = categories;
      while (left < right) {
        const int64_t middle = left + (right - left) / 2;
        if (static_cast<double>(cumulative[middle]) < u) {
          left = middle + 1;
        } else {
          right = middle;
        }
      }
      *out++ = left;
    }
  }
  engine.finish();
}

}  // namespace

void kernel_randomExponential(Call& call) {
  if (!ready(call)) return;
  const double factor = -1.0 / call.scalars[0];
  const int64_t n = call.x[0].length;
  Engine engine(call.x[1].data);
  const auto draw = [=](uint32_t high, uint32_t low) { return factor * accurateLog(1.0 - uniformOf(high, low)); };
  if (call.x[0].dtype == kFloat32) {
    engine.fillPairs(static_cast<float*>(call.x[0].data), n,
                     [=](uint32_t high, uint32_t low) { return static_cast<float>(draw(high, low)); });
  } else if (call.x[0].dtype == kFloat64) {
    engine.fillPairs(static_cast<double*>(call.x[0].data), n, draw);
  } else {
    return call.badDType(0);
  }
  engine.finish();
}

void kernel_randomGeometric(Call& call) {
  if (!ready(call)) return;
  const double divisor = accurateLog(1.0 - call.scalars[0]);
  const int64_t n = call.x[0].length;
  Engine engine(call.x[1].data);
  withType(call, [&](auto tag) {
    typedef typename decltype(tag)::type T;
    auto* out = static_cast<T*>(call.x[0].data);
    for (int64_t i = 0; i < n; i++) out[i] = wholeAs<T>(ceil(accurateLog(engine.uniform()) / divisor));
  });
  engine.finish();
}

void kernel_randomCauchy(Call& call) {
  const double median = call.scalars[0], sigma = call.scalars[1];
  eachFloat(call, [=](Engine& engine, int64_t) {
    return median + sigma * accurateTangent(3.141592653589793 * (engine.uniform() - 0.5));
  });
}

void kernel_randomLogNormal(Call& call) {
  const double mean = call.scalars[0], std = call.scalars[1];
  eachFloat(call, [=](Engine& engine, int64_t) { return accurateExp(engine.normal() * std + mean); });
}

void kernel_randomPoisson(Call& call) {
  if (!call.need(2, call.x[0].length)) return;
  const void* rates = call.x[2].data;
  if (call.x[2].dtype == kFloat32) {
    const auto* rate = static_cast<const float*>(rates);
    eachFloat(call, [=](Engine& engine, int64_t i) { return drawPoisson(engine, static_cast<double>(rate[i])); });
  } else if (call.x[2].dtype == kFloat64) {
    const auto* rate = static_cast<const double*>(rates);
    eachFloat(call, [=](Engine& engine, int64_t i) { return drawPoisson(engine, rate[i]); });
  } else {
    call.badDType(2);
  }
}

void kernel_randomMultinomial(Call& call) {
  if (!ready(call)) return;
  const int64_t rows = call.ints[0], categories = call.ints[1], samples = call.ints[2];
  if (rows < 0) return call.badSize(0);
  if (categories < 1) return call.badSize(1);
  if (samples < 0) return call.badSize(2);
  if (call.x[0].dtype != kInt64) return call.badDType(0);
  if (!call.need(0, rows * samples) || !call.need(2, rows * categories) || !call.need(3, categories)) return;
  if (call.x[3].dtype != call.x[2].dtype) return call.badDType(3);
  if (call.x[2].dtype == kFloat32) return multinomial<float>(call, rows, categories, samples);
  if (call.x[2].dtype == kFloat64) return multinomial<double>(call, rows, categories, samples);
  call.badDType(2);
}

}  // namespace NG_ISA
}  // namespace ng
