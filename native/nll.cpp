// Cross entropy of logits and negative log-likelihood of log-probabilities, for class indices. x is
// [outer, classes, inner]; target and the unreduced losses are [outer, inner].
#include "kernel.h"
#include "wide.h"

namespace ng {
namespace NG_ISA {
namespace {

enum Reduction : int32_t { kNone, kMean, kSum };
constexpr int64_t kGrain = 16384;

struct Shape {
  int64_t outer, n, inner;
  int32_t reduction;
  double ignore;
  int64_t rows() const { return outer * inner; }
};

bool shapeOf(Call& call, Shape* s) {
  *s = {call.ints[0], call.ints[1], call.ints[2], call.ints[3], call.scalars[0]};
  if (s->outer < 0 || s->n < 0 || s->inner < 0 ||
      (s->n > 0 && s->inner > 0 && s->outer > (int64_t{1} << 53) / s->n / s->inner)) {
    call.badSize(0);
    return false;
  }
  return true;
}

/** All of `operands` of the first one's dtype; `target` (int64 or uint8 are PyTorch's, int64 is ours) checked apart. */
bool sameFloats(Call& call, int operands, int target) {
  for (int i = 0; i < operands; i++) {
    if (i == target ? call.x[i].dtype != kInt64 : call.x[i].data && call.x[i].dtype != call.x[0].dtype) {
      call.badDType(i);
      return false;
    }
  }
  return true;
}

/** The class of row r; −1 where it is to be ignored; −2, reported, where there is no such class. */
inline int64_t classOf(Call& call, const Shape& s, const int64_t* target, int64_t r) {
  const int64_t c = target[r];
  if (static_cast<double>(c) == s.ignore) return -1;
  if (c >= 0 && c < s.n) return c;
  call.fail(1, c, static_cast<int32_t>(s.n));
  return -2;
}

/** Adds values up pairwise in blocks, in double. */
template <class F>
double pairwise(int64_t begin, int64_t end, F value) {
  if (end - begin <= 256) {
    double sum = 0;
    for (int64_t i = begin; i < end; i++) sum += value(i);
    return sum;
  }
  const int64_t middle = begin + (end - begin) / 2;
  return pairwise(begin, middle, value) + pairwise(middle, end, value);
}

/** Reduces what loss(r, class) gives, with the rows' weights, into out and total. */
template <class T, class Loss>
void reduce(Call& call, const Shape& s, T* out, T* total, const int64_t* target, const T* weight, Loss loss) {
  const auto weightOf = [&](int64_t r) {
    const int64_t c = classOf(call, s, target, r);
    return c < 0 ? 0.0 : weight ? static_cast<double>(weight[c]) : 1.0;
  };
  const auto lossOf = [&](int64_t r) {
    const int64_t c = classOf(call, s, target, r);
    return c < 0 ? 0.0 : (weight ? static_cast<double>(weight[c]) : 1.0) * static_cast<double>(loss(r, c));
  };
  const int64_t rows = s.rows();
  const double weights = pairwise(0, rows, weightOf);
  *total = static_cast<T>(weights);
  if (s.reduction == kNone) {
    for (int64_t r = 0; r < rows; r++) out[r] = static_cast<T>(lossOf(r));
  } else {
    const double sum = pairwise(0, rows, lossOf);
    *out = static_cast<T>(s.reduction == kMean ? sum / weights : sum);
  }
}

/** The largest element of a row and log Σ e^(x − largest), kept apart: their sum would lose what large logits share. */
template <class T>
void logSumExp(const T* x, int64_t n, T* largest, T* logSum) {
  typedef Wide<T> L;
  typedef typename L::V V;
  const T most = rowMax(x, n);
  const T shift = most - most == 0 ? most : T(0);  // all −∞, or an ∞: no NaN from the shift
  const V s(shift);
  V a(T(0));
  int64_t i = 0;
  for (; i + L::n <= n; i += L::n) a = a + exp(L::get(x + i) - s);
  T sum = reduceAdd(a);
  if (i < n) {
    T lanes[L::n];
    L::put(lanes, exp(L::get(x + i, n - i) - s));
    for (int64_t j = 0; j < n - i; j++) sum += lanes[j];
  }
  *largest = shift;
  *logSum = static_cast<T>(::log(static_cast<double>(sum)));
}

template <class T>
void logSumExpColumns(const T* x, int64_t n, int64_t inner, int64_t width, T* largest, T* logSum) {
  typedef Wide<T> L;
  typedef typename L::V V;
  V most = L::get(x, width);
  for (int64_t i = 1; i < n; i++) {
    const V value = L::get(x + i * inner, width);
    most = select(value > most, value, most);
  }
  const V shift = select(most - most == V(T(0)), most, V(T(0)));
  V sum(T(0));
  for (int64_t i = 0; i < n; i++) sum = sum + exp(L::get(x + i * inner, width) - shift);
  T lanes[L::n];
  L::put(lanes, sum);
  L::put(largest, shift, width);
  for (int64_t j = 0; j < width; j++) logSum[j] = static_cast<T>(::log(static_cast<double>(lanes[j])));
}

template <class T>
void crossEntropyAs(Call& call, const Shape& s) {
  T* out = static_cast<T*>(call.x[0].data);
  T* largest = static_cast<T*>(call.x[1].data);
  T* logSum = largest + s.rows();
  T* total = static_cast<T*>(call.x[2].data);
  const T* x = static_cast<const T*>(call.x[3].data);
  const int64_t* target = static_cast<const int64_t*>(call.x[4].data);
  const T* weight = static_cast<const T*>(call.x[5].data);
  const int64_t n = s.n, inner = s.inner;
  if (n > 0 && inner == 1) {
    parallelFor(call.pool, s.outer, kGrain / (n + 1) + 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t o = begin; o < end; o++) logSumExp(x + o * n, n, largest + o, logSum + o);
    });
  } else if (n > 0) {
    constexpr int64_t lanes = Wide<T>::n;
    const int64_t strips = (inner + lanes - 1) / lanes;
    parallelFor(call.pool, s.outer * strips, kGrain / (n * lanes) + 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t o = i / strips, j = i % strips * lanes;
        logSumExpColumns(x + o * n * inner + j, n, inner, inner - j < lanes ? inner - j : lanes,
                         largest + o * inner + j, logSum + o * inner + j);
      }
    });
  }
  reduce(call, s, out, total, target, weight,
         [&](int64_t r, int64_t c) { return largest[r] - x[(r / inner * n + c) * inner + r % inner] + logSum[r]; });
}

