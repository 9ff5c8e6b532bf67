// Binary search, the order and the runs of rows (for unique), bins (for histograms).
#include "indexing.h"
#include "iterator.h"
#include "ordering.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Whether an element stands before a value that is no NaN; a NaN stands before none. */
template <class T>
inline bool isBefore(T element, T value, bool right) {
  return right ? element <= value : element < value;
}

/**
 * How many of the n sorted elements stand before `value`: those below it, with `right` those equal to it too. A NaN is
 * above everything. Without branches, which would be mispredicted every other time.
 */
template <class T>
inline int64_t place(const T* sorted, int64_t n, T value, bool right) {
  if (value != value || n == 0) return n;
  const T* base = sorted;
  while (n > 1) {
    const int64_t half = n / 2;
    base = isBefore(base[half - 1], value, right) ? base + half : base;
    n -= half;
  }
  return base - sorted + isBefore(*base, value, right);
}

/** The same for a sequence that `sorter` puts in order; -1, and a report, where that leads outside. */
template <class T>
int64_t placeBy(const T* sorted, const int64_t* sorter, int64_t n, T value, bool right, Call& call) {
  int64_t low = 0, high = n;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2, at = sorter[middle];
    if (static_cast<uint64_t>(at) >= static_cast<uint64_t>(n)) {
      call.fail(1, at, static_cast<int32_t>(n));
      return -1;
    }
    if (value != value || isBefore(sorted[at], value, right)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

template <class T>
void searchAs(Call& call, int64_t rows, int64_t n, int64_t m, bool right, bool shared) {
  const T* sorted = static_cast<const T*>(call.x[1].data);
  const T* values = static_cast<const T*>(call.x[2].data);
  const int64_t* sorter = static_cast<const int64_t*>(call.x[3].data);
  parallelFor(call.pool, rows * m, kMedium, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t start = shared ? 0 : i / m * n;
      const int64_t at = sorter ? placeBy(sorted + start, sorter + start, n, values[i], right, call)
                                : place(sorted + start, n, values[i], right);
      if (at < 0) return;
      if (call.x[0].dtype == kInt64) {
        static_cast<int64_t*>(call.x[0].data)[i] = at;
      } else {
        static_cast<int32_t*>(call.x[0].data)[i] = static_cast<int32_t>(at);
      }
    }
  });
}

/** -1, 0 or 1 as row a stands before, level with or after row b. */
template <class T>
int compareRows(const T* a, const T* b, int64_t columns) {
  for (int64_t i = 0; i < columns; i++) {
    const auto x = sortKey(a[i]), y = sortKey(b[i]);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

/** Merge sort from the bottom up, between the result and the work space. */
template <class T>
void sortRowsAs(Call& call, int64_t rows, int64_t columns) {
  int64_t* out = static_cast<int64_t*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  int64_t* from = out;
  int64_t* to = static_cast<int64_t*>(call.x[2].data);
  for (int64_t i = 0; i < rows; i++) from[i] = i;
  for (int64_t width = 1; width < rows; width *= 2) {
    for (int64_t begin = 0; begin < rows; begin += 2 * width) {
      const int64_t middle = begin + width < rows ? begin + width : rows;
      const int64_t end = begin + 2 * width < rows ? begin + 2 * width : rows;
      int64_t a = begin, b = middle;
      for (int64_t i = begin; i < end; i++) {
        const bool first =
            a < middle && (b == end || compareRows(x + from[a] * columns, x + from[b] * columns, columns) <= 0);
        to[i] = first ? from[a++] : from[b++];
      }
    }
    int64_t* swap = from;
    from = to;
    to = swap;
  }
  if (from != out) memcpy(out, from, static_cast<size_t>(rows) * sizeof(int64_t));
}

template <class T>
void runsAs(Call& call, int64_t rows, int64_t columns) {
  int64_t* out = static_cast<int64_t*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  int64_t run = 0;
  out[0] = 0;
  for (int64_t i = 1; i < rows; i++) {
    const T* row = x + i * columns;
    bool same = true;
    for (int64_t j = 0; j < columns && same; j++) same = row[j] == row[j - columns];
    if (!same) run++;
    out[i] = run;
  }
}

/** Goes on from `linear` (the cell so far, or -1: outside) to the cell of one more dimension. */
inline int64_t nextCell(int64_t linear, int64_t bins, int64_t bin) {
  return linear < 0 || bin < 0 || bin >= bins ? -1 : linear * bins + bin;
}

template <class T>
void binsAs(Call& call, int64_t n, int64_t bins) {
  int64_t* linear = static_cast<int64_t*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  const T* edges = static_cast<const T*>(call.x[2].data);
  parallelFor(call.pool, n, kMedium, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      int64_t bin = -1;
      if (x[i] >= edges[0] && x[i] <= edges[bins]) {
        bin = place(edges, bins + 1, x[i], true) - 1;
        if (bin == bins) bin--;  // the last bin has both its edges
      }
      linear[i] = nextCell(linear[i], bins, bin);
    }
  });
}

