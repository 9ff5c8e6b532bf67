// Products over a short k, which take little longer than writing the result does.
#pragma once

#include "gemm.h"

namespace ng {
namespace NG_ISA {

/** Whether the result is so large for its work that it is best written row by row. b stays in the cache. */
template <class T>
bool isShallow(const Gemm<T>& g) {
  return g.k > 0 && g.k <= kMostFactors && g.n >= g.k * VectorOf<T>::lanes &&
         g.k * g.n * static_cast<int64_t>(sizeof(T)) <= kSmallBytes;
}

/**
 * Rows [i, end) of c, each from left to right as the sum of K scaled rows of b: memory that is in no cache takes one
 * run of whole lines much faster than the rows of a tile.
 */
template <class T, int K>
void shallowRows(const Gemm<T>& g, int64_t i, int64_t end) {
  typedef typename VectorOf<T>::type V;
  constexpr int W = VectorOf<T>::lanes;
  const int64_t across = g.transA ? g.lda : 1, down = g.transA ? 1 : g.lda, n = g.n, ldb = g.ldb;
  const T *const b = g.b, *const bias = g.bias;
  const bool accumulate = g.accumulate;
  const typename VectorOf<T>::lanesType lanes = lanesOf(b, n % W);
  for (; i < end; i++) {
    T* const c = g.c + i * n;
    V factors[K];
    NG_UNROLL
    for (int p = 0; p < K; p++) factors[p] = V(g.a[i * down + p * across]);
    const auto vector = [&](int64_t j, auto get, auto put) {
      V sum(T(0));
      NG_UNROLL
      for (int p = 0; p < K; p++) sum = fma(factors[p], get(b + p * ldb + j), sum);
      if (bias) sum = sum + get(bias + j);
      put(c + j, accumulate ? sum + get(c + j) : sum);
    };
    int64_t j = 0;
    for (; j + W <= n; j += W) {
      vector(
          j, [](const T* from) { return load(from); }, [](T* to, V value) { store(to, value); });
    }
    if (j < n) {
      vector(
          j, [&](const T* from) { return load(from, lanes); }, [&](T* to, V value) { store(to, value, lanes); });
    }
  }
}

/** shallowRows<T, k> by k. */
template <class T>
struct Shallow {
  typedef void (*Rows)(const Gemm<T>&, int64_t, int64_t);
  template <int K>
  static constexpr Rows at() {
    return shallowRows<T, (K <= kMostFactors ? K : 1)>;
  }
  static constexpr Rows byDepth[17] = {nullptr,  at<1>(),  at<2>(),  at<3>(),  at<4>(),  at<5>(),
                                       at<6>(),  at<7>(),  at<8>(),  at<9>(),  at<10>(), at<11>(),
                                       at<12>(), at<13>(), at<14>(), at<15>(), at<16>()};
};

/** False: no memory to turn b. */
template <class T>
bool shallow(Gemm<T> g, const Team& team) {
  if (g.transB) {
    constexpr int W = VectorOf<T>::lanes;
    const int64_t width = ceilDiv(g.n, W) * W;
    T* turned = static_cast<T*>(poolScratch(team.pool, team.together ? kSharedScratch : team.thread,
                                            static_cast<size_t>(width * g.k) * sizeof(T)));
    if (!turned) return false;
    packTransposed(turned, width, g.b, g.ldb, g.n, g.k);
    g.b = turned;
    g.ldb = width;
  }
  const int64_t pieces = team.together ? least(workOf(g) / 200000 + 1, 2 * poolThreads(team.pool)) : 1;
  each(team, pieces,
       [&](int64_t piece, int) { Shallow<T>::byDepth[g.k](g, cut(g.m, pieces, piece), cut(g.m, pieces, piece + 1)); });
  return true;
}

}  // namespace NG_ISA
}  // namespace ng