template <class T>
void nllAs(Call& call, const Shape& s) {
  const T* x = static_cast<const T*>(call.x[2].data);
  const int64_t n = s.n, inner = s.inner;
  reduce(call, s, static_cast<T*>(call.x[0].data), static_cast<T*>(call.x[1].data),
         static_cast<const int64_t*>(call.x[3].data), static_cast<const T*>(call.x[4].data),
         [&](int64_t r, int64_t c) { return -x[(r / inner * n + c) * inner + r % inner]; });
}

/** What a row's loss has to be multiplied with on the way back. */
template <class T>
struct RowFactor {
  const T* grad;
  const T* weight;
  T total;
  int32_t reduction;
  T operator()(int64_t r, int64_t c) const {
    const T g = reduction == kNone ? grad[r] : reduction == kMean ? *grad / total : *grad;
    return weight ? g * weight[c] : g;
  }
};

template <class T>
void crossEntropyBackwardAs(Call& call, const Shape& s) {
  typedef Wide<T> L;
  typedef typename L::V V;
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[2].data);
  const T* largest = static_cast<const T*>(call.x[3].data);
  const T* logSum = largest + s.rows();
  const int64_t* target = static_cast<const int64_t*>(call.x[4].data);
  const RowFactor<T> factor = {static_cast<const T*>(call.x[1].data), static_cast<const T*>(call.x[5].data),
                               *static_cast<const T*>(call.x[6].data), s.reduction};
  const int64_t n = s.n, inner = s.inner;
  if (inner == 1) {
    parallelFor(call.pool, s.outer, kGrain / (n + 1) + 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t r = begin; r < end; r++) {
        const int64_t c = classOf(call, s, target, r);
        T* row = out + r * n;
        if (c < 0) {
          for (int64_t i = 0; i < n; i++) row[i] = T(0);
          continue;
        }
        const T f = factor(r, c);
        const V most(largest[r]), rest(logSum[r]), v(f);
        for (int64_t i = 0; i < n; i += L::n) {
          const int64_t count = n - i < L::n ? n - i : L::n;
          L::put(row + i, exp(L::get(x + r * n + i, count) - most - rest) * v, count);
        }
        row[c] -= f;
      }
    });
    return;
  }
  parallelFor(call.pool, s.outer, kGrain / (n * inner + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; o++) {
      for (int64_t j = 0; j < inner; j += L::n) {
        const int64_t width = inner - j < L::n ? inner - j : L::n;
        T factors[L::n] = {};
        int64_t classes[L::n];
        for (int64_t l = 0; l < width; l++) {
          const int64_t r = o * inner + j + l;
          classes[l] = classOf(call, s, target, r);
          factors[l] = classes[l] < 0 ? T(0) : factor(r, classes[l]);
        }
        const V most = L::get(largest + o * inner + j, width), rest = L::get(logSum + o * inner + j, width);
        const V v = L::get(factors);
        T* strip = out + o * n * inner + j;
        for (int64_t i = 0; i < n; i++) {
          L::put(strip + i * inner, exp(L::get(x + (o * n + i) * inner + j, width) - most - rest) * v, width);
        }
        for (int64_t l = 0; l < width; l++) {
          if (classes[l] >= 0) {
            strip[classes[l] * inner + l] -= factors[l];
          } else {  // exactly zero, whatever x holds
            for (int64_t i = 0; i < n; i++) strip[i * inner + l] = T(0);
          }
        }
      }
    }
  });
}

