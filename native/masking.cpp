// Masks: counting and finding what is not 0, selecting and writing where a mask is true, triangles.
#include <string.h>

#include "elementwise.h"
#include "indexing.h"
#include "kernel.h"

namespace ng {
namespace NG_ISA {

namespace {

/** Whether an element is not 0, by its bits: -0 is 0, NaN is not. */
template <class T>
inline bool truthy(T x) {
  return x != T(0);
}
inline bool truthy(Float16 x) { return (x.bits & 0x7fff) != 0; }
inline bool truthy(Complex64 x) { return x.re != 0 || x.im != 0; }

template <class T>
void countAs(Call& call, int64_t outer, int64_t n, int64_t inner) {
  int64_t* out = static_cast<int64_t*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  if (inner == 1) {
    parallelFor(call.pool, outer, kLight / (n + 1) + 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t o = begin; o < end; o++) {
        int64_t count = 0;
        for (int64_t i = 0; i < n; i++) count += truthy(x[o * n + i]);
        out[o] = count;
      }
    });
    return;
  }
  parallelFor(call.pool, outer, kLight / (n * inner + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; o++) {
      int64_t* to = out + o * inner;
      for (int64_t i = 0; i < inner; i++) to[i] = 0;
      for (int64_t j = 0; j < n; j++) {
        const T* row = x + (o * n + j) * inner;
        for (int64_t i = 0; i < inner; i++) to[i] += truthy(row[i]);
      }
    }
  });
}

template <class T>
void nonzeroAs(Call& call, int64_t n, int64_t count, int rank) {
  int64_t* out = static_cast<int64_t*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  const int64_t* shape = static_cast<const int64_t*>(call.x[2].data);
  int64_t found = 0;
  if (rank == 1) {
    for (int64_t i = 0; i < n; i++) {
      if (truthy(x[i]) && found < count) out[found++] = i;
    }
    return;
  }
  int64_t at[kMaxDims] = {0};
  for (int64_t i = 0; i < n; i++) {
    if (truthy(x[i])) {
      if (found == count) return;
      for (int d = 0; d < rank; d++) out[found * rank + d] = at[d];
      found++;
    }
    for (int d = rank - 1; d >= 0; d--) {
      if (++at[d] < shape[d]) break;
      at[d] = 0;
    }
  }
}

#define NG_TRUTHY_TYPES(dtype, T, ...)       \
  switch (dtype) {                           \
    case kBool: {                            \
      typedef uint8_t T;                     \
      __VA_ARGS__;                           \
    }                                        \
    case kComplex64: {                       \
      typedef Complex64 T;                   \
      __VA_ARGS__;                           \
    }                                        \
    case kFloat16:                           \
    case kBfloat16: {                        \
      typedef Float16 T;                     \
      __VA_ARGS__;                           \
    }                                        \
    default:                                 \
      NG_NUMBER_TYPES(dtype, T, __VA_ARGS__) \
  }

}  // namespace

void kernel_countNonzero(Call& call) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  if (outer < 0 || n < 0 || inner < 0) return call.badSize(0);
  if (call.x[0].dtype != kInt64) return call.badDType(0);
  if (!call.need(0, outer * inner) || (outer * inner > 0 && !call.need(1, outer * n * inner))) return;
  NG_TRUTHY_TYPES(call.x[1].dtype, T, return countAs<T>(call, outer, n, inner))
}

void kernel_nonzero(Call& call) {
  const int64_t n = call.ints[0], count = call.ints[1], rank = call.ints[2];
  if (n < 0 || count < 0 || rank < 0 || rank > kMaxDims) return call.badSize(0);
  if (call.x[0].dtype != kInt64 || call.x[2].dtype != kInt64) return call.badDType(0);
  if (!call.need(0, count * rank) || !call.need(1, n) || !call.need(2, rank)) return;
  NG_TRUTHY_TYPES(call.x[1].dtype, T, return nonzeroAs<T>(call, n, count, static_cast<int>(rank)))
}

