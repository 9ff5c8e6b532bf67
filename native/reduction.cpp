// Sums. Floats are added in short chains by many lanes at once, and the chains' sums pairwise, so the error grows with
// the logarithm of the count; integers wrap. Where a sum is cut for the threads depends on its shape alone.
#include "fold.h"
#include "summation.h"

namespace ng {
namespace NG_ISA {
namespace {

/** One row by all threads; the same sum as rowSum's. */
template <class T>
T longRowSum(Call& call, const T* x, int64_t n) {
  const Cut cut = cutRow(n);
  T parts[kSegments];
  parallelFor(call.pool, cut.count, 2,
              [&](int64_t begin, int64_t end, int) { segmentSums(parts + begin, x, n, cut.length, begin, end); });
  Cascade<T> cascade;
  for (int64_t s = 0; s < cut.count; s++) cascade.push(parts[s]);
  return cascade.total(T(0));
}

/** Rows of a column sum added one after the other. */
constexpr int64_t kRows = 16;

/** out[j] = Σᵢ x[i · stride + j] over n ≥ 1 rows for NV vectors of columns, of whose last one `last` are there. */
template <class T, int NV>
void columnSums(T* out, const T* x, int64_t n, int64_t stride, int64_t last) {
  typedef typename VectorOf<T>::type V;
  constexpr int64_t W = VectorOf<T>::lanes;
  const auto lanes = lanesOf(x, last);
  const bool whole = last == W;
  const auto at = [&](const T* p, int v) { return v < NV - 1 || whole ? load(p + v * W) : load(p + v * W, lanes); };
  V level[kLevels][NV];
  uint64_t count = 0;
  for (int64_t begin = 0; begin < n; begin += kRows) {
    const T* row = x + begin * stride;
    V sum[NV];
    for (int v = 0; v < NV; v++) sum[v] = at(row, v);
    for (int64_t i = 1; i < least(kRows, n - begin); i++) {
      row += stride;
      for (int v = 0; v < NV; v++) sum[v] = sum[v] + at(row, v);
    }
    int l = 0;
    for (uint64_t c = count; c & 1; c >>= 1, l++) {
      for (int v = 0; v < NV; v++) sum[v] = level[l][v] + sum[v];
    }
    for (int v = 0; v < NV; v++) level[l][v] = sum[v];
    count++;
  }
  V total[NV];
  for (int v = 0; v < NV; v++) total[v] = V(T(0));
  int l = 0;
  for (; count != 0; count >>= 1, l++) {
    for (int v = 0; v < NV && (count & 1); v++) total[v] = level[l][v] + total[v];
  }
  for (int v = 0; v < NV; v++) {
    if (v < NV - 1 || whole) {
      store(out + v * W, total[v]);
    } else {
      store(out + v * W, total[v], lanes);
    }
  }
}

/** The sums of at most four vectors of columns. */
template <class T>
void tileSums(T* out, const T* x, int64_t n, int64_t stride, int64_t width) {
  constexpr int64_t W = VectorOf<T>::lanes;
  const int64_t vectors = (width + W - 1) / W, last = width - (vectors - 1) * W;
  switch (vectors) {
    case 1:
      return columnSums<T, 1>(out, x, n, stride, last);
    case 2:
      return columnSums<T, 2>(out, x, n, stride, last);
    case 3:
      return columnSums<T, 3>(out, x, n, stride, last);
    default:
      return columnSums<T, 4>(out, x, n, stride, last);
  }
}

/** out[j] = Σᵢ x[i · stride + j] over at most 64 rows, row by row: groups of eight pairwise, the groups in turn. */
template <class T>
void wideSums(T* out, const T* x, int64_t n, int64_t stride, int64_t width) {
  typedef typename VectorOf<T>::type V;
  constexpr int64_t W = VectorOf<T>::lanes;
  for (int64_t i = 0; i < n; i += 8) {
    const T* row = x + i * stride;
    const int64_t rows = least(8, n - i);
    for (int64_t j = 0; j < width; j += W) {
      const bool whole = j + W <= width;
      const auto lanes = lanesOf(x, width - j);
      const auto at = [&](int64_t r) { return whole ? load(row + r * stride + j) : load(row + r * stride + j, lanes); };
      V sum;
      if (rows == 8) {
        sum = ((at(0) + at(1)) + (at(2) + at(3))) + ((at(4) + at(5)) + (at(6) + at(7)));
      } else {
        sum = at(0);
        for (int64_t r = 1; r < rows; r++) sum = sum + at(r);
      }
      if (i > 0) sum = sum + (whole ? load(out + j) : load(out + j, lanes));
      if (whole) {
        store(out + j, sum);
      } else {
        store(out + j, sum, lanes);
      }
    }
  }
}

template <class T>
inline void wrappingSums(T* out, const T* x, int64_t n, int64_t stride, int64_t width) {
  for (int64_t j = 0; j < width; j++) out[j] = x[j];
  for (int64_t i = 1; i < n; i++) {
    for (int64_t j = 0; j < width; j++) out[j] = plus(out[j], x[i * stride + j]);
  }
}
inline void wideSums(int64_t* out, const int64_t* x, int64_t n, int64_t stride, int64_t width) {
  wrappingSums(out, x, n, stride, width);
}
inline void wideSums(int32_t* out, const int32_t* x, int64_t n, int64_t stride, int64_t width) {
  wrappingSums(out, x, n, stride, width);
}
inline void tileSums(int64_t* out, const int64_t* x, int64_t n, int64_t stride, int64_t width) {
  wrappingSums(out, x, n, stride, width);
}
inline void tileSums(int32_t* out, const int32_t* x, int64_t n, int64_t stride, int64_t width) {
  wrappingSums(out, x, n, stride, width);
}

template <class T>
void sumRows(Call& call, T* out, const T* x, int64_t outer, int64_t n) {
  if (cutRow(n).count > 1 && outer < 8) {
    for (int64_t o = 0; o < outer; o++) out[o] = longRowSum(call, x + o * n, n);
    return;
  }
  parallelFor(call.pool, outer, 65536 / (n + 16) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; o++) out[o] = rowSum(x + o * n, n);
  });
}

/** The sums of few columns, which stay in registers. */
template <class T>
void sumNarrow(Call& call, T* out, const T* x, int64_t outer, int64_t n, int64_t inner) {
  // Many rows: parts of the rows first, then the parts' sums.
  const int64_t parts = outer < 8 && n * inner > 4 * kSegment ? least(n * inner / kSegment / 2, 64) : 1;
  T* sums = out;
  if (parts > 1) {
    sums =
        static_cast<T*>(poolScratch(call.pool, kSharedScratch, static_cast<size_t>(outer * parts * inner) * sizeof(T)));
    if (!sums) return call.noMemory();
  }
  const int64_t rows = (n + parts - 1) / parts;
  parallelFor(call.pool, outer * parts, 65536 / (rows * inner + 16) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; t++) {
      const int64_t o = t / parts, first = t % parts * rows, count = least(rows, n - first);
      T* to = sums + t * inner;
      if (count > 0) {
        tileSums(to, x + (o * n + first) * inner, count, inner, inner);
      } else {
        for (int64_t j = 0; j < inner; j++) to[j] = T(0);
      }
    }
  });
  for (int64_t o = 0; parts > 1 && o < outer; o++) {
    tileSums(out + o * inner, sums + o * parts * inner, parts, inner, inner);
  }
}

