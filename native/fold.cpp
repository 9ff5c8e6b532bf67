// Reductions that carry a few values through their elements: product, any, all, variance, norms, logsumexp.
// float32 is carried in double, so that neither the order nor the count of the elements shows in the result.
#include <math.h>

#include "arithmetic.h"
#include "kernel.h"

namespace ng {
namespace NG_ISA {
namespace {

constexpr int64_t kColumns = 64;
constexpr int kLanesOfRow = 8;

/**
 * Folds n rows of `width` ≤ kColumns columns (row i starts at x + i · inner) into acc[0 … width), column by column.
 * Op: `typedef Carry; Carry start(); Carry step(Carry, T, int column); Carry join(Carry, Carry)`.
 */
template <class Op, class T>
void foldColumns(typename Op::Carry* acc, const T* x, int64_t n, int64_t inner, int64_t width, const Op& op) {
  for (int64_t j = 0; j < width; j++) acc[j] = op.start();
  for (int64_t i = 0; i < n; i++, x += inner) {
    for (int64_t j = 0; j < width; j++) acc[j] = op.step(acc[j], x[j], static_cast<int>(j));
  }
}

/** Folds one contiguous row, in lanes that are joined at the end. */
template <class Op, class T>
typename Op::Carry foldRow(const T* x, int64_t n, const Op& op) {
  typename Op::Carry acc[kLanesOfRow];
  for (int l = 0; l < kLanesOfRow; l++) acc[l] = op.start();
  int64_t i = 0;
  for (; i + kLanesOfRow <= n; i += kLanesOfRow) {
    for (int l = 0; l < kLanesOfRow; l++) acc[l] = op.step(acc[l], x[i + l], 0);
  }
  for (; i < n; i++) acc[0] = op.step(acc[0], x[i], 0);
  for (int width = kLanesOfRow / 2; width > 0; width /= 2) {
    for (int l = 0; l < width; l++) acc[l] = op.join(acc[l], acc[l + width]);
  }
  return acc[0];
}

inline int64_t grainOf(int64_t work) { return work > 65536 ? 1 : 65536 / (work + 1) + 1; }

/** Calls f(outer index, first column, columns) for pieces of at most kColumns columns; one column when inner is 1. */
template <class F>
void overColumns(Call& call, int64_t outer, int64_t n, int64_t inner, F&& f) {
  const int64_t tiles = (inner + kColumns - 1) / kColumns;
  const int64_t columns = inner < kColumns ? inner : kColumns;
  parallelFor(call.pool, outer * tiles, grainOf(n * columns), [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; t++) {
      const int64_t first = t % tiles * kColumns;
      f(t / tiles, first, inner - first < kColumns ? inner - first : kColumns);
    }
  });
}

/** Checks the sizes of a call whose last operand is x and whose others are results. */
bool checkFold(Call& call, int results) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  if (outer < 0 || n < 0 || inner < 0) {
    call.badSize(0);
    return false;
  }
  for (int i = 0; i < results; i++) {
    if (!call.need(i, outer * inner)) return false;
  }
  return outer * inner == 0 || call.need(results, outer * n * inner);
}

/** Folds every column with Op and stores op.result(carry). */
template <class Op, class T, class Out>
void foldAll(Call& call, const Op& op) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  Out* out = static_cast<Out*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  overColumns(call, outer, n, inner, [&](int64_t o, int64_t first, int64_t width) {
    if (inner == 1) {
      out[o] = static_cast<Out>(op.result(foldRow(x + o * n, n, op)));
      return;
    }
    typename Op::Carry acc[kColumns];
    foldColumns(acc, x + o * n * inner + first, n, inner, width, op);
    for (int64_t j = 0; j < width; j++) out[o * inner + first + j] = static_cast<Out>(op.result(acc[j]));
  });
}

template <class C>
struct Product {
  typedef C Carry;
  Carry start() const { return C(1); }
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return times(acc, static_cast<C>(x));
  }
  Carry join(Carry a, Carry b) const { return times(a, b); }
  Carry result(Carry acc) const { return acc; }
};

template <class T>
inline bool isTrue(T x) {
  return x != T(0);
}

