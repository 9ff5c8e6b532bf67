// Running sums, products and their like along one dimension. float32 is carried in double.
#include <math.h>

#include "arithmetic.h"
#include "kernel.h"

namespace ng {
namespace NG_ISA {
namespace {

constexpr int64_t kColumns = 64;

/**
 * Runs along n rows of `inner` columns each, forwards or backwards: acc = step(acc, x, a, is first), out = acc.
 * `a` is a second operand laid out as x, or null.
 */
template <class Carry, class T, class Step>
void scan(Call& call, int operands, Step step) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  const bool reverse = call.ints[3] != 0;
  if (outer < 0 || n < 0 || inner < 0) return call.badSize(0);
  const int64_t total = outer * n * inner;
  for (int i = 0; i < operands; i++) {
    if (!call.need(i, total)) return;
    if (call.x[i].dtype != call.x[0].dtype) return call.badDType(i);
  }
  if (total == 0) return;
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  const T* a = operands > 2 ? static_cast<const T*>(call.x[2].data) : x;
  const int64_t tiles = (inner + kColumns - 1) / kColumns;
  const int64_t work = 4 * n * (inner < kColumns ? inner : kColumns);
  const int64_t row = reverse ? -inner : inner;
  parallelFor(call.pool, outer * tiles, work > 65536 ? 1 : 65536 / (work + 1) + 1,
              [&](int64_t begin, int64_t end, int) {
                for (int64_t t = begin; t < end; t++) {
                  const int64_t first = t % tiles * kColumns;
                  const int64_t width = inner - first < kColumns ? inner - first : kColumns;
                  int64_t at = t / tiles * n * inner + first + (reverse ? (n - 1) * inner : 0);
                  Carry acc[kColumns];
                  for (int64_t j = 0; j < width; j++)
                    out[at + j] = static_cast<T>(acc[j] = static_cast<Carry>(x[at + j]));
                  for (int64_t i = 1; i < n; i++) {
                    // What multiplies the step into row k stands in row k going forwards, in row k + 1 going backwards.
                    const int64_t factor = reverse ? at : at + row;
                    at += row;
                    for (int64_t j = 0; j < width; j++) {
                      acc[j] = step(acc[j], static_cast<Carry>(x[at + j]), static_cast<Carry>(a[factor + j]));
                      out[at + j] = static_cast<T>(acc[j]);
                    }
                  }
                }
              });
}

template <class Step>
void scanNumbers(Call& call, int operands, Step step) {
  switch (call.x[0].dtype) {
    case kFloat32:
      return scan<double, float>(call, operands, step);
    case kFloat64:
      return scan<double, double>(call, operands, step);
    case kInt64:
      return scan<int64_t, int64_t>(call, operands, step);
    default:
      return call.badDType(0);
  }
}

inline double logAddExp(double a, double b) {
  if (isnan(a) || isnan(b)) return a + b;
  const double low = a < b ? a : b, high = a < b ? b : a;
  return low == high && isinf(low) ? low : high + ::log1p(::exp(low - high));
}

struct AddStep {
  template <class C>
  C operator()(C acc, C x, C) const {
    return plus(acc, x);
  }
};
struct MultiplyStep {
  template <class C>
  C operator()(C acc, C x, C) const {
    return times(acc, x);
  }
};
struct RecurrenceStep {
  template <class C>
  C operator()(C acc, C x, C a) const {
    return plus(times(a, acc), x);
  }
};

}  // namespace

void kernel_cumsum(Call& call) { scanNumbers(call, 2, AddStep()); }
void kernel_cumprod(Call& call) { scanNumbers(call, 2, MultiplyStep()); }
void kernel_recurrence(Call& call) { scanNumbers(call, 3, RecurrenceStep()); }

void kernel_logCumSumExp(Call& call) {
  const auto step = [](double acc, double x, double) { return logAddExp(acc, x); };
  switch (call.x[0].dtype) {
    case kFloat32:
      return scan<double, float>(call, 2, step);
    case kFloat64:
      return scan<double, double>(call, 2, step);
    default:
      return call.badDType(0);
  }
}

}  // namespace NG_ISA
}  // namespace ng
