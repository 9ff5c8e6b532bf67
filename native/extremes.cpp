// The largest and smallest along a dimension, and where they stand; running ones. NaN beats every number; of equal
// elements the first counts, in running ones the last.
#include "extremes.h"

#include "indexing.h"
#include "iterator.h"

namespace ng {
namespace NG_ISA {
namespace {

template <class T>
struct Best {
  T value;
  int64_t index;  // -1: none yet
};

/** One long row, in pieces, whose results do not depend on where it is cut; its index is right only if `placed`. */
template <class Op, class T>
Best<T> longRow(Call& call, const T* x, int64_t n, bool placed) {
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
  if (placed) result.index += firstOf(x + result.index, n - result.index, result.value);
  return result;
}

template <class Op, class T>
void extremesAs(Call& call, int64_t outer, int64_t n, int64_t inner) {
  T* values = static_cast<T*>(call.x[0].data);
  int64_t* indices = static_cast<int64_t*>(call.x[1].data);
  const T* x = static_cast<const T*>(call.x[2].data);
  if (inner == 1 && outer == 1) {
    const Best<T> best = longRow<Op>(call, x, n, indices != nullptr);
    if (values) *values = best.value;
    if (indices) *indices = best.index;
    return;
  }
  if (inner == 1) {
    parallelFor(call.pool, outer, kLight / n + 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t o = begin; o < end; o++) {
        const T value = extreme<Op>(x + o * n, n);
        if (values) values[o] = value;
        if (indices) indices[o] = firstOf(x + o * n, n, value);
      }
    });
    return;
  }
  const int64_t tiles = (inner + kTile - 1) / kTile;
  parallelFor(call.pool, outer * tiles, kLight / (n * kTile) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; t++) {
      const int64_t o = t / tiles, i = t % tiles * kTile;
      const int64_t to = o * inner + i, width = inner - i < kTile ? inner - i : kTile;
      const T* from = x + o * n * inner + i;
      if (indices) {
        columns<Op>(from, n, inner, width, values ? values + to : values, indices + to);
      } else if (values) {
        columnValues<Op>(from, n, inner, width, values + to);
      }
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