template <bool kAny>
struct Truth {
  typedef uint8_t Carry;
  Carry start() const { return !kAny; }
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return kAny ? acc | isTrue(x) : acc & isTrue(x);
  }
  Carry join(Carry a, Carry b) const { return kAny ? a | b : a & b; }
  Carry result(Carry acc) const { return acc; }
};

struct Sum {
  typedef double Carry;
  Carry start() const { return 0; }
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return acc + x;
  }
  Carry join(Carry a, Carry b) const { return a + b; }
};

/** The sum of (x − mean)². `mean` has one value a column. */
struct SquaredDeviation : Sum {
  const double* mean;
  explicit SquaredDeviation(const double* m) : mean(m) {}
  template <class T>
  Carry step(Carry acc, T x, int column) const {
    const double d = x - mean[column];
    return acc + d * d;
  }
};

template <class T>
void variances(Call& call) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  const double divisor = static_cast<double>(n) - call.scalars[0];
  T* out = static_cast<T*>(call.x[0].data);
  T* means = static_cast<T*>(call.x[1].data);
  const T* x = static_cast<const T*>(call.x[2].data);
  const double over = divisor > 0 ? divisor : 0;
  overColumns(call, outer, n, inner, [&](int64_t o, int64_t first, int64_t width) {
    double mean[kColumns], acc[kColumns];
    const T* from = x + o * n * inner + first;
    if (inner == 1) {
      mean[0] = foldRow(from, n, Sum()) / static_cast<double>(n);
      acc[0] = foldRow(from, n, SquaredDeviation(mean));
    } else {
      foldColumns(mean, from, n, inner, width, Sum());
      for (int64_t j = 0; j < width; j++) mean[j] /= static_cast<double>(n);
      foldColumns(acc, from, n, inner, width, SquaredDeviation(mean));
    }
    for (int64_t j = 0; j < width; j++) {
      out[o * inner + first + j] = static_cast<T>(acc[j] / over);
      means[o * inner + first + j] = static_cast<T>(mean[j]);
    }
  });
}

// Norms: each adds up what the power p asks for, and takes the root at the end.

struct NormZero : Sum {
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return acc + (x != T(0));
  }
  double result(Carry acc) const { return acc; }
};
struct NormOne : Sum {
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return acc + fabs(static_cast<double>(x));
  }
  double result(Carry acc) const { return acc; }
};
struct NormTwo : Sum {
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return acc + static_cast<double>(x) * x;
  }
  double result(Carry acc) const { return ::sqrt(acc); }
};
struct NormPower : Sum {
  double p;
  explicit NormPower(double power) : p(power) {}
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return acc + ::pow(fabs(static_cast<double>(x)), p);
  }
  double result(Carry acc) const { return ::pow(acc, 1 / p); }
};
/** Largest or smallest magnitude; NaN stays. */
template <bool kLargest>
struct NormExtreme {
  typedef double Carry;
  Carry start() const { return kLargest ? 0 : HUGE_VAL; }
  Carry join(Carry a, Carry b) const {
    if (isnan(a)) return a;
    return isnan(b) || (kLargest ? b > a : b < a) ? b : a;
  }
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return join(acc, fabs(static_cast<double>(x)));
  }
  double result(Carry acc) const { return acc; }
};

template <class T>
void norms(Call& call) {
  const double p = call.scalars[0];
  if (p == 2) return foldAll<NormTwo, T, T>(call, NormTwo());
  if (p == 1) return foldAll<NormOne, T, T>(call, NormOne());
  if (p == 0) return foldAll<NormZero, T, T>(call, NormZero());
  if (p == HUGE_VAL) return foldAll<NormExtreme<true>, T, T>(call, NormExtreme<true>());
  if (p == -HUGE_VAL) return foldAll<NormExtreme<false>, T, T>(call, NormExtreme<false>());
  foldAll<NormPower, T, T>(call, NormPower(p));
}

struct Largest {
  typedef double Carry;
  Carry start() const { return -HUGE_VAL; }
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return x > acc ? x : acc;
  }
  Carry join(Carry a, Carry b) const { return a > b ? a : b; }
};
/** The sum of exp(x − largest). NaN reaches it whatever the largest is. */
struct ExponentialSum : Sum {
  const double* largest;
  explicit ExponentialSum(const double* l) : largest(l) {}
  template <class T>
  Carry step(Carry acc, T x, int column) const {
    return acc + ::exp(x - largest[column]);
  }
};