template <class T>
void evenBinsAs(Call& call, int64_t n, int64_t bins) {
  int64_t* linear = static_cast<int64_t*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  const T low = static_cast<T>(call.scalars[0]), high = static_cast<T>(call.scalars[1]);
  parallelFor(call.pool, n, kLight, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      int64_t bin = -1;
      if (x[i] >= low && x[i] <= high) {
        const T at = (x[i] - low) * static_cast<T>(bins) / (high - low);
        bin = at < static_cast<T>(bins) ? static_cast<int64_t>(at) : bins - 1;
      }
      linear[i] = nextCell(linear[i], bins, bin);
    }
  });
}

}  // namespace

void kernel_searchsorted(Call& call) {
  const int64_t rows = call.ints[0], n = call.ints[1], m = call.ints[2];
  const bool right = call.ints[3] != 0, shared = call.ints[4] != 0;
  if (rows < 0 || n < 0 || m < 0) return call.badSize(0);
  if (call.x[0].dtype != kInt64 && call.x[0].dtype != kInt32) return call.badDType(0);
  if (call.x[1].dtype != call.x[2].dtype) return call.badDType(2);
  if (call.x[3].data && call.x[3].dtype != kInt64) return call.badDType(3);
  const int64_t length = shared ? n : rows * n;
  if (!call.need(0, rows * m) || !call.need(1, length) || !call.need(2, rows * m)) return;
  if (call.x[3].data && !call.need(3, length)) return;
  const int32_t dtype = call.x[1].dtype == kBool ? kUint8 : call.x[1].dtype;
  NG_NUMBER_TYPES(dtype, T, return searchAs<T>(call, rows, n, m, right, shared))
  call.badDType(1);
}

void kernel_sortRows(Call& call) {
  const int64_t rows = call.ints[0], columns = call.ints[1];
  if (rows < 0 || columns < 0) return call.badSize(0);
  if (call.x[0].dtype != kInt64 || call.x[2].dtype != kInt64) return call.badDType(0);
  if (!call.need(0, rows) || !call.need(1, rows * columns) || !call.need(2, rows)) return;
  const int32_t dtype = call.x[1].dtype == kBool ? kUint8 : call.x[1].dtype;
  NG_NUMBER_TYPES(dtype, T, return sortRowsAs<T>(call, rows, columns))
  call.badDType(1);
}

void kernel_runs(Call& call) {
  const int64_t rows = call.ints[0], columns = call.ints[1];
  if (rows < 0 || columns < 0) return call.badSize(0);
  if (call.x[0].dtype != kInt64) return call.badDType(0);
  if (!call.need(0, rows) || !call.need(1, rows * columns) || rows == 0) return;
  const int32_t dtype = call.x[1].dtype == kBool ? kUint8 : call.x[1].dtype;
  NG_NUMBER_TYPES(dtype, T, return runsAs<T>(call, rows, columns))
  call.badDType(1);
}

void kernel_bins(Call& call) {
  const int64_t n = call.ints[0], bins = call.ints[1];
  if (n < 0 || bins < 1) return call.badSize(0);
  if (call.x[0].dtype != kInt64) return call.badDType(0);
  if (call.x[1].dtype != call.x[2].dtype) return call.badDType(2);
  if (!call.need(0, n) || !call.need(1, n) || !call.need(2, bins + 1)) return;
  if (call.x[1].dtype == kFloat32) return binsAs<float>(call, n, bins);
  if (call.x[1].dtype == kFloat64) return binsAs<double>(call, n, bins);
  call.badDType(1);
}

void kernel_evenBins(Call& call) {
  const int64_t n = call.ints[0], bins = call.ints[1];
  if (n < 0 || bins < 1) return call.badSize(0);
  if (call.x[0].dtype != kInt64) return call.badDType(0);
  if (!call.need(0, n) || !call.need(1, n)) return;
  if (call.x[1].dtype == kFloat32) return evenBinsAs<float>(call, n, bins);
  if (call.x[1].dtype == kFloat64) return evenBinsAs<double>(call, n, bins);
  call.badDType(1);
}

}  // namespace NG_ISA
}  // namespace ng
