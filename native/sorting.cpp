// Sorting and selecting along the middle of [outer, n, inner], by keys in a work space that the caller brings: one
// lane of it for each thread.
#include "indexing.h"
#include "iterator.h"
#include "ordering.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {
namespace {

template <class T>
struct KeyOf {
  typedef decltype(sortKey(T())) type;
};

/** An integer's largest key is no NaN. */
template <class T>
constexpr bool kIsFloat = T(0.5) != T(0);

/** The geometry of a call with operands values, indices, x and work. */
struct Rows {
  int64_t outer, n, inner;
  bool read(Call& call, int64_t outputs) {
    outer = call.ints[0];
    n = call.ints[1];
    inner = call.ints[2];
    if (outer < 0 || n < 0 || inner < 0 || outputs < 0) {
      call.badSize(0);
      return false;
    }
    if (call.x[0].dtype != call.x[2].dtype) {
      call.badDType(0);
      return false;
    }
    if (call.x[1].dtype != kInt64 || call.x[3].dtype != kUint8) {
      call.badDType(call.x[1].dtype != kInt64 ? 1 : 3);
      return false;
    }
    const int64_t out = outer * outputs * inner;
    return call.need(0, out) && call.need(1, out) && call.need(2, outer * n * inner) && out > 0;
  }
};

/** Calls f(x, values, indices, lane) for each row; all three point at its first element, `inner` apart to the next. */
template <class T, class F>
void forRows(Call& call, const Rows& s, int64_t outputs, F&& f) {
  typedef typename KeyOf<T>::type K;
  const int64_t laneBytes = (s.n * Work<K>::kBytes + 7) / 8 * 8;
  if (!call.need(3, laneBytes)) return;
  const int64_t lanes = call.x[3].length / laneBytes;
  T* values = static_cast<T*>(call.x[0].data);
  int64_t* indices = static_cast<int64_t*>(call.x[1].data);
  const T* x = static_cast<const T*>(call.x[2].data);
  char* memory = static_cast<char*>(call.x[3].data);
  const auto run = [&](int64_t begin, int64_t end, int thread) {
    for (int64_t r = begin; r < end; r++) {
      const int64_t o = r / s.inner, i = r % s.inner;
      const int64_t to = o * outputs * s.inner + i;
      f(x + o * s.n * s.inner + i, values + to, indices + to, memory + thread * laneBytes);
    }
  };
  const int64_t rows = s.outer * s.inner;
  if (lanes < poolThreads(call.pool)) {
    run(0, rows, 0);
  } else {
    parallelFor(call.pool, rows, kHeavy / s.n + 1,
                [&](int64_t begin, int64_t end, int thread) { run(begin, end, thread); });
  }
}

template <class T, class K>
void loadKeys(Work<K>& work, const T* x, int64_t n, int64_t step, bool reverse) {
  const K flip = reverse ? static_cast<K>(-1) : 0;
  for (int64_t j = 0; j < n; j++) {
    work.keys[j] = sortKey(x[j * step]) ^ flip;
    work.indices[j] = static_cast<int32_t>(j);
  }
}

/** x[at], whose key is `key`: a whole number is found there, and not where it stood. */
template <class T, class K>
inline T valueAt(const T* x, int64_t at, K) {
  return x[at];
}
template <class K>
inline int64_t valueAt(const int64_t*, int64_t, K key) {
  return static_cast<int64_t>(key ^ sortKey(int64_t{0}));
}
template <class K>
inline int32_t valueAt(const int32_t*, int64_t, K key) {
  return static_cast<int32_t>(key ^ sortKey(int32_t{0}));
}

template <class T>
void sortAs(Call& call, const Rows& s, bool descending) {
  typedef typename KeyOf<T>::type K;
  forRows<T>(call, s, s.n, [&](const T* x, T* values, int64_t* indices, char* lane) {
    Work<K> work(lane, s.n);
    loadKeys(work, x, s.n, s.inner, descending);
    sortKeys(work, s.n);
    for (int64_t j = 0; j < s.n; j++) {
      const int32_t from = work.indices[j];
      values[j * s.inner] = valueAt(x, from * s.inner, descending ? ~work.keys[j] : work.keys[j]);
      indices[j * s.inner] = from;
    }
  });
}

/** Moves the k keys that come first in order to the front: those before the k-th, and as many equal to it as are left.
 */
template <class K>
void keepFirst(Work<K>& work, int64_t n, int64_t k) {
  if (n <= kFewKeys) return sortKeys(work, n);
  int64_t equal;
  const K last = selectKey(work.keys, n, k - 1, &equal);
  int64_t kept = 0;
  for (int64_t j = 0; j < n; j++) {
    if (work.keys[j] > last || (work.keys[j] == last && equal-- < 0)) continue;
    work.keys[kept] = work.keys[j];
    work.indices[kept++] = work.indices[j];
  }
}

/** How many of n neighbours at x surely do not come before `limit`. */
template <class T>
inline int64_t countPassed(const T*, int64_t, T, bool) {
  return 0;
}
inline int64_t countPassed(const float* x, int64_t n, float limit, bool largest) {
  const F32 bound(limit);
  int64_t i = 0;
  // Of NaN nothing is said, by either comparison.
  if (largest) {
    while (i + kLanes <= n && !any(!(load(x + i) <= bound))) i += kLanes;
  } else {
    while (i + kLanes <= n && !any(!(load(x + i) >= bound))) i += kLanes;
  }
  return i;
}

/**
 * The k first keys of a row, for a small k: a key that is not below the k-th of those seen so far is passed over (of
 * equal ones the first count), the others are gathered until there is no room.
 */
template <class T, class K>
void firstKeys(Work<K>& work, const T* x, int64_t n, int64_t step, int64_t k, K flip) {
  const int64_t room = 4 * k;
  int64_t held = 0, last = -1;  // which key is the k-th, once there is one
  K limit = 0;
  for (int64_t j = 0; j < n; j++) {
    if (last >= 0 && step == 1) {
      j += countPassed(x + j, n - j, x[last], flip != 0);
      if (j == n) break;
    }
    const K key = sortKey(x[j * step]) ^ flip;
    if (last >= 0 && key >= limit) continue;
    if (held == room) {
      keepFirst(work, held, k);
      held = k;
      int64_t most = 0;
      for (int64_t i = 1; i < k; i++) most = work.keys[i] > work.keys[most] ? i : most;
      limit = work.keys[most];
      last = work.indices[most];
      if (key >= limit) continue;
    }
    work.keys[held] = key;
    work.indices[held++] = static_cast<int32_t>(j);
  }
  if (held > k) keepFirst(work, held, k);
}

template <class T>
void topkAs(Call& call, const Rows& s, int64_t k, bool largest) {
  typedef typename KeyOf<T>::type K;
  const K flip = largest ? static_cast<K>(-1) : 0;
  forRows<T>(call, s, k, [&](const T* x, T* values, int64_t* indices, char* lane) {
    Work<K> work(lane, s.n);
    if (8 * k <= s.n) {
      firstKeys(work, x, s.n, s.inner, k, flip);
    } else {
      loadKeys(work, x, s.n, s.inner, largest);
      if (k < s.n) keepFirst(work, s.n, k);
    }
    sortKeys(work, k);
    for (int64_t j = 0; j < k; j++) {
      const int32_t from = work.indices[j];
      values[j * s.inner] = x[from * s.inner];
      indices[j * s.inner] = from;
    }
  });
}

/** The k-th smallest (from 1); with k = 0 the median, which is NaN where there is a NaN, or ignores them. */
template <class T>
void selectAs(Call& call, const Rows& s, int64_t k, bool ignoreNan) {
  typedef typename KeyOf<T>::type K;
  forRows<T>(call, s, 1, [&](const T* x, T* values, int64_t* indices, char* lane) {
    Work<K> work(lane, s.n);
    loadKeys(work, x, s.n, s.inner, false);
    int64_t at = k - 1;
    if (k == 0) {
      int64_t numbers = s.n;
      if (kIsFloat<T>) {
        for (int64_t j = 0; j < s.n; j++) numbers -= work.keys[j] == kNanKey<K>;
      }
      const bool nan = numbers == 0 || (numbers < s.n && !ignoreNan);
      at = nan ? numbers : (numbers - 1) / 2;
    }
    const int64_t from = selectIndex(work.keys, s.n, at);
    *values = x[from * s.inner];
    *indices = from;
  });
}

template <class T>
void modeAs(Call& call, const Rows& s) {
  typedef typename KeyOf<T>::type K;
  forRows<T>(call, s, 1, [&](const T* x, T* values, int64_t* indices, char* lane) {
    Work<K> work(lane, s.n);
    loadKeys(work, x, s.n, s.inner, false);
    sortKeys(work, s.n);
    int64_t best = 0, run = 0, from = 0;
    for (int64_t j = 0; j < s.n; j++) {
      run++;
      const bool same = j + 1 < s.n && work.keys[j] == work.keys[j + 1];
      if (same && !(kIsFloat<T> && work.keys[j] == kNanKey<K>)) continue;  // no NaN equals another
      if (run > best) {
        best = run;
        from = work.indices[j];
      }
      run = 0;
    }
    *values = x[from * s.inner];
    *indices = from;
  });
}

int32_t sortable(const Call& call) { return call.x[2].dtype == kBool ? kUint8 : call.x[2].dtype; }

}  // namespace

