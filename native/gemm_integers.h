// Products of matrices of integers, which wrap.
#pragma once

#include "arithmetic.h"
#include "gemm.h"

namespace ng {
namespace NG_ISA {

/** Four rows of a product of integers, eight columns at a time, whose sums stay in registers. */
template <class T, bool TRANS_B>
void integerRows(const Gemm<T>& g, const T* a, const T* b, T* c, int64_t i0) {
  constexpr int kRows = 4, kColumns = 8;
  const int64_t rows = least(kRows, g.m - i0), step = g.transA ? g.lda : 1;
  const T* x[kRows];
  // Rows that are not there are computed as copies of the last.
  for (int i = 0; i < kRows; i++) x[i] = a + (i0 + least(i, rows - 1)) * (g.transA ? 1 : g.lda);
  for (int64_t j0 = 0; j0 < g.n; j0 += kColumns) {
    const int64_t columns = least(kColumns, g.n - j0);
    T sum[kRows][kColumns] = {};
    if (!TRANS_B && columns == kColumns) {
      for (int64_t p = 0; p < g.k; p++) {
        const T* y = b + p * g.ldb + j0;
        NG_UNROLL
        for (int i = 0; i < kRows; i++) {
          const T factor = x[i][p * step];
          NG_UNROLL
          for (int j = 0; j < kColumns; j++) sum[i][j] = plus(sum[i][j], times(factor, y[j]));
        }
      }
    } else {
      for (int64_t j = 0; j < columns; j++) {
        const T* y = b + (j0 + j) * (TRANS_B ? g.ldb : 1);
        for (int64_t p = 0; p < g.k; p++) {
          const T factor = y[p * (TRANS_B ? 1 : g.ldb)];
          NG_UNROLL
          for (int i = 0; i < kRows; i++) sum[i][j] = plus(sum[i][j], times(x[i][p * step], factor));
        }
      }
    }
    for (int64_t i = 0; i < rows; i++) {
      T* to = c + (i0 + i) * g.n + j0;
      for (int64_t j = 0; j < columns; j++) {
        const T value = g.bias ? plus(sum[i][j], g.bias[j0 + j]) : sum[i][j];
        to[j] = g.accumulate ? plus(to[j], value) : value;
      }
    }
  }
}

/** Integers, whose sums are the same in any order. */
template <class T>
void integers(Call& call, const Gemm<T>& g, int64_t batch, int64_t strideA, int64_t strideB) {
  const int64_t groups = ceilDiv(g.m, 4);
  const int64_t grain = 60000 / (g.n * (g.k + 1) + 1) + 1;
  parallelFor(call.pool, batch * groups, grain, [&](int64_t begin, int64_t end, int) {
    for (int64_t group = begin; group < end; group++) {
      const int64_t z = group / groups, i0 = group % groups * 4;
      const T* a = g.a + z * strideA;
      const T* b = g.b + z * strideB;
      T* c = g.c + z * g.m * g.n;
      if (g.transB) {
        integerRows<T, true>(g, a, b, c, i0);
      } else {
        integerRows<T, false>(g, a, b, c, i0);
      }
    }
  });
}

}  // namespace NG_ISA
}  // namespace ng
