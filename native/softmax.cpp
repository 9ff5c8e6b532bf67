// Softmax and log-softmax along the middle one of three dimensions, and their gradients. Where the inner dimension is
// 1, a row is done in vectors along itself; else several rows are done side by side, a vector across them.
#include "kernel.h"
#include "wide.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Elements below which one thread does the work. */
constexpr int64_t kGrain = 16384;

/** out = e^(x − shift), where out is given; returns the sum of these. */
template <class T, bool kStore>
T rowExp(T* out, const T* x, T shift, int64_t n) {
  typedef Wide<T> L;
  typedef typename L::V V;
  const V s(shift);
  V a(T(0)), b(T(0));
  int64_t i = 0;
  for (; i + 2 * L::n <= n; i += 2 * L::n) {
    const V p = exp(L::get(x + i) - s), q = exp(L::get(x + i + L::n) - s);
    if (kStore) {
      L::put(out + i, p);
      L::put(out + i + L::n, q);
    }
    a = a + p;
    b = b + q;
  }
  T sum = reduceAdd(a + b);
  for (; i < n; i += L::n) {
    const int64_t count = n - i < L::n ? n - i : L::n;
    const V p = exp(L::get(x + i, count) - s);
    T lanes[L::n];
    L::put(lanes, p);
    for (int64_t j = 0; j < count; j++) {
      if (kStore) out[i + j] = lanes[j];
      sum += lanes[j];
    }
  }
  return sum;
}

template <class T>
void softmaxRow(T* out, const T* x, int64_t n, bool logarithm) {
  typedef Wide<T> L;
  typedef typename L::V V;
  const T most = rowMax(x, n);
  int64_t i = 0;
  if (logarithm) {
    const T rest = static_cast<T>(::log(rowExp<T, false>(nullptr, x, most, n)));
    const V m(most), r(rest);
    for (; i + L::n <= n; i += L::n) L::put(out + i, L::get(x + i) - m - r);
    if (i < n) L::put(out + i, L::get(x + i, n - i) - m - r, n - i);
  } else {
    const V factor(T(1) / rowExp<T, true>(out, x, most, n));
    for (; i + L::n <= n; i += L::n) L::put(out + i, L::get(out + i) * factor);
    if (i < n) L::put(out + i, L::get(out + i, n - i) * factor, n - i);
  }
}

template <class T>
void gradientRow(T* out, const T* grad, const T* y, int64_t n, bool logarithm) {
  typedef Wide<T> L;
  typedef typename L::V V;
  V a(T(0));
  int64_t i = 0;
  for (; i < n; i += L::n) {
    const int64_t count = n - i < L::n ? n - i : L::n;
    const V g = count == L::n ? L::get(grad + i) : L::get(grad + i, count);
    a = a + (logarithm ? g : g * (count == L::n ? L::get(y + i) : L::get(y + i, count)));
  }
  const V sum(reduceAdd(a));
  for (i = 0; i < n; i += L::n) {
    const int64_t count = n - i < L::n ? n - i : L::n;
    const V g = L::get(grad + i, count), v = L::get(y + i, count);
    L::put(out + i, logarithm ? g - exp(v) * sum : v * (g - sum), count);
  }
}

/** `width` (at most Wide::n) neighbouring columns at once, a column's elements `inner` apart. */
template <class T>
void softmaxColumns(T* out, const T* x, int64_t n, int64_t inner, int64_t width, bool logarithm) {
  typedef Wide<T> L;
  typedef typename L::V V;
  V most = L::get(x, width);
  for (int64_t i = 1; i < n; i++) {
    const V value = L::get(x + i * inner, width);
    most = select(value > most, value, most);
  }
  V sum(T(0));
  for (int64_t i = 0; i < n; i++) {
    const V value = exp(L::get(x + i * inner, width) - most);
    if (!logarithm) L::put(out + i * inner, value, width);
    sum = sum + value;
  }
  if (logarithm) {
    T lanes[L::n];
    L::put(lanes, sum);
    for (int64_t j = 0; j < L::n; j++) lanes[j] = static_cast<T>(::log(lanes[j]));
    const V rest = L::get(lanes);
    for (int64_t i = 0; i < n; i++) L::put(out + i * inner, L::get(x + i * inner, width) - most - rest, width);
  } else {
    const V factor = V(T(1)) / sum;
    for (int64_t i = 0; i < n; i++) L::put(out + i * inner, L::get(out + i * inner, width) * factor, width);
  }
}

template <class T>
void gradientColumns(T* out, const T* grad, const T* y, int64_t n, int64_t inner, int64_t width, bool logarithm) {
  typedef Wide<T> L;
  typedef typename L::V V;
  V sum(T(0));
  for (int64_t i = 0; i < n; i++) {
    const V g = L::get(grad + i * inner, width);
    sum = sum + (logarithm ? g : g * L::get(y + i * inner, width));
  }
  for (int64_t i = 0; i < n; i++) {
    const V g = L::get(grad + i * inner, width), v = L::get(y + i * inner, width);
    L::put(out + i * inner, logarithm ? g - exp(v) * sum : v * (g - sum), width);
  }
}

/** Rows of at most so many elements are done as columns, in buffers. */
constexpr int64_t kShortRow = 16;

