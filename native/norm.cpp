// Variance, norms and logsumexp, over one dimension or all.
#include <math.h>

#include "fold.h"
#include "wide.h"

namespace ng {
namespace NG_ISA {
namespace {

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

/** Of a row: Σ exp(x − shift). */
inline double exponentials(const double* x, int64_t n, double shift) { return foldRow(x, n, ExponentialSum(&shift)); }
/** In vectors, and a piece at a time, for the sum of many to stay exact. */
inline double exponentials(const float* x, int64_t n, double shift) {
  constexpr int64_t kPiece = 32 * kLanes;
  const F32 s(static_cast<float>(shift));
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += kPiece) {
    const int64_t end = n - begin < kPiece ? n : begin + kPiece;
    F32 a(0.0f), b(0.0f);
    int64_t i = begin;
    for (; i + 2 * kLanes <= end; i += 2 * kLanes) {
      a = a + exp(load(x + i) - s);
      b = b + exp(load(x + i + kLanes) - s);
    }
    for (; i + kLanes <= end; i += kLanes) a = a + exp(load(x + i) - s);
    total += static_cast<double>(reduceAdd(a + b));
    if (i < end) {
      float lanes[kLanes];
      store(lanes, exp(loadPartial(x + i, end - i) - s));
      for (int64_t j = 0; j < end - i; j++) total += static_cast<double>(lanes[j]);
    }
  }
  return total;
}

/** Of columns. */
inline void exponentialColumns(double* acc, const double* x, int64_t n, int64_t inner, int64_t width,
                               const double* largest) {
  foldColumns(acc, x, n, inner, width, ExponentialSum(largest));
}
inline void exponentialColumns(double* acc, const float* x, int64_t n, int64_t inner, int64_t width,
                               const double* largest) {
  alignas(64) float shift[kColumns], power[kColumns];
  for (int64_t j = 0; j < kColumns; j++) {
    shift[j] = static_cast<float>(largest[j < width ? j : 0]);
    acc[j] = 0;
  }
  for (int64_t i = 0; i < n; i++, x += inner) {
    for (int64_t j = 0; j < width; j += kLanes) {
      const F32 value = width - j < kLanes ? loadPartial(x + j, width - j) : load(x + j);
      store(power + j, exp(value - load(shift + j)));
    }
    for (int64_t j = 0; j < width; j++) acc[j] += static_cast<double>(power[j]);
  }
}

template <class T>
void logSumExps(Call& call) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  overColumns(call, outer, n * 8, inner, [&](int64_t o, int64_t first, int64_t width) {
    double largest[kColumns], acc[kColumns];
    const T* from = x + o * n * inner + first;
    if (inner == 1) {
      largest[0] = n == 0 ? -HUGE_VAL : static_cast<double>(rowMax(from, n));
    } else {
      foldColumns(largest, from, n, inner, width, Largest());
    }
    // ∞ − ∞ is no number: a largest that is not finite is taken as 0.
    for (int64_t j = 0; j < width; j++) largest[j] = largest[j] - largest[j] == 0 ? largest[j] : 0;
    if (inner == 1) {
      acc[0] = exponentials(from, n, largest[0]);
    } else {
      exponentialColumns(acc, from, n, inner, width, largest);
    }
    for (int64_t j = 0; j < width; j++) out[o * inner + first + j] = static_cast<T>(::log(acc[j]) + largest[j]);
  });
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
