// The largest and smallest along a dimension, and where they stand; running ones. NaN beats every number; of equal
// elements the first counts, in running ones the last.
#include "arithmetic.h"
#include "indexing.h"
#include "iterator.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {
namespace {

struct Max {
  template <class T>
  static inline bool beats(T x, T y) {
    return x > y;
  }
  static inline F32 apply(F32 x, F32 y) { return max(x, y); }
};
struct Min {
  template <class T>
  static inline bool beats(T x, T y) {
    return x < y;
  }
  static inline F32 apply(F32 x, F32 y) { return min(x, y); }
};

template <class T>
inline bool isNaN(T x) {
  return x != x;
}

/** Whether x takes the place of y: NaN takes that of a number. */
template <class Op, class T>
inline bool replaces(T x, T y) {
  return Op::beats(x, y) || (isNaN(x) && !isNaN(y));
}

/** The extreme value of n ≥ 1 elements. */
template <class Op, class T>
inline T extreme(const T* x, int64_t n) {
  T best = x[0];
  for (int64_t i = 1; i < n; i++) best = replaces<Op>(x[i], best) ? x[i] : best;
  return best;
}

template <class Op>
inline float extreme(const float* x, int64_t n) {
  if (n < 2 * kLanes) return extreme<Op, float>(x, n);
  F32 best = load(x), second = load(x + kLanes);
  M32 nan = isNan(best) | isNan(second);
  int64_t i = 2 * kLanes;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    const F32 a = load(x + i), b = load(x + i + kLanes);
    nan = nan | isNan(a) | isNan(b);
    best = Op::apply(best, a);
    second = Op::apply(second, b);
  }
  // The last vectors overlap what was seen: no harm to an extreme.
  const F32 a = load(x + n - kLanes), b = load(x + n - 2 * kLanes);
  nan = nan | isNan(a) | isNan(b);
  best = Op::apply(Op::apply(best, a), Op::apply(second, b));
  if (any(nan)) {
    for (i = 0; !isNaN(x[i]); i++) {
    }
    return x[i];
  }
  float lanes[kLanes];
  store(lanes, best);
  return extreme<Op, float>(lanes, kLanes);
}

/** The first index of a value that is among the elements. */
template <class T>
inline int64_t firstOf(const T* x, T value) {
  int64_t i = 0;
  if (isNaN(value)) {
    while (!isNaN(x[i])) i++;
  } else {
    while (x[i] != value) i++;
  }
  return i;
}

template <class T>
struct Best {
  T value;
  int64_t index;  // -1: none yet
};

/** One long row, in pieces; the pieces' results do not depend on where it is cut. */
template <class Op, class T>
Best<T> longRow(Call& call, const T* x, int64_t n) {
  Best<T> best[kMaxThreads];
  for (auto& b : best) b.index = -1;
  parallelFor(call.pool, n, 2 * kLight, [&](int64_t begin, int64_t end, int thread) {
    const T value = extreme<Op>(x + begin, end - begin);
    Best<T>& b = best[thread];
    const bool same = b.index >= 0 && (value == b.value || (isNaN(value) && isNaN(b.value)));
    if (b.index >= 0 && !replaces<Op>(value, b.value) && !(same && begin < b.index)) return;
    b.value = value;
    b.index = begin;
  });
  Best<T> result = best[0];
  for (int t = 1; t < kMaxThreads; t++) {
    if (best[t].index < 0) continue;
    const bool first = result.index < 0 || replaces<Op>(best[t].value, result.value);
    const bool same = !first && !replaces<Op>(result.value, best[t].value);
    if (first || (same && best[t].index < result.index)) result = best[t];
  }
  result.index += firstOf(x + result.index, result.value);
  return result;
}

constexpr int64_t kTile = 64;

/** Columns first … first + width - 1 of one [n, inner]. */
template <class Op, class T>
void columns(const T* x, int64_t n, int64_t inner, int64_t width, T* values, int64_t* indices) {
  T best[kTile];
  int32_t at[kTile];
  for (int64_t i = 0; i < width; i++) {
    best[i] = x[i];
    at[i] = 0;
  }
  for (int64_t j = 1; j < n; j++) {
    const T* row = x + j * inner;
    for (int64_t i = 0; i < width; i++) {
      const bool take = replaces<Op>(row[i], best[i]);
      best[i] = take ? row[i] : best[i];
      at[i] = take ? static_cast<int32_t>(j) : at[i];
    }
  }
  if (values) {
    for (int64_t i = 0; i < width; i++) values[i] = best[i];
  }
  if (indices) {
    for (int64_t i = 0; i < width; i++) indices[i] = at[i];
  }
}