namespace {

template <class T>
void selectAs(Call& call, int64_t n, int64_t count) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  const uint8_t* mask = static_cast<const uint8_t*>(call.x[2].data);
  int64_t found = 0;
  for (int64_t i = 0; i < n && found < count; i++) {
    out[found] = x[i];
    found += mask[i] != 0;
  }
}

template <class T>
void maskedScatterAs(Call& call, int64_t n, int64_t count) {
  T* x = static_cast<T*>(call.x[0].data);
  const uint8_t* mask = static_cast<const uint8_t*>(call.x[1].data);
  const T* src = static_cast<const T*>(call.x[2].data);
  int64_t used = 0;
  for (int64_t i = 0; i < n && used < count; i++) {
    if (mask[i]) x[i] = src[used++];
  }
}

/** Keeps the elements of each row with first ≤ column < last, of which the rows' ends move by one a row. */
template <class T>
void triangleAs(Call& call, int64_t batch, int64_t rows, int64_t columns, int64_t diagonal, bool upper) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  parallelFor(call.pool, batch * rows, kLight / (columns + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; r++) {
      const int64_t edge = r % rows + diagonal + (upper ? 0 : 1);
      const int64_t cut = edge < 0 ? 0 : edge > columns ? columns : edge;
      T* to = out + r * columns;
      const T* from = x + r * columns;
      const int64_t first = upper ? cut : 0, last = upper ? columns : cut;
      if (to != from && last > first) memcpy(to + first, from + first, static_cast<size_t>(last - first) * sizeof(T));
      if (first > 0) memset(static_cast<void*>(to), 0, static_cast<size_t>(first) * sizeof(T));
      if (last < columns) memset(static_cast<void*>(to + last), 0, static_cast<size_t>(columns - last) * sizeof(T));
    }
  });
}

void triangle(Call& call, bool upper) {
  const int64_t batch = call.ints[0], rows = call.ints[1], columns = call.ints[2], diagonal = call.ints[3];
  if (batch < 0 || rows < 0 || columns < 0) return call.badSize(0);
  if (call.x[0].dtype != call.x[1].dtype) return call.badDType(1);
  const int64_t n = batch * rows * columns;
  if (!call.need(0, n) || !call.need(1, n) || n == 0) return;
  NG_SIZE_TYPES(call.x[0].dtype, T, return triangleAs<T>(call, batch, rows, columns, diagonal, upper))
}

bool checkMask(Call& call, int mask) {
  if (call.x[mask].dtype == kBool || call.x[mask].dtype == kUint8) return true;
  call.badDType(mask);
  return false;
}

}  // namespace

void kernel_maskedSelect(Call& call) {
  const int64_t n = call.ints[0], count = call.ints[1];
  if (n < 0 || count < 0) return call.badSize(0);
  if (call.x[0].dtype != call.x[1].dtype) return call.badDType(1);
  if (!checkMask(call, 2) || !call.need(0, count) || !call.need(1, n) || !call.need(2, n)) return;
  NG_SIZE_TYPES(call.x[0].dtype, T, return selectAs<T>(call, n, count))
}

void kernel_maskedScatter(Call& call) {
  const int64_t n = call.ints[0], count = call.ints[1];
  if (n < 0 || count < 0) return call.badSize(0);
  if (call.x[0].dtype != call.x[2].dtype) return call.badDType(2);
  if (!checkMask(call, 1) || !call.need(0, n) || !call.need(1, n) || !call.need(2, count)) return;
  NG_SIZE_TYPES(call.x[0].dtype, T, return maskedScatterAs<T>(call, n, count))
}

void kernel_tril(Call& call) { triangle(call, false); }
void kernel_triu(Call& call) { triangle(call, true); }

}  // namespace NG_ISA
}  // namespace ng