/** turned[i][r] = rows[r][i] of up to Wide::n rows of n elements, or the other way round. */
template <class T>
void turnRows(T* turned, const T* rows, int64_t count, int64_t n) {
  for (int64_t r = 0; r < count; r++) {
    for (int64_t i = 0; i < n; i++) turned[i * Wide<T>::n + r] = rows[r * n + i];
  }
}
template <class T>
void turnBack(T* rows, const T* turned, int64_t count, int64_t n) {
  for (int64_t r = 0; r < count; r++) {
    for (int64_t i = 0; i < n; i++) rows[r * n + i] = turned[i * Wide<T>::n + r];
  }
}

/** Calls row(o) for every outer index, or columns(offset, width) for every strip of columns. */
template <class T, class Row, class Columns>
void forEachRow(Call& call, int64_t outer, int64_t n, int64_t inner, Row row, Columns columns) {
  if (inner == 1) {
    parallelFor(call.pool, outer, kGrain / (n + 1) + 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t o = begin; o < end; o++) row(o * n);
    });
    return;
  }
  constexpr int64_t lanes = Wide<T>::n;
  const int64_t strips = (inner + lanes - 1) / lanes;
  parallelFor(call.pool, outer * strips, kGrain / (n * lanes + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t s = begin; s < end; s++) {
      const int64_t j = s % strips * lanes;
      columns(s / strips * n * inner + j, inner - j < lanes ? inner - j : lanes);
    }
  });
}

/** Calls rows(offset, count) for as many rows as a vector has lanes, again and again. */
template <class T, class Rows>
void forShortRows(Call& call, int64_t outer, int64_t n, Rows rows) {
  constexpr int64_t lanes = Wide<T>::n;
  const int64_t groups = (outer + lanes - 1) / lanes;
  parallelFor(call.pool, groups, kGrain / (n * lanes) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t g = begin; g < end; g++) {
      rows(g * lanes * n, outer - g * lanes < lanes ? outer - g * lanes : lanes);
    }
  });
}

template <class T>
void forward(Call& call, int64_t outer, int64_t n, int64_t inner, bool logarithm) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  if (inner == 1 && n <= kShortRow && Wide<T>::n > 1) {
    return forShortRows<T>(call, outer, n, [&](int64_t at, int64_t count) {
      alignas(64) T turned[kShortRow * Wide<T>::n] = {};
      turnRows(turned, x + at, count, n);
      softmaxColumns(turned, turned, n, Wide<T>::n, count, logarithm);
      turnBack(out + at, turned, count, n);
    });
  }
  forEachRow<T>(
      call, outer, n, inner, [&](int64_t at) { softmaxRow(out + at, x + at, n, logarithm); },
      [&](int64_t at, int64_t width) { softmaxColumns(out + at, x + at, n, inner, width, logarithm); });
}

template <class T>
void backward(Call& call, int64_t outer, int64_t n, int64_t inner, bool logarithm) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* grad = static_cast<const T*>(call.x[1].data);
  const T* y = static_cast<const T*>(call.x[2].data);
  if (inner == 1 && n <= kShortRow && Wide<T>::n > 1) {
    return forShortRows<T>(call, outer, n, [&](int64_t at, int64_t count) {
      alignas(64) T turned[kShortRow * Wide<T>::n] = {}, turnedY[kShortRow * Wide<T>::n] = {};
      turnRows(turned, grad + at, count, n);
      turnRows(turnedY, y + at, count, n);
      gradientColumns(turned, turned, turnedY, n, Wide<T>::n, count, logarithm);
      turnBack(out + at, turned, count, n);
    });
  }
  forEachRow<T>(
      call, outer, n, inner, [&](int64_t at) { gradientRow(out + at, grad + at, y + at, n, logarithm); },
      [&](int64_t at, int64_t width) { gradientColumns(out + at, grad + at, y + at, n, inner, width, logarithm); });
}

void run(Call& call, int operands, bool logarithm) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  if (outer < 0 || n < 0 || inner < 0) return call.badSize(0);
  if (outer == 0 || n == 0 || inner == 0) return;
  if (outer * n > (int64_t{1} << 53) / inner) return call.badSize(0);
  for (int i = 0; i < operands; i++) {
    if (!call.need(i, outer * n * inner)) return;
    if (call.x[i].dtype != call.x[0].dtype) return call.badDType(i);
  }
  const bool isForward = operands == 2;
  if (call.x[0].dtype == kFloat32) {
    isForward ? forward<float>(call, outer, n, inner, logarithm) : backward<float>(call, outer, n, inner, logarithm);
  } else if (call.x[0].dtype == kFloat64) {
    isForward ? forward<double>(call, outer, n, inner, logarithm) : backward<double>(call, outer, n, inner, logarithm);
  } else {
    call.badDType(0);
  }
}

}  // namespace

void kernel_softmax(Call& call) { run(call, 2, false); }
void kernel_logSoftmax(Call& call) { run(call, 2, true); }
void kernel_softmaxBackward(Call& call) { run(call, 3, false); }
void kernel_logSoftmaxBackward(Call& call) { run(call, 3, true); }

}  // namespace NG_ISA
}  // namespace ng