template <class Op, class T>
void extremesAs(Call& call, int64_t outer, int64_t n, int64_t inner) {
  T* values = static_cast<T*>(call.x[0].data);
  int64_t* indices = static_cast<int64_t*>(call.x[1].data);
  const T* x = static_cast<const T*>(call.x[2].data);
  if (inner == 1 && outer == 1) {
    const Best<T> best = longRow<Op>(call, x, n);
    if (values) *values = best.value;
    if (indices) *indices = best.index;
    return;
  }
  if (inner == 1) {
    parallelFor(call.pool, outer, kLight / n + 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t o = begin; o < end; o++) {
        const T value = extreme<Op>(x + o * n, n);
        if (values) values[o] = value;
        if (indices) indices[o] = firstOf(x + o * n, value);
      }
    });
    return;
  }
  const int64_t tiles = (inner + kTile - 1) / kTile;
  parallelFor(call.pool, outer * tiles, kLight / (n * kTile) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; t++) {
      const int64_t o = t / tiles, i = t % tiles * kTile;
      const int64_t to = o * inner + i;
      columns<Op>(x + o * n * inner + i, n, inner, inner - i < kTile ? inner - i : kTile, values ? values + to : values,
                  indices ? indices + to : indices);
    }
  });
}

template <class Op, class T>
void runningAs(Call& call, int64_t outer, int64_t n, int64_t inner) {
  T* values = static_cast<T*>(call.x[0].data);
  int64_t* indices = static_cast<int64_t*>(call.x[1].data);
  const T* x = static_cast<const T*>(call.x[2].data);
  if (n == 0) return;
  if (inner == 1) {
    parallelFor(call.pool, outer, kLight / (n + 1) + 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t at = begin * n, o = begin; o < end; o++) {
        T best = x[at];
        int64_t place = 0;
        for (int64_t j = 0; j < n; j++, at++) {
          const bool take = isNaN(x[at]) || (!isNaN(best) && !Op::beats(best, x[at]));
          best = take ? x[at] : best;
          place = take ? j : place;
          values[at] = best;
          indices[at] = place;
        }
      }
    });
    return;
  }
  parallelFor(call.pool, outer, kLight / (n * inner + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; o++) {
      const int64_t start = o * n * inner;
      for (int64_t i = 0; i < inner; i++) {
        values[start + i] = x[start + i];
        indices[start + i] = 0;
      }
      for (int64_t at = start + inner, j = 1; j < n; j++) {
        for (int64_t i = 0; i < inner; i++, at++) {
          const T before = values[at - inner];
          const bool take = isNaN(x[at]) || (!isNaN(before) && !Op::beats(before, x[at]));
          values[at] = take ? x[at] : before;
          indices[at] = take ? j : indices[at - inner];
        }
      }
    }
  });
}

/** Checks [outer, n, inner] and the outputs, which have `outputs` elements for each column; false: nothing to do. */
bool checkExtremes(Call& call, bool running) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  if (outer < 0 || n < 0 || inner < 0) {
    call.badSize(0);
    return false;
  }
  const int64_t out = running ? outer * n * inner : outer * inner;
  if (out == 0) return false;
  if (n == 0) {
    call.badSize(1);
    return false;
  }
  if (call.x[0].data && (call.x[0].dtype != call.x[2].dtype || !call.need(0, out))) {
    if (call.status == kOk) call.badDType(0);
    return false;
  }
  if (call.x[1].data && (call.x[1].dtype != kInt64 || !call.need(1, out))) {
    if (call.status == kOk) call.badDType(1);
    return false;
  }
  return call.need(2, outer * n * inner);
}

template <class Op>
void extremes(Call& call) {
  if (!checkExtremes(call, false)) return;
  const int32_t dtype = call.x[2].dtype == kBool ? kUint8 : call.x[2].dtype;
  NG_NUMBER_TYPES(dtype, T, return (extremesAs<Op, T>(call, call.ints[0], call.ints[1], call.ints[2])))
  call.badDType(2);
}

template <class Op>
void running(Call& call) {
  if (!checkExtremes(call, true)) return;
  const int32_t dtype = call.x[2].dtype == kBool ? kUint8 : call.x[2].dtype;
  NG_NUMBER_TYPES(dtype, T, return (runningAs<Op, T>(call, call.ints[0], call.ints[1], call.ints[2])))
  call.badDType(2);
}

}  // namespace

void kernel_max(Call& call) { extremes<Max>(call); }
void kernel_min(Call& call) { extremes<Min>(call); }
void kernel_cummax(Call& call) { running<Max>(call); }
void kernel_cummin(Call& call) { running<Min>(call); }

}  // namespace NG_ISA
}  // namespace ng
