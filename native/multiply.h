// Small products inside other kernels, on the calling thread.
#pragma once

#include "kernel.h"

namespace ng {
namespace NG_ISA {

/**
 * c (m, n) = or += a · b. Rows of b and c lie `bs` and `cs` elements apart; a's element (i, p) is a[i · as + p], or
 * a[p · as + i] when `turned`. float and double. In matmul.cpp, where the tiles are.
 */
template <class T>
void multiply(bool turned, int64_t m, int64_t n, int64_t k, const T* a, int64_t as, const T* b, int64_t bs, T* c,
              int64_t cs, bool accumulate);

}  // namespace NG_ISA
}  // namespace ng
