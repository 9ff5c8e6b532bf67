// What the blocks of attention are made with: sizes, operands, rows of scores, work space.
#pragma once

#include <math.h>
#include <string.h>

#include "kernel.h"
#include "wide.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Queries and keys of a block; keys are a multiple of queries, so that a causal block begins on the diagonal. */
constexpr int64_t kQueries = 32, kKeys = 256;
/** Queries of a task of the forward pass, which transposes each block of keys once. */
constexpr int64_t kSpan = 256;
/** Multiplications below which one thread does the work. */
constexpr int64_t kWork = 500000;

struct Sizes {
  int64_t batch, heads, rows, columns, width, valueWidth;
  bool causal;
  double scale;

  int64_t matrices() const { return batch * heads; }
  /** How many of the keys from `column` on the query `row` sees, of `count`. */
  int64_t seen(int64_t row, int64_t column, int64_t count) const {
    if (!causal) return count;
    const int64_t most = row + 1 - column;
    return most < 0 ? 0 : most < count ? most : count;
  }
};

/** Matrices of rows whose elements are neighbours, at any distances: [batch, head, row]. */
template <class T>
struct Matrices {
  T* data;
  int64_t batch, head, row;

  T* of(const Sizes& sizes, int64_t matrix) const {
    return data + matrix / sizes.heads * batch + matrix % sizes.heads * head;
  }
};

template <class T>
Matrices<T> matrices(const Call& call, int operand, int at) {
  const int32_t* ints = call.ints + at;
  return {static_cast<T*>(call.x[operand].data), ints[0], ints[1], ints[2]};
}

inline int64_t roundUp(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }
inline int64_t lesser(int64_t x, int64_t y) { return x < y ? x : y; }

/** What becomes of a row of scores: its first `seen` are scaled and masked, the others are -inf. */
template <class T>
struct Scores {
  typedef Wide<T> L;
  typedef typename L::V V;
  int64_t seen;
  V scale;
  const T* mask;

  /** Those from column j on, a vector of them. */
  V at(const T* s, int64_t j) const {
    V x = L::get(s + j) * scale;
    if (mask != nullptr && j < seen) x = x + (seen - j < L::n ? L::get(mask + j, seen - j) : L::get(mask + j));
    return select(L::from(j) < V(static_cast<T>(seen)), x, V(static_cast<T>(-INFINITY)));
  }

  /** In place, as far as whole vectors go; returns the largest of them and `most`. */
  T finish(T* s, int64_t columns, T most) const {
    V largest(most);
    for (int64_t j = 0; j < columns; j += L::n) {
      const V x = at(s, j);
      L::put(s + j, x);
      largest = max(x, largest);
    }
    return reduceMax(largest);
  }

  /** s becomes the weights p = e^(score - shift), and the gradient g of the weights that of the scores. */
  void gradient(T* s, T* g, int64_t columns, T shift, T mean) const {
    const V by(shift), less(mean);
    for (int64_t j = 0; j < columns; j += L::n) {
      const V p = exp(at(s, j) - by);
      L::put(s + j, p);
      L::put(g + j, p * (L::get(g + j) - less) * scale);
    }
  }
};

/** s = e^(s - shift) over whole vectors; returns the sum. */
template <class T>
T exponentials(T* s, int64_t columns, T shift) {
  typedef Wide<T> L;
  typename L::V sum(T(0));
  const typename L::V by(shift);
  for (int64_t j = 0; j < columns; j += L::n) {
    const typename L::V p = exp(L::get(s + j) - by);
    L::put(s + j, p);
    sum = sum + p;
  }
  return reduceAdd(sum);
}

template <class T>
void scaleRow(T* x, int64_t n, T factor) {
  typedef Wide<T> L;
  const typename L::V by(factor);
  int64_t j = 0;
  for (; j + L::n <= n; j += L::n) L::put(x + j, L::get(x + j) * by);
  if (j < n) L::put(x + j, L::get(x + j, n - j) * by, n - j);
}

template <class T>
T dotRow(const T* x, const T* y, int64_t n) {
  typedef Wide<T> L;
  typename L::V sum(T(0));
  int64_t j = 0;
  for (; j + L::n <= n; j += L::n) sum = sum + L::get(x + j) * L::get(y + j);
  if (j < n) sum = sum + L::get(x + j, n - j) * L::get(y + j, n - j);
  return reduceAdd(sum);
}

template <class T>
void clear(T* x, int64_t rows, int64_t step, int64_t width) {
  for (int64_t i = 0; i < rows; i++) memset(x + i * step, 0, static_cast<size_t>(width) * sizeof(T));
}

/** What a thread works with. */
template <class T>
struct Workspace {
  T *keys, *values, *scores, *grads, *rows;

  static int64_t elements(const Sizes& sizes, int64_t rows) {
    return (sizes.width + sizes.valueWidth) * kKeys + 2 * kQueries * kKeys + rows + 16;
  }
  Workspace(Pool* pool, int thread, const Sizes& sizes, int64_t count) {
    keys = static_cast<T*>(poolScratch(pool, thread, static_cast<size_t>(elements(sizes, count)) * sizeof(T)));
    values = keys + sizes.width * kKeys;
    scores = values + sizes.valueWidth * kKeys;
    grads = scores + kQueries * kKeys;
    rows = grads + kQueries * kKeys;
  }
};

}  // namespace
}  // namespace NG_ISA
}  // namespace ng
