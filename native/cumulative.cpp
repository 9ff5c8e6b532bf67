// Running sums, products and their like along one dimension. float32 is carried in double.
#include <math.h>

#include "arithmetic.h"
#include "kernel.h"

namespace ng {
namespace NG_ISA {
namespace {

constexpr int64_t kColumns = 64;
/** Rows that are run along side by side: each step waits for the one before. */
constexpr int kRowsAtOnce = 4;
/** A single long row of float32 is cut into pieces of so many elements. */
constexpr int64_t kPiece = 8192;

/**
 * Runs along R rows of n elements, `distance` apart, in which the carry is acc from `first` on; where that is null the
 * first element is the carry.
 */
template <int R, class Carry, class T, class Step>
inline void scanSideBySide(T* out, const T* x, const T* a, int64_t n, int64_t distance, bool reverse,
                           const Carry* first, Step step) {
  const int64_t by = reverse ? -1 : 1;
  int64_t at = reverse ? n - 1 : 0;
  Carry acc[R];
  for (int r = 0; r < R; r++) {
    const Carry element = static_cast<Carry>(x[r * distance + at]);
    acc[r] = first ? step(first[r], element, element) : element;
    out[r * distance + at] = static_cast<T>(acc[r]);
  }
  for (int64_t i = 1; i < n; i++) {
    // What multiplies the step into element k stands at k going forwards, at k + 1 going backwards.
    const int64_t factor = reverse ? at : at + 1;
    at += by;
    for (int r = 0; r < R; r++) {
      const int64_t row = r * distance;
      acc[r] = step(acc[r], static_cast<Carry>(x[row + at]), static_cast<Carry>(a[row + factor]));
      out[row + at] = static_cast<T>(acc[r]);
    }
  }
}

/** Rows [begin, end) of n elements each, with the carries they start from or null. */
template <class Carry, class T, class Step>
void scanSome(T* out, const T* x, const T* a, int64_t begin, int64_t end, int64_t n, bool reverse, const Carry* first,
              Step step) {
  int64_t o = begin;
  for (; o + kRowsAtOnce <= end; o += kRowsAtOnce) {
    scanSideBySide<kRowsAtOnce>(out + o * n, x + o * n, a + o * n, n, n, reverse, first ? first + o : first, step);
  }
  for (; o < end; o++) {
    scanSideBySide<1>(out + o * n, x + o * n, a + o * n, n, n, reverse, first ? first + o : first, step);
  }
}

/** A long row as rows of kPiece elements, each of which starts from the sum of those before it; says whether it did. */
template <class Carry, class T, class Step>
bool scanPieces(Call&, T*, const T*, int64_t, bool, Step) {
  return false;
}
template <class Carry, class Step>
bool scanPieces(Call& call, float* out, const float* x, int64_t n, bool reverse, Step step) {
  const int64_t whole = n / kPiece, rest = n % kPiece;
  double* first = static_cast<double*>(poolScratch(call.pool, kSharedScratch, static_cast<size_t>(whole + 1) * 8));
  if (!first) return false;
  // Going backwards, the odd elements are at the front.
  const int64_t skipped = reverse ? rest : 0;
  const float* pieces = x + skipped;
  parallelFor(call.pool, whole, 4, [&](int64_t begin, int64_t end, int) {
    for (int64_t p = begin; p < end; p++) {
      double lanes[16] = {};
      for (int64_t i = p * kPiece; i < (p + 1) * kPiece; i += 16) {
        for (int l = 0; l < 16; l++) lanes[l] += static_cast<double>(pieces[i + l]);
      }
      for (int l = 8; l > 0; l /= 2) {
        for (int k = 0; k < l; k++) lanes[k] += lanes[k + l];
      }
      first[p] = lanes[0];
    }
  });
  double sum = 0;
  for (int64_t i = 0; i < whole; i++) {
    const int64_t p = reverse ? whole - 1 - i : i;
    const double next = sum + first[p];
    first[p] = sum;
    sum = next;
  }
  first[whole] = sum;
  parallelFor(call.pool, whole, 2, [&](int64_t begin, int64_t end, int) {
    scanSome<Carry>(out + skipped, pieces, pieces, begin, end, kPiece, reverse, first, step);
  });
  const int64_t odd = reverse ? 0 : whole * kPiece;
  if (rest > 0) scanSideBySide<1, Carry>(out + odd, x + odd, x + odd, rest, rest, reverse, first + whole, step);
  return true;
}

template <class Carry, class T, class Step>
void scanRows(Call& call, T* out, const T* x, const T* a, int64_t outer, int64_t n, bool reverse, Step step) {
  if (Step::kIsSum && outer < kRowsAtOnce && n >= 4 * kPiece) {
    int64_t done = 0;
    while (done < outer && scanPieces<Carry>(call, out + done * n, x + done * n, n, reverse, step)) done++;
    if (done == outer) return;
  }
  parallelFor(
      call.pool, outer, 16384 / (n + 1) + 1,
      [&](int64_t begin, int64_t end, int) {
        scanSome<Carry>(out, x, a, begin, end, n, reverse, static_cast<const Carry*>(nullptr), step);
      },
      kRowsAtOnce);
}

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
  if (inner == 1) return scanRows<Carry>(call, out, x, a, outer, n, reverse, step);
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
  static constexpr bool kIsSum = true;
  template <class C>
  C operator()(C acc, C x, C) const {
    return plus(acc, x);
  }
};
struct MultiplyStep {
  static constexpr bool kIsSum = false;
  template <class C>
  C operator()(C acc, C x, C) const {
    return times(acc, x);
  }
};
struct RecurrenceStep {
  static constexpr bool kIsSum = false;
  template <class C>
  C operator()(C acc, C x, C a) const {
    return plus(times(a, acc), x);
  }
};
struct LogAddExpStep {
  static constexpr bool kIsSum = false;
  double operator()(double acc, double x, double) const { return logAddExp(acc, x); }
};

}  // namespace

void kernel_cumsum(Call& call) { scanNumbers(call, 2, AddStep()); }
void kernel_cumprod(Call& call) { scanNumbers(call, 2, MultiplyStep()); }
void kernel_recurrence(Call& call) { scanNumbers(call, 3, RecurrenceStep()); }

void kernel_logCumSumExp(Call& call) {
  const LogAddExpStep step;
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