template <class T>
void logSumExps(Call& call) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  overColumns(call, outer, n * 8, inner, [&](int64_t o, int64_t first, int64_t width) {
    double largest[kColumns], acc[kColumns];
    const T* from = x + o * n * inner + first;
    if (inner == 1) {
      largest[0] = foldRow(from, n, Largest());
    } else {
      foldColumns(largest, from, n, inner, width, Largest());
    }
    // ∞ − ∞ is no number: an infinite largest is taken as 0.
    for (int64_t j = 0; j < width; j++) largest[j] = isinf(largest[j]) ? 0 : largest[j];
    if (inner == 1) {
      acc[0] = foldRow(from, n, ExponentialSum(largest));
    } else {
      foldColumns(acc, from, n, inner, width, ExponentialSum(largest));
    }
    for (int64_t j = 0; j < width; j++) out[o * inner + first + j] = static_cast<T>(::log(acc[j]) + largest[j]);
  });
}

template <bool kAny>
void truths(Call& call) {
  if (!checkFold(call, 1)) return;
  if (call.x[0].dtype != kBool) return call.badDType(0);
  const Truth<kAny> op;
  switch (call.x[1].dtype) {
    case kFloat32:
      return foldAll<Truth<kAny>, float, uint8_t>(call, op);
    case kFloat64:
      return foldAll<Truth<kAny>, double, uint8_t>(call, op);
    case kInt64:
      return foldAll<Truth<kAny>, int64_t, uint8_t>(call, op);
    case kInt32:
      return foldAll<Truth<kAny>, int32_t, uint8_t>(call, op);
    case kInt16:
      return foldAll<Truth<kAny>, int16_t, uint8_t>(call, op);
    case kInt8:
    case kUint8:
    case kBool:
      return foldAll<Truth<kAny>, uint8_t, uint8_t>(call, op);
    default:
      return call.badDType(1);
  }
}

/** Whether all operands are of the first one's dtype; else the call throws. */
bool allAlike(Call& call, int operands) {
  for (int i = 1; i < operands; i++) {
    if (call.x[i].dtype != call.x[0].dtype) {
      call.badDType(i);
      return false;
    }
  }
  return true;
}

template <class F, class G>
void byFloat(Call& call, F&& single, G&& wide) {
  switch (call.x[0].dtype) {
    case kFloat32:
      return single();
    case kFloat64:
      return wide();
    default:
      return call.badDType(0);
  }
}

}  // namespace

void kernel_prod(Call& call) {
  if (!checkFold(call, 1) || !allAlike(call, 2)) return;
  switch (call.x[0].dtype) {
    case kFloat32:
      return foldAll<Product<double>, float, float>(call, Product<double>());
    case kFloat64:
      return foldAll<Product<double>, double, double>(call, Product<double>());
    case kInt64:
      return foldAll<Product<int64_t>, int64_t, int64_t>(call, Product<int64_t>());
    case kInt32:
      return foldAll<Product<int32_t>, int32_t, int32_t>(call, Product<int32_t>());
    default:
      return call.badDType(0);
  }
}

void kernel_any(Call& call) { truths<true>(call); }
void kernel_all(Call& call) { truths<false>(call); }

void kernel_variance(Call& call) {
  if (!checkFold(call, 2) || !allAlike(call, 3)) return;
  byFloat(
      call, [&] { variances<float>(call); }, [&] { variances<double>(call); });
}

void kernel_norm(Call& call) {
  if (!checkFold(call, 1) || !allAlike(call, 2)) return;
  byFloat(
      call, [&] { norms<float>(call); }, [&] { norms<double>(call); });
}

void kernel_logSumExp(Call& call) {
  if (!checkFold(call, 1) || !allAlike(call, 2)) return;
  byFloat(
      call, [&] { logSumExps<float>(call); }, [&] { logSumExps<double>(call); });
}

}  // namespace NG_ISA
}  // namespace ng