/** The sums of many columns: 64 rows become one, again and again. */
template <class T>
void sumWide(Call& call, T* out, const T* x, int64_t outer, int64_t n, int64_t inner) {
  constexpr int64_t kRowsAtOnce = 64;
  int64_t step = 0;  // two pieces of scratch memory take turns
  while (n > 1 || step == 0) {
    const int64_t groups = (n + kRowsAtOnce - 1) / kRowsAtOnce;
    T* to = out;
    if (groups > 1) {
      to = static_cast<T*>(poolScratch(call.pool, kSharedScratch + static_cast<int>(step % 2),
                                       static_cast<size_t>(outer * groups * inner) * sizeof(T)));
      if (!to) return call.noMemory();
    }
    // Pieces of a group's columns, so that one group is work for several threads too.
    const int64_t pieces = (inner + 1023) / 1024;
    parallelFor(call.pool, outer * groups * pieces, 65536 / (least(n, kRowsAtOnce) * least(inner, 1024)) + 1,
                [&](int64_t begin, int64_t end, int) {
                  while (begin < end) {
                    // All the pieces of a group that are this thread's.
                    const int64_t group = begin / pieces, first = begin % pieces;
                    const int64_t last = least(pieces, first + end - begin);
                    const int64_t o = group / groups, row = group % groups * kRowsAtOnce, j = first * 1024;
                    wideSums(to + group * inner + j, x + (o * n + row) * inner + j, least(kRowsAtOnce, n - row), inner,
                             least(last * 1024, inner) - j);
                    begin += last - first;
                  }
                });
    x = to;
    n = groups;
    step++;
  }
}

template <class T>
void sumAs(Call& call, int64_t outer, int64_t n, int64_t inner) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  if (n == 0) {
    for (int64_t i = 0; i < outer * inner; i++) out[i] = T(0);
  } else if (inner == 1) {
    sumRows(call, out, x, outer, n);
  } else if (inner <= 4 * kLanes64) {
    sumNarrow(call, out, x, outer, n, inner);
  } else {
    sumWide(call, out, x, outer, n, inner);
  }
}

struct WholeSum {
  typedef int64_t Carry;
  Carry start() const { return 0; }
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return plus(acc, static_cast<Carry>(x));
  }
  Carry join(Carry a, Carry b) const { return plus(a, b); }
  Carry result(Carry acc) const { return acc; }
};

/** Integers of fewer bits, and bools, as an int64. */
void sumNarrowIntegers(Call& call) {
  switch (call.x[1].dtype) {
    case kInt32:
      return foldAll<WholeSum, int32_t, int64_t>(call, WholeSum());
    case kInt16:
      return foldAll<WholeSum, int16_t, int64_t>(call, WholeSum());
    case kInt8:
      return foldAll<WholeSum, int8_t, int64_t>(call, WholeSum());
    case kUint8:
    case kBool:
      return foldAll<WholeSum, uint8_t, int64_t>(call, WholeSum());
    default:
      return call.badDType(1);
  }
}

}  // namespace

void kernel_sum(Call& call) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  if (outer < 0 || n < 0 || inner < 0) return call.badSize(0);
  if (outer == 0 || inner == 0) return;
  if (n > (int64_t{1} << 53) / outer / inner) return call.badSize(1);
  if (!call.need(0, outer * inner) || !call.need(1, outer * n * inner)) return;
  if (call.x[0].dtype == kInt64 && call.x[1].dtype != kInt64) return sumNarrowIntegers(call);
  if (call.x[0].dtype != call.x[1].dtype) return call.badDType(1);
  switch (call.x[0].dtype) {
    case kFloat32:
      return sumAs<float>(call, outer, n, inner);
    case kFloat64:
      return sumAs<double>(call, outer, n, inner);
    case kInt64:
      return sumAs<int64_t>(call, outer, n, inner);
    case kInt32:
      return sumAs<int32_t>(call, outer, n, inner);
    default:
      return call.badDType(0);
  }
}

}  // namespace NG_ISA
}  // namespace ng
