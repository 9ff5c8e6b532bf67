// Sums of weighted elements along a dimension, by lists: interpolation, uneven windows' means, padding with what is
// there. Vectors run along the rows behind the dimension; the last dimension takes several rows by one list.
#include "gemm_tile.h"
#include "normalization.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Rows of the last dimension that take a list together, and vectors of a row whose sums are in registers together. */
constexpr int kTogether = 4;

/** K: how long every list is; 0 where they differ. */
template <class T, int K>
struct Resample {
  T* out;  // [outer, count, inner]
  const T *x, *weights;
  const int32_t *start, *index;
  int64_t outer, size, inner, count;

  /** Adds up list i: add(sums, index, weight, whether it is the first). */
  template <class V, int N, class F>
  void sum(V (&sums)[N], int64_t i, F&& add) const {
    if (K > 0) {
      NG_UNROLL
      for (int k = 0; k < K; k++) add(sums, index[i * K + k], weights[i * K + k], k == 0);
      return;
    }
    int32_t k = start[i];
    if (k == start[i + 1]) {
      for (int n = 0; n < N; n++) sums[n] = V(T(0));
      return;
    }
    add(sums, index[k], weights[k], true);
    while (++k < start[i + 1]) add(sums, index[k], weights[k], false);
  }

  /** Results of N rows of the last dimension, from row `row` on. */
  template <int N>
  void lines(int64_t row) const {
    const T* from = x + row * size;
    T* to = out + row * count;
    for (int64_t i = 0; i < count; i++) {
      T sums[N];
      sum(sums, i, [from, this](T(&s)[N], int64_t place, T weight, bool first) {
        NG_UNROLL
        for (int n = 0; n < N; n++) {
          const T term = weight * from[n * size + place];
          s[n] = first ? term : s[n] + term;
        }
      });
      for (int n = 0; n < N; n++) to[n * count + i] = sums[n];
    }
  }

  /** N vectors of a result's row, of which the last may be partial. */
  template <int N>
  void vectors(const T* from, T* to, int64_t i, int64_t last) const {
    typedef typename Lanes<T>::V V;
    constexpr int64_t W = Lanes<T>::n;
    V sums[N];
    sum(sums, i, [from, last, this](V(&s)[N], int64_t place, T weight, bool first) {
      const V factor(weight);
      NG_UNROLL
      for (int n = 0; n < N; n++) {
        const V value = take(from + place * inner + n * W, n == N - 1 ? last : W);
        s[n] = first ? factor * value : fma(factor, value, s[n]);
      }
    });
    for (int n = 0; n < N; n++) put(to + n * W, sums[n], n == N - 1 ? last : W);
  }

  /** Result i of one of the outer places. */
  void row(int64_t o, int64_t i) const {
    constexpr int64_t W = Lanes<T>::n;
    const T* from = x + o * size * inner;
    T* to = out + (o * count + i) * inner;
    int64_t j = 0;
    for (; j + kTogether * W <= inner; j += kTogether * W) vectors<kTogether>(from + j, to + j, i, W);
    for (; j < inner; j += W) vectors<1>(from + j, to + j, i, inner - j < W ? inner - j : W);
  }
};

template <class T, int K>
void resample(Call& c) {
  const int32_t* places = static_cast<const int32_t*>(c.x[2].data);
  const Resample<T, K> r = {static_cast<T*>(c.x[0].data),
                            static_cast<const T*>(c.x[1].data),
                            static_cast<const T*>(c.x[3].data),
                            places,
                            places + c.ints[3] + 1,
                            c.ints[0],
                            c.ints[1],
                            c.ints[2],
                            c.ints[3]};
  const int64_t terms = r.start[r.count] + r.count;
  if (r.inner == 1) {
    const int64_t groups = (r.outer + kTogether - 1) / kTogether;
    parallelFor(c.pool, groups, 8192 / (terms * kTogether + 1) + 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t group = begin; group < end; group++) {
        int64_t row = group * kTogether;
        if (row + kTogether <= r.outer) {
          r.template lines<kTogether>(row);
        } else {
          for (; row < r.outer; row++) r.template lines<1>(row);
        }
      }
    });
    return;
  }
  const int64_t perRow = terms * r.inner / (r.count + 1) / 4;
  parallelFor(c.pool, r.outer * r.count, 8192 / (perRow + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; row++) r.row(row / r.count, row % r.count);
  });
}

template <class T>
void resampleAs(Call& c) {
  const int32_t* start = static_cast<const int32_t*>(c.x[2].data);
  const int64_t count = c.ints[3];
  const int32_t each = start[1] - start[0];
  bool alike = start[0] == 0;
  for (int64_t i = 0; i < count; i++) alike = alike && start[i + 1] - start[i] == each;
  if (!alike) return resample<T, 0>(c);
  switch (each) {
    case 1:
      return resample<T, 1>(c);
    case 2:
      return resample<T, 2>(c);
    case 4:
      return resample<T, 4>(c);
    default:
      return resample<T, 0>(c);
  }
}

/** Whether the lists are some of `length` places below `size`, one after the other; says what is wrong. */
bool checkLists(Call& c, const int32_t* places, int64_t count, int64_t length, int64_t size) {
  for (int64_t i = 0; i <= count; i++) {
    if (places[i] < (i == 0 ? 0 : places[i - 1]) || places[i] > length) {
      c.fail(1, places[i], static_cast<int32_t>(length + 1));
      return false;
    }
  }
  for (int64_t k = 0; k < length; k++) {
    if (places[count + 1 + k] < 0 || places[count + 1 + k] >= size) {
      c.fail(1, places[count + 1 + k], static_cast<int32_t>(size));
      return false;
    }
  }
  return true;
}

}  // namespace

void kernel_resample(Call& c) {
  const int64_t outer = c.ints[0], size = c.ints[1], inner = c.ints[2], count = c.ints[3];
  for (int i = 0; i < 4; i++) {
    if (c.ints[i] < 0) return c.badSize(i);
  }
  if (c.x[1].dtype != c.x[0].dtype) return c.badDType(1);
  if (c.x[3].dtype != c.x[0].dtype) return c.badDType(3);
  if (c.x[2].dtype != kInt32) return c.badDType(2);
  const double most = 9e15, planes = static_cast<double>(outer) * static_cast<double>(inner);
  if (planes * static_cast<double>(size) > most || planes * static_cast<double>(count) > most) return c.badSize(0);
  if (!c.need(0, outer * count * inner) || !c.need(1, outer * size * inner) || !c.need(2, count + 1)) return;
  const int64_t length = c.x[2].length - count - 1;
  if (!c.need(3, length) || !checkLists(c, static_cast<const int32_t*>(c.x[2].data), count, length, size)) return;
  if (outer * count * inner == 0) return;
  switch (c.x[0].dtype) {
    case kFloat32:
      return resampleAs<float>(c);
    case kFloat64:
      return resampleAs<double>(c);
    default:
      return c.badDType(0);
  }
}

}  // namespace NG_ISA
}  // namespace ng