template <class T>
void nllBackwardAs(Call& call, const Shape& s) {
  T* out = static_cast<T*>(call.x[0].data);
  const int64_t* target = static_cast<const int64_t*>(call.x[2].data);
  const RowFactor<T> factor = {static_cast<const T*>(call.x[1].data), static_cast<const T*>(call.x[3].data),
                               *static_cast<const T*>(call.x[4].data), s.reduction};
  const int64_t n = s.n, inner = s.inner;
  parallelFor(call.pool, s.outer, kGrain / (n * inner + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin * n * inner; i < end * n * inner; i++) out[i] = T(0);
    for (int64_t r = begin * inner; r < end * inner; r++) {
      const int64_t c = classOf(call, s, target, r);
      if (c >= 0) out[(r / inner * n + c) * inner + r % inner] = -factor(r, c);
    }
  });
}

#define NG_FLOATS(call, function, ...)        \
  if ((call).x[0].dtype == kFloat32) {        \
    function<float>(call, __VA_ARGS__);       \
  } else if ((call).x[0].dtype == kFloat64) { \
    function<double>(call, __VA_ARGS__);      \
  } else {                                    \
    (call).badDType(0);                       \
  }

}  // namespace

void kernel_crossEntropy(Call& call) {
  Shape s;
  if (!shapeOf(call, &s) || !sameFloats(call, 6, 4)) return;
  const int64_t rows = s.rows();
  if (!call.need(0, s.reduction == kNone ? rows : 1) || !call.need(1, 2 * rows) || !call.need(2, 1) ||
      !call.need(3, rows * s.n) || !call.need(4, rows) || (call.x[5].data && !call.need(5, s.n))) {
    return;
  }
  NG_FLOATS(call, crossEntropyAs, s)
}

void kernel_crossEntropyBackward(Call& call) {
  Shape s;
  if (!shapeOf(call, &s) || !sameFloats(call, 7, 4)) return;
  const int64_t rows = s.rows();
  if (!call.need(0, rows * s.n) || !call.need(1, s.reduction == kNone ? rows : 1) || !call.need(2, rows * s.n) ||
      !call.need(3, 2 * rows) || !call.need(4, rows) || (call.x[5].data && !call.need(5, s.n)) || !call.need(6, 1)) {
    return;
  }
  NG_FLOATS(call, crossEntropyBackwardAs, s)
}

void kernel_nllLoss(Call& call) {
  Shape s;
  if (!shapeOf(call, &s) || !sameFloats(call, 5, 3)) return;
  const int64_t rows = s.rows();
  if (!call.need(0, s.reduction == kNone ? rows : 1) || !call.need(1, 1) || !call.need(2, rows * s.n) ||
      !call.need(3, rows) || (call.x[4].data && !call.need(4, s.n))) {
    return;
  }
  NG_FLOATS(call, nllAs, s)
}

void kernel_nllLossBackward(Call& call) {
  Shape s;
  if (!shapeOf(call, &s) || !sameFloats(call, 5, 2)) return;
  const int64_t rows = s.rows();
  if (!call.need(0, rows * s.n) || !call.need(1, s.reduction == kNone ? rows : 1) || !call.need(2, rows) ||
      (call.x[3].data && !call.need(3, s.n)) || !call.need(4, 1)) {
    return;
  }
  NG_FLOATS(call, nllBackwardAs, s)
}

}  // namespace NG_ISA
}  // namespace ng
