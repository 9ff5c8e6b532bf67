// Matrix products.
#include "arithmetic.h"
#include "kernel.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {
namespace {

struct Gemm {
  int64_t m, n, k;
  bool transA, transB, accumulate;
};

/** Rows [begin, end) of one product, plainly. */
template <class T>
void rows(const Gemm& g, T* out, const T* a, const T* b, const T* bias, int64_t begin, int64_t end) {
  const int64_t m = g.m, n = g.n, k = g.k;
  for (int64_t i = begin; i < end; i++) {
    T* row = out + i * n;
    if (!g.accumulate) {
      for (int64_t j = 0; j < n; j++) row[j] = bias ? bias[j] : T(0);
    } else if (bias) {
      for (int64_t j = 0; j < n; j++) row[j] = plus(row[j], bias[j]);
    }
    for (int64_t p = 0; p < k; p++) {
      const T x = g.transA ? a[p * m + i] : a[i * k + p];
      if (g.transB) {
        for (int64_t j = 0; j < n; j++) row[j] = plus(row[j], times(x, b[j * k + p]));
      } else {
        for (int64_t j = 0; j < n; j++) row[j] = plus(row[j], times(x, b[p * n + j]));
      }
    }
  }
}

template <class T>
void gemmAs(Call& call, const Gemm& g, int64_t batch, int64_t strideA, int64_t strideB) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* a = static_cast<const T*>(call.x[1].data);
  const T* b = static_cast<const T*>(call.x[2].data);
  const T* bias = static_cast<const T*>(call.x[3].data);
  const int64_t work = g.n * (g.k + 1);
  parallelFor(call.pool, batch * g.m, 250000 / (work + 1) + 1, [&](int64_t begin, int64_t end, int) {
    while (begin < end) {
      const int64_t i = begin / g.m, row = begin % g.m;
      const int64_t stop = end - begin < g.m - row ? row + end - begin : g.m;
      rows(g, out + i * g.m * g.n, a + i * strideA, b + i * strideB, bias, row, stop);
      begin += stop - row;
    }
  });
}

}  // namespace

void kernel_gemm(Call& call) {
  const int32_t* ints = call.ints;
  const int64_t batch = ints[0], strideA = ints[6], strideB = ints[7];
  const Gemm g = {ints[1], ints[2], ints[3], ints[4] != 0, ints[5] != 0, ints[8] != 0};
  if (batch < 0 || g.m < 0 || g.n < 0 || g.k < 0 || strideA < 0 || strideB < 0) return call.badSize(0);
  if (batch == 0 || g.m == 0 || g.n == 0) return;
  if (g.m * g.n > (int64_t{1} << 53) / batch) return call.badSize(1);
  if (!call.need(0, batch * g.m * g.n) || !call.need(1, (batch - 1) * strideA + g.m * g.k) ||
      !call.need(2, (batch - 1) * strideB + g.k * g.n) || (call.x[3].data && !call.need(3, g.n))) {
    return;
  }
  const int32_t dtype = call.x[0].dtype;
  for (int i = 1; i < 4; i++) {
    if (call.x[i].data && call.x[i].dtype != dtype) return call.badDType(i);
  }
  switch (dtype) {
    case kFloat32:
      return gemmAs<float>(call, g, batch, strideA, strideB);
    case kFloat64:
      return gemmAs<double>(call, g, batch, strideA, strideB);
    case kInt64:
      return gemmAs<int64_t>(call, g, batch, strideA, strideB);
    case kInt32:
      return gemmAs<int32_t>(call, g, batch, strideA, strideB);
    case kInt16:
      return gemmAs<int16_t>(call, g, batch, strideA, strideB);
    case kInt8:
      return gemmAs<int8_t>(call, g, batch, strideA, strideB);
    case kUint8:
      return gemmAs<uint8_t>(call, g, batch, strideA, strideB);
    default:
      return call.badDType(0);
  }
}

}  // namespace NG_ISA
}  // namespace ng