void kernel_sort(Call& call) {
  Rows s;
  if (!s.read(call, call.ints[1])) return;
  const bool descending = call.ints[3] != 0;
  if (sortable(call) == kFloat16) return sortAs<Float16>(call, s, descending);
  if (sortable(call) == kBfloat16) return sortAs<Bfloat16>(call, s, descending);
  NG_NUMBER_TYPES(sortable(call), T, return sortAs<T>(call, s, descending))
  call.badDType(2);
}

void kernel_topk(Call& call) {
  Rows s;
  const int64_t k = call.ints[3];
  if (!s.read(call, k)) return;
  if (k > s.n) return call.badSize(3);
  NG_NUMBER_TYPES(sortable(call), T, return topkAs<T>(call, s, k, call.ints[4] != 0))
  call.badDType(2);
}

void kernel_kthvalue(Call& call) {
  Rows s;
  if (!s.read(call, 1)) return;
  const int64_t k = call.ints[3];
  if (k < 0 || k > s.n || s.n == 0) return call.badSize(3);
  NG_NUMBER_TYPES(sortable(call), T, return selectAs<T>(call, s, k, call.ints[4] != 0))
  call.badDType(2);
}

void kernel_mode(Call& call) {
  Rows s;
  if (!s.read(call, 1)) return;
  if (s.n == 0) return call.badSize(1);
  NG_NUMBER_TYPES(sortable(call), T, return modeAs<T>(call, s))
  call.badDType(2);
}

}  // namespace NG_ISA
}  // namespace ng
